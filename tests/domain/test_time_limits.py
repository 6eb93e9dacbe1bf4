"""Time limits between steps: judged in UTC, ends included, and both ways where the record of the times is in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations import formulas
from labrecords.domain.calculations.adipose import minutes_between
from labrecords.domain.calculations.formulas import Example, Formula
from labrecords.domain.processes.process import TimeLimit
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.rules.time_limits import Interval, intervals, judge_interval, limit_words
from labrecords.domain.values import times
from labrecords.domain.values.limits import Outcome
from tests.support.clean import altered, clean, entry_of, played

START = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)


def limited(record: BatchRecord, *, most: str = "", least: str = "", end: str = "spin_1") -> BatchRecord:
    """The record with one limit from the receipt to the spin."""
    limit = TimeLimit(
        "receipt", end, "Receipt to spin", Decimal(most) if most else None, Decimal(least) if least else None
    )
    return replace(record, process=replace(record.process, time_limits=(limit,)))


def only(record: BatchRecord) -> Interval:
    (interval,) = intervals(record)
    return interval


def later(record: BatchRecord, key: str, minutes: float, **changes: Any) -> BatchRecord:
    """The record with the stated end of a step so many minutes after the end of the receipt."""
    at = entry_of(record, "receipt").performed_at + timedelta(minutes=minutes)
    changes.setdefault("recorded_at", at + timedelta(seconds=20))
    return altered(record, key, performed_at=at, **changes)


def of_limits(record: BatchRecord) -> list[Finding]:
    return [found for found in findings(record) if found.rule.startswith("time limit")]


@pytest.mark.req("GMP-111")
@pytest.mark.parametrize(
    ("seconds", "outcome"), [(3600, Outcome.PASS), (3602, Outcome.PASS), (3606, Outcome.FAIL)]
)
def test_a_limit_is_inclusive_60_0_min_pass_and_60_1_do_not(seconds: int, outcome: Outcome) -> None:
    limit = TimeLimit("a", "b", "Hold", Decimal(60))
    assert (
        judge_interval(limit, minutes_between(START, START + timedelta(seconds=seconds))).outcome is outcome
    )


@pytest.mark.req("GMP-111")
def test_the_published_intervals_are_15_and_42_min() -> None:
    assert minutes_between(START.replace(hour=10), START.replace(hour=10, minute=20)) == 15
    assert minutes_between(START.replace(hour=11, minute=10), START.replace(hour=11, minute=52)) == 42


@given(st.integers(0, 10**7), st.integers(0, 10_000))
def test_a_longer_interval_never_passes_where_a_shorter_one_fails(seconds: int, more: int) -> None:
    limit = TimeLimit("a", "b", "Hold", Decimal(600))
    short = judge_interval(limit, minutes_between(START, START + timedelta(seconds=seconds))).outcome
    long = judge_interval(limit, minutes_between(START, START + timedelta(seconds=seconds + more))).outcome
    assert not (short is Outcome.FAIL and long is Outcome.PASS)


@pytest.mark.req("GMP-111")
def test_a_limit_runs_from_the_end_of_its_first_step_until_its_last_one_ends() -> None:
    record = limited(played("sample_before").record, most="60", least="10")
    interval, end = only(record), entry_of(record, "receipt").performed_at
    assert interval.running
    assert (interval.began_at, interval.ended_at) == (end, None)
    assert (interval.earliest, interval.latest) == (end + timedelta(minutes=10), end + timedelta(minutes=60))
    assert not only(limited(played("handover_laboratory").record, most="60")).running


def test_the_end_of_a_limit_is_computed_over_the_change_of_the_clocks() -> None:
    before = datetime(
        2026, 3, 29, 0, 30, tzinfo=UTC
    )  # 01:30 in Warsaw, half an hour before the clocks change
    interval = Interval(TimeLimit("a", "b", "Hold", Decimal(240)), before, None)
    assert interval.latest == datetime(2026, 3, 29, 4, 30, tzinfo=UTC)


@pytest.mark.req("GMP-111")
def test_a_step_that_ends_after_its_limit_is_stopped_and_blocks_when_it_has_happened() -> None:
    record = limited(later(clean(), "spin_1", 90), most="60")
    (stop,) = [stop for stop in stops_of(record, entry_of(record, "spin_1")) if stop.rule == "time limit"]
    assert stop.sentence == "Receipt to spin: 90.0 min is above 60 min, the highest value."
    (finding,) = of_limits(record)
    assert (finding.severity, finding.step_key) == (Severity.BLOCKING, "spin_1")
    assert only(record).judgement.outcome is Outcome.FAIL  # type: ignore[union-attr]


@pytest.mark.req("GMP-111")
def test_a_step_that_ends_too_early_is_told_how_long_to_wait() -> None:
    record = limited(clean(), least="30")
    (stop,) = stops_of(record, entry_of(record, "spin_1"))
    assert (stop.rule, "below 30 min" in stop.sentence) == ("time limit", True)
    assert stop.way_out.startswith("Wait until 2026-11-23 ")
    assert stop.way_out.endswith("+01:00.")


def test_within_its_limit_a_step_is_not_stopped() -> None:
    record = limited(clean(), most="60", least="5")
    assert stops_of(record, entry_of(record, "spin_1")) == ()
    assert of_limits(record) == []
    assert only(record).judgement.outcome is Outcome.PASS  # type: ignore[union-attr]


@pytest.mark.req("GMP-111")
def test_a_back_dated_entry_does_not_open_a_passed_limit_again_silently() -> None:
    end = entry_of(clean(), "receipt").performed_at
    record = limited(later(clean(), "spin_1", 55, recorded_at=end + timedelta(minutes=90)), most="60")
    (finding,) = of_limits(record)
    assert (finding.rule, finding.severity) == ("time limit in doubt", Severity.EXCEPTION)
    assert "By the stated times: 55.0 min is within the limit: at most 60 min." in finding.sentence
    assert "By the time of recording and what was stated first: 90.0 min is above 60 min" in finding.sentence


def test_a_first_step_said_to_have_ended_long_before_it_was_recorded_does_not_fill_a_minimum_silently() -> (
    None
):
    record = limited(clean(), least="5")
    spun = entry_of(record, "spin_1").performed_at
    late = altered(record, "receipt", recorded_at=spun - timedelta(minutes=1))
    assert [found.rule for found in of_limits(late)] == ["time limit in doubt"]


def test_a_corrected_start_does_not_open_a_passed_limit_again_silently() -> None:
    example = played("spin_1")
    stated = entry_of(example.record, "receipt").performed_at
    example.correct(
        "receipt", "The clock of the cabinet was read.", performed_at=stated + timedelta(minutes=9)
    )
    record = limited(example.record, most="20")
    record = later(record, "spin_1", 12)
    assert only(record).judgement.outcome is Outcome.PASS  # type: ignore[union-attr]
    assert [found.rule for found in of_limits(record)] == ["time limit in doubt"]


def test_a_limit_whose_step_was_not_done_is_not_judged() -> None:
    interval = only(limited(clean(), most="1", end="spin_2"))
    assert (interval.running, interval.judgement) == (False, None)
    assert interval.not_done == "Spin the plasma and buffy coat again"


@pytest.mark.parametrize(
    ("most", "least", "words"),
    [
        (Decimal(60), None, "at most 60 min"),
        (None, Decimal("0.5"), "at least 0.5 min"),
        (Decimal(60), Decimal(30), "30 to 60 min"),
        (None, None, "no limit"),
    ],
)
def test_a_limit_in_words(most: Decimal | None, least: Decimal | None, words: str) -> None:
    assert limit_words(TimeLimit("a", "b", "Hold", most, least)) == words


def test_what_an_interval_took_is_a_number_of_the_ledger_with_its_inputs() -> None:
    record = limited(later(clean(), "spin_1", 10), most="60", least="10")
    end = entry_of(record, "receipt").performed_at
    found = only(record).derived
    assert found is not None
    assert (found.reported, found.unit, found.formula_id, found.formula) == (
        "10.0",
        "min",
        "minutes/1",
        "t = t2 − t1",
    )
    assert [item.symbol for item in found.inputs] == ["t1", "t2"]
    assert found.inputs[0].value == times.show(end, ZoneInfo(record.laboratory.zone))


def test_an_interval_is_judged_by_the_version_of_the_formula_that_its_batch_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = limited(later(clean(), "spin_1", 70), most="60", least="10")
    half = Formula(
        "minutes", 2, "t = (t2 − t1) / 2", lambda start, end: minutes_between(start, end) / 2,
        Example((START, START + timedelta(minutes=2)), Decimal(1)), edition=2,
    )  # fmt: skip
    ledger = sorted((*formulas.LEDGER, half), key=lambda item: (item.name, item.version))
    monkeypatch.setattr(formulas, "LEDGER", tuple(ledger))
    new = replace(old, batch=replace(old.batch, formulas=2))
    outcomes = [(only(one).derived, only(one).judgement) for one in (old, new)]
    assert [(a.formula_id, b.outcome) for a, b in outcomes if a and b] == [
        ("minutes/1", Outcome.FAIL),
        ("minutes/2", Outcome.PASS),
    ]
