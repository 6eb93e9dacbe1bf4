"""The balance step by step: what goes in comes out, is drawn, poured off or kept, and what does not is found."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.results.results import results
from labrecords.domain.results.step_balance import StepBalance, step_balances
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.counts import Square
from tests.support.clean import altered, clean
from tests.support.fat_record import digested, emulsified


def at(record: BatchRecord, key: str) -> StepBalance:
    return next(item for item in step_balances(record) if item.step.key == key)


def test_every_step_of_a_digestion_is_balanced() -> None:
    rows = step_balances(digested())
    assert [(row.step.key, row.before_ml, row.out_ml, row.difference_ml) for row in rows[2:9]] == [
        ("wash_fat", Decimal(300), Decimal(180), Decimal(8)),
        ("digest", Decimal(180), Decimal(392), Decimal(4)),
        ("pour_off", Decimal(392), Decimal(10), Decimal(3)),
        ("lyse", Decimal(10), Decimal(30), Decimal(0)),
        ("strain", Decimal(30), Decimal(29), Decimal(1)),
        ("wash_cells", Decimal(29), Decimal(5), Decimal(1)),
        ("take_up", Decimal(5), Decimal("8.0"), None),
    ]
    assert all(row.closed for row in (*rows, *step_balances(emulsified()), *step_balances(clean())))


def test_a_sample_leaves_the_balance() -> None:
    row = at(digested(), "sample_product")
    assert (row.in_ml, row.sample_ml, row.out_ml) == (Decimal("8.0"), Decimal("0.50"), Decimal("7.50"))


def test_cells_are_those_of_the_volume_that_was_there_when_they_were_counted() -> None:
    assert at(digested(), "count_product").cells == Decimal(4140000) * Decimal("7.50")


def test_what_was_not_stated_is_not_judged() -> None:
    row = at(digested(), "take_up")
    assert (row.waste_ml, row.difference_ml, row.closed) == (None, None, True)


@pytest.mark.req("GMP-103")
@pytest.mark.parametrize(
    ("key", "changes", "words"),
    [
        ("wash_fat", {"discarded_volume_ml": Decimal(600)}, "120 mL are unaccounted for"),
        ("wash_fat", {"discarded_volume_ml": Decimal(800)}, "80 mL more came out than went in"),
        ("lyse", {"volume_in_ml": Decimal(12)}, "12 mL went in, and the steps before had left 10 mL"),
    ],
)
def test_a_step_that_does_not_add_up_is_found(key: str, changes: dict[str, Decimal], words: str) -> None:
    found = [item for item in findings(altered(digested(), key, **changes)) if item.rule == "volume balance"]
    assert words in found[0].sentence
    assert (found[0].step_key, found[0].severity.name) == (key, "EXCEPTION")


def test_a_sample_larger_than_what_was_there_is_found_and_nothing_is_computed_from_it() -> None:
    drawn = altered(digested(), "sample_product", volume_ml=Decimal("8.36"))
    row, counted = at(drawn, "sample_product"), at(drawn, "count_product")
    assert (row.out_ml, row.left_ml, row.closed) == (Decimal("-0.36"), None, False)
    assert (counted.before_ml, counted.cells) == (None, None)
    words = [item.sentence for item in findings(drawn) if item.rule == "volume balance"]
    assert len(words) == 1
    assert words[0].endswith(": 0.36 mL more were taken than there were.")
    assert "viable_dose" in results(digested())
    assert "viable_dose" not in results(drawn)


def test_a_sample_before_the_process_larger_than_the_harvest_gives_no_recovery() -> None:
    drawn = altered(clean(), "sample_before", volume_ml=Decimal(200))
    gone = results(clean()).keys() - results(drawn).keys()
    assert {"tnc_before", "recovery_percent", "volume_reduction", "recovery_check_percent"} <= gone
    assert "more were taken than there were" in " ".join(item.sentence for item in findings(drawn))


def test_the_tolerance_belongs_to_the_balance() -> None:
    exactly = altered(digested(), "wash_fat", discarded_volume_ml=Decimal(675))
    beyond = altered(digested(), "wash_fat", discarded_volume_ml=Decimal("674.9"))
    assert (at(exactly, "wash_fat").difference_ml, at(exactly, "wash_fat").closed) == (Decimal(45), True)
    assert not at(beyond, "wash_fat").closed


@pytest.mark.req("GMP-192")
def test_a_recovery_beyond_counting_error_is_to_be_investigated() -> None:
    squares = tuple(Square(cells=count) for count in (188, 179, 193, 181, 190))
    found = findings(altered(clean("count_after"), "count_after", squares=squares))
    (finding,) = (item for item in found if item.rule == "investigate")
    assert (finding.severity.name, finding.step_key) == ("BLOCKING", "count_after")
    assert "reconciliation of the yield" in finding.way_out
    assert not [item for item in findings(clean("count_after")) if item.rule == "investigate"]


@pytest.mark.req("GMP-103")
def test_the_yield_is_stated_in_per_cent_of_the_expected() -> None:
    part = results(digested())["yield_percent"]
    assert (part.reported, part.unit, part.formula_id) == ("40.0", "%", "yield-percent/1")
    assert "yield_percent" not in results(emulsified())
