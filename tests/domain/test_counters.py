"""Counts by an instrument: what it shows becomes cells per mL, and two ways to count a sample are compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.entries import Entry, problems
from labrecords.domain.evidence.serial import from_plain, to_plain
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.results import results
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.counted import KINDS_OF_COUNT, Counted
from labrecords.domain.steps.counters import (
    AS_IT_STANDS,
    CORRECTED_NRBC,
    DILUTED,
    WITH_NRBC,
    AnalyserCount,
    AutomatedCount,
)
from tests.support import story
from tests.support.clean import process_text
from tests.support.example_pen import BEGIN, Example
from tests.support.story import number_of

COUNTER = """[[step]]
key = "counter_after"
kind = "automated_count"
title = "Count with the counter"
instruction = "Load the cassette."
required = false

[[step]]
key = "analyser_after"
kind = "analyser_count"
title = "Measure in the analyser"
instruction = "Write down what it shows."
required = false

"""
MARK = '[[step]]\nkey = "handover_theatre"\n'


def played(**changes: Any) -> BatchRecord:
    """The story up to the count of the product, then the counter's."""
    example = Example(process_text=process_text((MARK, COUNTER + MARK)))
    for key in story.PARTS:
        example.wait(5)
        if key in story.NOT_DONE:
            example.leave_out(key, story.NOT_DONE[key])
        else:
            example.step(key)
            example.confirm_all(key)
        if key == story.LAST_STEP_BEFORE_RELEASE:
            break
    example.wait(5)
    example.step("counter_after", **changes)
    return example.record


RECORD = played()


def entry(key: str = "counter_after", record: BatchRecord = RECORD) -> Entry:
    found = record.current(key)
    assert found is not None
    return found


def counted(**changes: Any) -> AutomatedCount:
    found = entry()
    assert isinstance(found, AutomatedCount)
    return replace(found, **changes)


def analysed(**changes: Any) -> AnalyserCount:
    facts = story.facts_of_step(
        "analyser_after", now=BEGIN, patient="", identity="", people=dict.fromkeys(story.CAST, ""),
        equipment=dict.fromkeys((story.CENTRIFUGE, story.ROTOR, story.COUNTER), ""),
    )  # fmt: skip
    base = counted()
    return AnalyserCount(
        id="a", batch_id=base.batch_id, step_key="analyser_after", performed_by=base.performed_by,
        recorded_by=base.recorded_by, performed_at=base.performed_at, recorded_at=base.recorded_at,
        **facts | changes,
    )  # fmt: skip


def numbers(of: Entry, record: BatchRecord = RECORD) -> dict[str, Derived]:
    return {derived.key: derived for derived in of.derived(record)}


def test_a_number_of_the_diluted_sample_is_multiplied_and_one_with_the_dilution_in_it_is_not() -> None:
    assert counted().concentration_per_ml() == Decimal("89000000")
    assert counted(stands_for=AS_IT_STANDS).concentration_per_ml() == 8900000
    assert numbers(counted())["concentration_per_ml"].formula_id == "counter-reading/1"


@given(st.integers(1, 10**8), st.integers(1, 1000), st.integers(0, 5000))
def test_what_a_counter_shows_of_a_dilution_is_never_less_in_the_sample(
    shown: int, sample: int, more: int
) -> None:
    of = counted(shown_per_ml=Decimal(shown), sample_part=Decimal(sample), diluent_part=Decimal(more))
    assert of.concentration_per_ml() >= shown
    assert abs(of.concentration_per_ml() * sample - shown * (sample + more)) < Decimal("1e-20")


def test_white_cells_times_ten_to_the_nine_per_litre_are_a_million_per_ml() -> None:
    found = numbers(analysed())["concentration_per_ml"]
    assert (found.value, found.reported) == (Decimal("91200000"), "9.12 × 10⁷")
    assert found.label == f"Nucleated cells, {WITH_NRBC}"
    assert CORRECTED_NRBC in numbers(analysed(nrbc_policy=CORRECTED_NRBC))["concentration_per_ml"].label


def test_viability_rests_on_the_cells_where_the_counter_says_them() -> None:
    found = numbers(counted())["viability_percent"]
    assert (found.reported, found.label, found.formula_id) == ("93.1", "Viability, n = 2000", "viability/1")
    shown = numbers(counted(live=None, dead=None))["viability_percent"]
    assert (shown.reported, shown.formula_id, shown.low) == ("93.1", "viability-reading/1", None)
    assert counted(live=None, dead=None, shown_viability_percent=None).viability_percent() is None
    assert analysed().viability_percent() is None


