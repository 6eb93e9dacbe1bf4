"""Many steps recorded in one go, each with another time, are found; work at its own pace is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import findings
from tests.support.clean import clean, person_id
from tests.support.story import number_of

RECORD = clean()
BY_TESS = [
    "handover_laboratory", "receipt", "sample_before", "count_before", "spin_1", "resuspension", "sample_after",
]  # fmt: skip


def recorded(*keys: str, seconds: float, one_time: bool = False, by: str = "tess") -> BatchRecord:
    """The record, had these steps been recorded one after another, so many seconds apart."""
    begin = next(entry.recorded_at for entry in RECORD.entries if entry.step_key == keys[-1])
    entries = []
    for entry in RECORD.entries:
        if entry.step_key in keys:
            at = begin + timedelta(seconds=seconds * keys.index(entry.step_key))
            stated = begin if one_time else entry.performed_at
            entry = replace(entry, recorded_at=at, performed_at=stated, recorded_by=person_id(RECORD, by))
        entries.append(entry)
    return replace(RECORD, entries=tuple(entries))


def bursts(record: BatchRecord) -> list[Finding]:
    return [found for found in findings(record) if found.rule == "recorded in a burst"]


def test_steps_recorded_as_they_were_done_are_no_burst() -> None:
    assert bursts(RECORD) == []


@pytest.mark.req("GMP-100b")
def test_four_steps_recorded_within_a_minute_with_four_stated_times_are_found() -> None:
    (finding,) = bursts(recorded(*BY_TESS[:4], seconds=20))
    assert finding.severity is Severity.EXCEPTION
    assert finding.sentence == (
        "Tess Tamm recorded 4 steps within 60 s, each with another stated time: "
        f"steps {', '.join(str(number_of(key)) for key in BY_TESS[:4])}."
    )


def test_a_long_burst_is_found_once() -> None:
    (finding,) = bursts(recorded(*BY_TESS, seconds=5))
    assert "recorded 7 steps within 30 s" in finding.sentence


@pytest.mark.parametrize(
    "record",
    [
        recorded(*BY_TESS[:3], seconds=1),
        recorded(*BY_TESS[:4], seconds=21),
        recorded(*BY_TESS[:4], seconds=1, one_time=True),
    ],
    ids=["three steps", "more than a minute", "one and the same time"],
)
def test_less_is_no_burst(record: BatchRecord) -> None:
    assert bursts(record) == []


def test_two_people_who_record_at_the_same_time_are_no_burst() -> None:
    record = recorded(*BY_TESS[:4], seconds=1)
    half = [entry.id for entry in record.entries if entry.step_key in BY_TESS[:2]]
    entries = tuple(
        replace(entry, recorded_by=person_id(record, "vic")) if entry.id in half else entry
        for entry in record.entries
    )
    assert bursts(replace(record, entries=entries)) == []
