"""What a batch is connected with: everything that its record names, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.custody.recalls import Recall, Recalled, concerning, recalled_things
from labrecords.domain.custody.traces import (
    CONTAINER,
    DAY,
    EQUIPMENT,
    IN_HAND,
    INJECTED_BY,
    LOT,
    PATIENT,
    PERSON,
    PLACE,
    key_as_typed,
    namings,
    traces_of,
)
from labrecords.domain.entries import CORRECTED, REPEATED, REPORTED
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.places import place_key
from tests.support.clean import acted, altered, clean, entry_of, person_id

RECORD = clean("residual")
ONE_DAY = timedelta(days=1)


def recalled(subject: str, key: str, since: date | None = None, until: date | None = None) -> Recalled:
    line = Recall(
        id="r", subject=subject, key=key, words=key, since=since, until=until, reason="It leaks.", person_id="p",
        by_name="Quentin", signature_id="s", recalled_at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return Recalled(line)


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


@pytest.mark.parametrize("code", ["BAG8", "BAG9"])
def test_a_container_that_was_labelled_over_is_found_and_recalled_by_either_code(code: str) -> None:
    record = acted("label_over-11")
    over = entry_of(record, "label_over-11")
    day = record.day_of(over.performed_at)
    assert code in keys(record, CONTAINER)
    assert concerning(record, (recalled(CONTAINER, code, since=day + ONE_DAY),))
    assert concerning(record, (recalled(CONTAINER, code, until=day),))
    assert not concerning(record, (recalled(CONTAINER, code, until=day - ONE_DAY),))
    drawn = replace(
        entry_of(record, "division-4"),
        id="f" * 32,
        step_key="division-12",
        source_container_code="BAG-9",
        performed_at=over.performed_at + timedelta(minutes=5),
    )  # type: ignore[call-arg]
    after = replace(record, entries=(*record.entries, drawn), recalls=(recalled(CONTAINER, code),))
    assert [stop.sentence for stop in recalled_things(after, drawn)] == [f"{code} is recalled: It leaks."]
    other = replace(after, recalls=(recalled(CONTAINER, "BAG7"),))
    assert recalled_things(other, drawn) == ()


@pytest.mark.parametrize(("key", "fact"), [("handover_laboratory", "given_at"), ("harvest", "started_at")])
def test_what_was_begun_the_day_before_falls_under_a_recall_of_that_day(key: str, fact: str) -> None:
    act = entry_of(RECORD, key)
    day = RECORD.day_of(act.performed_at)
    before, person = day - ONE_DAY, act.performed_by
    of_day, of_person = recalled(DAY, before.isoformat()), recalled(PERSON, person, until=before)
    assert not concerning(RECORD, (of_day, of_person))
    record = altered(RECORD, key, **{fact: act.performed_at - ONE_DAY})
    assert concerning(record, (of_day, of_person)) == (of_day, of_person)
    assert keys(record, DAY) == {before.isoformat(), day.isoformat()}
    assert not concerning(record, (recalled(PERSON, person, until=before - ONE_DAY),))


def test_who_merely_held_it_where_and_through_which_days_is_connected_too() -> None:
    """It lies with Tess for two days without an act: she, the place and the day between are named."""
    record = clean("receipt")
    last = entry_of(record, "receipt")
    later = replace(
        entry_of(acted("storage-1"), "storage-1"), performed_at=last.performed_at + timedelta(days=2)
    )
    record = replace(record, entries=(*record.entries, later))
    between = (record.day_of(last.performed_at) + timedelta(days=1)).isoformat()
    named = {(trace.subject, trace.key) for trace in traces_of(record)}
    assert (DAY, between) in named
    held = [stay for stay in namings(record) if stay.trace.subject == PERSON and stay.until is not None]
    assert any(record.day_of(stay.since).isoformat() < between for stay in held)
    (lasting,) = [trace for trace in traces_of(record) if trace.subject == IN_HAND]
    assert lasting.key == record.day_of(later.performed_at).isoformat(), (
        "the days before are named one by one"
    )


def test_a_recall_of_a_day_a_person_or_a_place_sees_who_held_it_through_that_day() -> None:
    record = clean("receipt")
    last = record.day_of(entry_of(record, "receipt").performed_at)
    after = last + timedelta(days=3)
    holder = segments(record)[-1]

    def falls(subject: str, key: str, since: date | None = None) -> bool:
        return bool(concerning(record, (recalled(subject, key, since, since),)))

    assert falls(DAY, after.isoformat()), "nothing has ended it: it is in hand on that day too"
    assert not falls(DAY, "2020-01-01")
    assert not falls(DAY, "tomorrow")
    assert falls(PERSON, holder.holder_id, after)
    assert falls(PLACE, place_key(holder.place), after)
    assert not falls(PERSON, "somebody else", after)