def test_a_manual_and_an_automated_count_of_one_sample_are_compared() -> None:
    found = numbers(counted())["method_difference_percent"]
    step = number_of("count_after")
    assert (found.label, found.reported) == (f"Difference from the chamber count, step {step}", "3.2")
    assert [item.symbol for item in found.inputs] == ["A", "B"]
    assert "methods differ" not in {remark.rule for remark in counted().remarks(RECORD)}


def test_two_ways_of_counting_that_differ_are_found() -> None:
    record = played(shown_per_ml=Decimal(4000000))
    (found,) = (item for item in findings(record) if item.rule == "methods differ")
    assert found.severity is Severity.EXCEPTION
    assert "is above 20 %" in found.sentence


def test_another_sample_is_not_compared() -> None:
    assert "method_difference_percent" not in numbers(counted(sample_code="S-9"))


def test_a_wrong_sample_and_an_expired_cassette_are_stops() -> None:
    assert [stop.rule for stop in stops_of(RECORD, counted(sample_code="S-1"))] == ["identity"]
    expired = counted(cassette_expiry=date(2026, 1, 31))
    assert [stop.rule for stop in stops_of(RECORD, expired)] == ["expired lot"]
    assert stops_of(RECORD, counted()) == ()


def test_the_yield_may_rest_on_an_automated_count() -> None:
    text = process_text(
        (MARK, COUNTER + MARK), ('count_after = "count_after"', 'count_after = "counter_after"')
    )
    example = Example(process_text=text)
    for key in (
        "receipt",
        "sample_before",
        "count_before",
        "final_container",
        "sample_after",
        "counter_after",
    ):
        example.wait(5)
        example.step(key)
    found = results(example.record)
    assert found["tnc_after"].value == Decimal("89000000") * 8
    assert found["viability_percent"].reported == "93.1"


STEP = RECORD.process.step("counter_after")


def asked_back(kind: type[Entry], of: Entry, **changes: Any) -> dict[str, str]:
    values = {name: getattr(of, name) for name in type(of).__dataclass_fields__}
    return problems(kind, values | changes, replace(STEP, kind=kind.kind))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"sample_part": None, "diluent_part": None}, "sample_part"),
        ({"diluent_part": None}, "diluent_part"),
        ({"stands_for": AS_IT_STANDS, "diluent_part": None}, "diluent_part"),
        ({"sample_part": Decimal(0)}, "sample_part"),
        (
            {"shown_viability_percent": Decimal("100.1"), "live": None, "dead": None},
            "shown_viability_percent",
        ),
        ({"shown_viability_percent": Decimal("91.9")}, "shown_viability_percent"),
        ({"dead": None}, "dead"),
        ({"live": None}, "live"),
        ({"live": 0, "dead": 0, "shown_viability_percent": None}, "live"),
        ({"counter": None}, "counter"),
    ],
)
def test_what_a_counter_cannot_have_shown_is_asked_back(changes: dict[str, Any], name: str) -> None:
    assert asked_back(AutomatedCount, counted()) == {}
    assert set(asked_back(AutomatedCount, counted(), **changes)) == {name}


def test_a_haematocrit_above_100_percent_is_asked_back() -> None:
    assert asked_back(AnalyserCount, analysed()) == {}
    assert set(asked_back(AnalyserCount, analysed(), haematocrit_percent=Decimal(101))) == {
        "haematocrit_percent"
    }
    assert set(asked_back(AnalyserCount, analysed(), stands_for=DILUTED)) == {"sample_part"}


@pytest.mark.parametrize("of", [counted(), analysed()])
def test_a_count_by_an_instrument_is_read_back_as_it_was_written(of: Entry) -> None:
    assert from_plain(type(of), to_plain(of)) == of


def test_a_count_rests_on_the_cells_that_were_seen() -> None:
    assert (counted().cells_counted(), analysed().cells_counted()) == (2000, 0)


def test_every_kind_of_count_ends_the_samples_before_it() -> None:
    assert set(KINDS_OF_COUNT) == {kind.kind for kind in KINDS.values() if issubclass(kind, Counted)}
