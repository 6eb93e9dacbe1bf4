"""What a batch is connected with: everything that its record names, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from labrecords.domain.custody.traces import (
    CONTAINER,
    DAY,
    EQUIPMENT,
    INJECTED_BY,
    LOT,
    PATIENT,
    PERSON,
    PLACE,
    key_as_typed,
    traces_of,
)
from labrecords.domain.entries import CORRECTED, REPEATED, REPORTED
from labrecords.domain.record import BatchRecord
from tests.support.clean import altered, clean, entry_of, person_id

RECORD = clean("residual")


def keys(record: BatchRecord, subject: str) -> set[str]:
    return {trace.key for trace in traces_of(record) if trace.subject == subject}


@pytest.mark.req("HCT-290")
def test_a_batch_is_connected_with_all_that_its_record_names() -> None:
    assert keys(RECORD, CONTAINER) == {"BAG7", "SYR7", "S1", "S2"}
    assert keys(RECORD, EQUIPMENT) >= {"CF01", "RT01"}
    assert "AC778" in keys(RECORD, LOT)
    assert keys(RECORD, PLACE) >= {"theatre 2", "laboratory"}
    assert keys(RECORD, PERSON) == {person_id(RECORD, name) for name in ("paula", "tess", "vic", "quentin")}
    assert keys(RECORD, INJECTED_BY) == {person_id(RECORD, "paula")}
    foreign = altered(RECORD, "injection", container_code="SYR-99")
    assert "SYR99" in keys(foreign, CONTAINER)
    assert keys(RECORD, PATIENT) == {"P2048"}
    assert keys(RECORD, DAY) == {RECORD.day_of(RECORD.entries[0].performed_at).isoformat()}


def test_each_is_told_once_with_the_time_when_it_was_first_named() -> None:
    found = [(trace.subject, trace.key) for trace in traces_of(RECORD)]
    assert len(found) == len(set(found))
    bag = next(trace for trace in traces_of(RECORD) if trace.key == "BAG7")
    assert (bag.words, bag.at) == ("BAG-7", entry_of(RECORD, "harvest").performed_at)


@pytest.mark.parametrize(
    ("follows_as", "counts"), [(CORRECTED, False), (None, False), (REPEATED, True), (REPORTED, True)]
)
def test_what_was_corrected_away_was_never_there_and_what_was_repeated_was(
    follows_as: str | None, counts: bool
) -> None:
    old = entry_of(RECORD, "sample_after")
    later = old.recorded_at + timedelta(minutes=1)
    new = replace(
        old, id="f" * 32, replaces_id=old.id, follows_as=follows_as, recorded_at=later, sample_code="S-9"
    )  # type: ignore[call-arg]
    record = replace(RECORD, entries=(*RECORD.entries, new))
    assert "S9" in keys(record, CONTAINER)
    assert ("S2" in keys(record, CONTAINER)) is counts


def test_a_key_is_found_however_it_is_typed() -> None:
    assert key_as_typed(LOT, "ac-778") in keys(RECORD, LOT)
    assert key_as_typed(CONTAINER, " bag 7") in keys(RECORD, CONTAINER)
    assert key_as_typed(PLACE, "THEATRE 2") in keys(RECORD, PLACE)
    assert key_as_typed(EQUIPMENT, "cf-01") in keys(RECORD, EQUIPMENT)
