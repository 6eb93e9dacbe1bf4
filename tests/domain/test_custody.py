"""The chain of custody: who held the material, and every place where the chain does not hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from labrecords.domain.custody.batch_chain import breaks, handovers, segments
from labrecords.domain.custody.holders import CustodyBreak
from labrecords.domain.record import BatchRecord
from tests.support.clean import LAST, altered, clean, entry_of, person_id, without

RECORD = clean(LAST)
FIRST, SECOND = "handover_laboratory", "handover_theatre"


def moved(key: str = FIRST, **changes: Any) -> BatchRecord:
    return altered(RECORD, key, **changes)


def only(found: tuple[CustodyBreak, ...]) -> CustodyBreak:
    assert len(found) == 1, found
    return found[0]


def test_a_time_typed_to_the_minute_makes_no_stretch_of_negative_length() -> None:
    harvested = entry_of(RECORD, "harvest").performed_at.replace(second=17)
    record = altered(RECORD, "harvest", performed_at=harvested)
    record = altered(record, FIRST, given_at=harvested.replace(second=0))
    assert [item.rule for item in breaks(record)] == ["gap"]
    assert all(item.end is None or item.end >= item.start for item in segments(record))


def test_before_the_harvest_nobody_holds_anything() -> None:
    record = clean("identity_harvest")
    assert (segments(record), breaks(record)) == ((), ())


@pytest.mark.req("HCT-290")
def test_the_holders_follow_each_other_from_the_harvest_to_the_injection() -> None:
    found = segments(RECORD)
    assert [(part.holder, part.place, part.container) for part in found] == [
        ("Paula Pereira", "Theatre 2", "BAG-7"),
        ("Tess Tamm", "Laboratory", "BAG-7"),
        ("Tess Tamm", "Laboratory", "SYR-7"),
        ("Paula Pereira", "Theatre 2", "SYR-7"),
    ]
    assert found[0].start == entry_of(RECORD, "harvest").performed_at
    assert found[-1].end == entry_of(RECORD, "injection").performed_at
    assert not any(part.gap for part in found)
    assert breaks(RECORD) == ()


def test_seal_and_temperature_stand_beside_the_holder_who_received_them() -> None:
    found = segments(RECORD)
    assert [(part.seal, str(part.temperature_c)) for part in found] == [
        ("41880", "None"),
        ("41880, whole", "21.0"),
        ("", "None"),
        ("41880, whole", "20.5"),
    ]
    broken = segments(moved(seal_whole=False, seal_number=None))
    assert broken[1].seal == "broken"


def test_who_holds_it_now_has_no_end_yet() -> None:
    found = segments(clean("receipt"))
    assert (found[-1].holder, found[-1].end) == ("Tess Tamm", None)


def test_giving_and_receiving_within_the_tolerance_is_one_act() -> None:
    received = entry_of(RECORD, FIRST).performed_at
    record = moved(given_at=received - timedelta(minutes=2))
    assert breaks(record) == ()
    assert len(segments(record)) == 4


@pytest.mark.req("HCT-290")
def test_a_gap_is_a_break_and_a_stretch_that_nobody_held() -> None:
    received = entry_of(RECORD, FIRST).performed_at
    given = received - timedelta(minutes=2, seconds=1)
    record = moved(given_at=given)
    broken = only(breaks(record))
    assert (broken.rule, broken.step_key, broken.start, broken.end) == ("gap", FIRST, given, received)
    assert broken.sentence == "Nobody held the material for 2 min."
    gap = segments(record)[1]
    assert (gap.gap, gap.holder, gap.place) == (True, "nobody", "between Theatre 2 and Laboratory")
    assert (gap.start, gap.end) == (given, received)


def test_giving_what_another_held_is_a_break() -> None:
    broken = only(breaks(moved(SECOND, giver=person_id(RECORD, "vic"))))
    assert (broken.rule, broken.step_key) == ("holder", SECOND)
    assert broken.sentence == "Vic Vermeer gave what Tess Tamm held."


def test_giving_before_one_had_it_is_a_break() -> None:
    harvested = entry_of(RECORD, "harvest").performed_at
    given = harvested - timedelta(seconds=1)
    found = breaks(moved(given_at=given))
    overlap = next(broken for broken in found if broken.rule == "overlap")
    assert overlap.sentence == "It was given before its giver had it."
    assert (overlap.start, overlap.end) == (given, harvested)


def test_a_broken_seal_is_a_break() -> None:
    broken = only(breaks(moved(seal_whole=False)))
    assert (broken.rule, broken.sentence) == ("seal", "Seal or container was broken at receipt.")


def test_injecting_what_another_held_is_a_break() -> None:
    broken = only(breaks(moved("injection", performed_by=person_id(RECORD, "vic"))))
    assert (broken.rule, broken.step_key) == ("holder", "injection")
    assert broken.sentence == "Vic Vermeer injected what Paula Pereira held."


def test_a_missing_handover_shows_as_an_injection_by_who_did_not_hold_it() -> None:
    broken = only(breaks(without(RECORD, SECOND)))
    assert broken.sentence == "Paula Pereira injected what Tess Tamm held."


def test_handovers_count_in_the_order_of_time() -> None:
    first, second = entry_of(RECORD, FIRST), entry_of(RECORD, SECOND)
    assert handovers(RECORD) == (first, second)
    swapped = moved(performed_at=second.performed_at + timedelta(minutes=1))
    assert [handover.step_key for handover in handovers(swapped)] == [SECOND, FIRST]
