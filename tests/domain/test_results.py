"""Results across the steps of a batch: the worked examples of domain 3.4 to 3.6 through real entries."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.record import BatchRecord, NotDone
from labrecords.domain.results.results import basis, judged_results, judged_values, results
from labrecords.domain.steps.counts import Square
from labrecords.domain.values.limits import Outcome, round_half_up
from tests.support.clean import REVIEWED, altered, clean, entry_of, without

RECORD = clean(REVIEWED)
SAMPLE = Decimal("0.50")


def batch(before: tuple[int, str], after: tuple[int, str], *, live: int = 186, dead: int = 14) -> BatchRecord:
    """A record with these concentrations, in million cells per mL, and volumes, in mL, to be processed and made."""
    # 10 parts and 190 are a dilution of 20: five million cells are 25 in a square of 0.0001 mL.
    record = altered(RECORD, "count_before", squares=(Square(cells=before[0] * 5),) * 4)
    record = altered(record, "receipt", volume_ml=Decimal(before[1]) + SAMPLE)
    # 10 parts and 990 are a dilution of 100: one million cells is one in a square of 0.0001 mL.
    record = altered(record, "count_after", squares=(Square(cells=after[0]),) * 4, live=live, dead=dead)
    return altered(record, "final_container", volume_ml=Decimal(after[1]))


def rounded(record: BatchRecord, key: str, decimals: int) -> str:
    return str(round_half_up(results(record)[key].value, decimals))


def outcome(record: BatchRecord, key: str) -> Outcome:
    return next(result.judgement.outcome for result in judged_results(record) if result.spec.key == key)


@pytest.mark.req("GMP-103")
@pytest.mark.parametrize(
    ("before", "after", "cells", "percent", "factor", "reduction"),
    [
        ((21, "60"), (120, "7"), ("1.26 × 10⁹", "8.40 × 10⁸"), "66.7", "5.714", "8.571"),
        ((18, "120"), (95, "10"), ("2.16 × 10⁹", "9.50 × 10⁸"), "44.0", "5.278", "12.000"),
        ((21, "60"), (210, "7"), ("1.26 × 10⁹", "1.47 × 10⁹"), "116.7", "10.000", "8.571"),
    ],
)
def test_yield_recovery_concentration_and_reduction_follow_from_counts_and_volumes(
    before: tuple[int, str],
    after: tuple[int, str],
    cells: tuple[str, str],
    percent: str,
    factor: str,
    reduction: str,
) -> None:
    record = batch(before, after)
    found = results(record)
    assert (found["tnc_before"].reported, found["tnc_after"].reported) == cells
    assert found["recovery_percent"].reported == percent
    assert rounded(record, "concentration_factor", 3) == factor
    assert rounded(record, "volume_reduction", 3) == reduction


@pytest.mark.parametrize(("before", "after"), [((21, "60"), (120, "7")), ((18, "120"), (95, "10"))])
def test_recovery_by_the_other_way_is_the_same(before: tuple[int, str], after: tuple[int, str]) -> None:
    record = batch(before, after)
    assert rounded(record, "recovery_check_percent", 10) == rounded(record, "recovery_percent", 10)


@pytest.mark.req("GMP-103", "GMP-192")
def test_a_recovery_beyond_counting_error_fails() -> None:
    assert outcome(batch((21, "60"), (210, "7")), "recovery_percent") is Outcome.FAIL
    assert outcome(batch((21, "60"), (120, "7")), "recovery_percent") is Outcome.PASS


def test_the_viable_dose_is_that_of_the_volume_left_for_injection() -> None:
    record = batch((21, "60"), (121, "2.5"), live=190, dead=10)
    dose = results(record)["viable_dose"]
    assert (dose.value, dose.reported) == (Decimal("229900000"), "2.30 × 10⁸")
    assert [(part.symbol, part.value) for part in dose.inputs] == [
        ("C1", "1.21 × 10⁸"),
        ("V%", "95.0"),
        ("V", "2.00"),
    ]


def test_the_dose_names_its_population_and_no_stem_cells() -> None:
    label = results(RECORD)["viable_dose"].label
    assert label == "Viable dose of the product, viable nucleated cells"
    assert all("stem" not in derived.label.lower() for derived in results(RECORD).values())


def test_samples_are_subtracted_before_processing_and_belong_to_what_came_out() -> None:
    at = basis(RECORD)
    assert (at.volume_before, at.volume_after, at.volume_left) == (
        Decimal("59.50"),
        Decimal("8.0"),
        Decimal("7.50"),
    )


def test_a_sample_that_was_not_drawn_took_nothing() -> None:
    record = without(RECORD, "sample_before")
    assert basis(record).volume_before is None
    now, who = record.batch.opened_at, record.batch.opened_by
    said = NotDone("n1", record.batch.id, "sample_before", "Counted from the bag.", who, now)
    assert basis(replace(record, not_done=(*record.not_done, said))).volume_before == Decimal("60.0")


@pytest.mark.req("GMP-165")
@pytest.mark.parametrize(
    ("live", "dead", "expected"),
    [
        (190, 10, Outcome.PASS),
        (160, 40, Outcome.PASS),
        (158, 42, Outcome.ALERT),
        (139, 61, Outcome.ALERT),
        (69, 31, Outcome.FAIL),
    ],
)
def test_viability_is_judged_as_rounded(live: int, dead: int, expected: Outcome) -> None:
    # 69.5 % is 70 % by the rule that is printed beside it; 69 % fails although its interval spans 70 %.
    record = altered(RECORD, "count_after", live=live, dead=dead)
    assert outcome(record, "viability_percent") is expected
    judged = next(result for result in judged_results(record) if result.spec.key == "viability_percent")
    assert judged.judgement.rule == (
        "rounded half-up to 0 decimals, then compared with 70 to 100 % and alert limit at least 80 %"
    )


MISSING: list[tuple[str, set[str]]] = [
    ("count_before", {
        "tnc_before", "recovery_percent", "concentration_factor", "recovery_check_percent",
    }),
    ("receipt", {
        "tnc_before", "recovery_percent", "concentration_factor", "volume_reduction", "recovery_check_percent",
    }),
    ("final_container", {
        "tnc_after", "recovery_percent", "concentration_factor", "volume_reduction", "recovery_check_percent",
        "viable_dose",
    }),
    ("count_after", {
        "tnc_after", "concentration_per_ml", "viability_percent", "recovery_percent", "concentration_factor",
        "recovery_check_percent", "viable_dose",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("key", "lost"), MISSING, ids=[case[0] for case in MISSING])
def test_what_was_not_recorded_gives_no_result(key: str, lost: set[str]) -> None:
    assert set(results(RECORD)) - set(results(without(RECORD, key))) == lost


@pytest.mark.req("GMP-165")
def test_a_result_that_cannot_be_computed_is_not_done_and_never_a_pass() -> None:
    record = without(RECORD, "count_after")
    assert {result.judgement.outcome for result in judged_results(record)} == {Outcome.NOT_DONE}
    assert all(result.derived is None for result in judged_results(record))


def test_a_viability_that_was_not_counted_gives_no_dose() -> None:
    record = altered(RECORD, "count_after", live=None, dead=None, dye=None)
    assert {"viability_percent", "viable_dose"}.isdisjoint(results(record))


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("count_before", {"squares": (Square(cells=0),)}),
        ("receipt", {"volume_ml": SAMPLE}),
    ],
)
def test_nothing_to_begin_with_gives_no_recovery_and_no_error(key: str, change: dict[str, Any]) -> None:
    assert "recovery_percent" not in results(altered(RECORD, key, **change))


def test_without_a_cell_in_the_product_there_is_no_dose_and_it_fails() -> None:
    record = altered(RECORD, "count_after", squares=(Square(cells=0),) * 4)
    assert results(record)["viable_dose"].value == 0
    assert outcome(record, "viable_dose") is Outcome.FAIL


def test_every_result_shows_formula_version_inputs_and_rounding() -> None:
    for derived in results(RECORD).values():
        assert derived.formula
        assert derived.formula_id.endswith("/1")
        assert derived.rounding
        assert all(part.value and part.source for part in derived.inputs)


def test_a_correction_changes_the_results_that_follow_from_it() -> None:
    more = altered(RECORD, "final_container", volume_ml=Decimal("16.0"))
    assert results(more)["tnc_after"].value == results(RECORD)["tnc_after"].value * 2


def test_entered_and_computed_values_of_a_step_stand_beside_their_limits() -> None:
    found = {value.name: value for value in judged_values(RECORD, entry_of(RECORD, "spin_1"))}
    assert set(found) == {"speed_rpm", "rcf_g", "duration_min", "temperature_c"}
    assert found["rcf_g"].value == "1108"
    assert found["temperature_c"].judgement.outcome is Outcome.PASS


def test_a_value_that_was_not_given_and_one_without_a_limit_are_not_judged() -> None:
    record = altered(RECORD, "handover_laboratory", temperature_c=None)
    assert judged_values(record, entry_of(record, "handover_laboratory")) == ()
    assert judged_values(RECORD, entry_of(RECORD, "order")) == ()
