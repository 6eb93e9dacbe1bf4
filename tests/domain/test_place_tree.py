"""Places in places: what holds for a place, what would stand in itself, and a product in a place of another class."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.custody.excursions import Range
from labrecords.domain.custody.exposure import exposures
from labrecords.domain.custody.traces import STORED, traces_of
from labrecords.domain.record import Equipment
from labrecords.domain.registers.place_tree import levels, range_kept, stands_in_itself, takes
from labrecords.domain.rules.temperature_findings import temperature_findings
from tests.support.clean import acted, altered, entry_of

DAY = datetime(2026, 11, 1, 8, tzinfo=UTC)


def place(code: str, category: str, inside: str = "", name: str = "", **more: Any) -> Equipment:
    return Equipment(
        id=f"{code}-{more.get('registered_at', DAY):%j}", code=code, category=category, model=name or code,
        r_max_cm=None, r_av_cm=None, max_speed_rpm=None, next_check=None, in_service=True,
        **{"registered_at": DAY, "place": inside, **more},
    )  # fmt: skip


ROOM = place("CR-1", "clean room", name="Laboratory")
FRIDGE = place("FR-1", "fridge", "Laboratory", low_c="2", high_c="8")
SHELF = place("SH-1", "shelf", "FR-1")
SLOT = place("SH-1-A", "position", "sh-1")
HOUSE = (SLOT, SHELF, FRIDGE, ROOM)


def test_places_stand_below_the_one_in_which_they_are() -> None:
    assert [(deep, item.code) for deep, item in levels(HOUSE)] == [
        (0, "CR-1"),
        (1, "FR-1"),
        (2, "SH-1"),
        (3, "SH-1-A"),
    ]


def test_a_place_keeps_at_what_the_nearest_place_around_it_states_as_it_was_registered_then() -> None:
    assert range_kept(HOUSE, "SH-1-A", DAY) == Range(Decimal(2), Decimal(8))
    assert range_kept(HOUSE, "Laboratory", DAY) is None
    later = replace(FRIDGE, id="later", low_c="15", high_c="25", registered_at=DAY + timedelta(days=3))
    assert range_kept((*HOUSE, later), "SH-1", DAY + timedelta(days=1)) == Range(Decimal(2), Decimal(8))
    assert range_kept((*HOUSE, later), "SH-1", DAY + timedelta(days=4)) == Range(Decimal(15), Decimal(25))


def test_a_place_never_stands_in_itself_not_even_by_way_of_others() -> None:
    assert stands_in_itself(HOUSE, replace(ROOM, place="SH-1-A"))
    assert stands_in_itself(HOUSE, replace(ROOM, place="laboratory"))
    assert not stands_in_itself(HOUSE, replace(SLOT, place="FR-1"))
    assert not stands_in_itself(HOUSE, replace(SLOT, place=""))
    assert not stands_in_itself(HOUSE, replace(SLOT, place="A cellar that nobody registered"))


def test_a_position_takes_one_and_another_place_what_is_stated() -> None:
    assert takes(SLOT) == 1
    assert takes(replace(SLOT, capacity=2)) == 2
    assert takes(SHELF) is None


def test_a_cold_product_in_a_warm_place_is_told_and_its_time_there_counts() -> None:
    record = acted("storage-2")
    taken = entry_of(record, "storage-1").performed_at + timedelta(minutes=50)
    record = altered(record, "storage-2", performed_at=taken)
    for key in ("handover_laboratory", "receipt"):  # what people measured before is in range
        record = altered(record, key, temperature_c=Decimal(5))
    cold = replace(record.process, temperature_min_c=Decimal(2), temperature_max_c=Decimal(8))
    for low, high, found in (("2", "8", []), ("15", "25", ["place temperature", "time out of range"])):
        fridge = place("Fridge 2", "fridge", low_c=low, high_c=high)
        judged = replace(record, process=cold, equipment=(*record.equipment, fridge))
        assert [item.rule for item in temperature_findings(judged)] == found
    assert exposures(judged)[0].lasted == timedelta(minutes=50)
    assert (
        "which is kept at 15 to 25 °C; the product is kept at 2 to 8 °C"
        in temperature_findings(judged)[0].sentence
    )


def test_what_lies_in_a_place_is_known_until_it_is_taken_out() -> None:
    (kept,) = [trace for trace in traces_of(acted("storage-1")) if trace.subject == STORED]
    assert (kept.key, kept.words) == ("fridge 2\nBAG7", "BAG-7 in Fridge 2, shelf 1")
    assert [trace for trace in traces_of(acted("storage-2")) if trace.subject == STORED] == []


def test_who_owns_a_place_is_asked_as_it_was_registered_when_each_stretch_began() -> None:
    record = altered(acted("storage-2"), "storage-1", place="FR-2")
    put_away, taken_out = entry_of(record, "storage-1"), entry_of(record, "storage-2")
    later = taken_out.performed_at + timedelta(minutes=5)
    again = replace(put_away, id="again", step_key="storage-3", performed_at=later)
    fridge = place("FR-2", "fridge", owner="Quentin Quill")
    since = taken_out.performed_at + timedelta(minutes=1)
    handed_on = replace(fridge, id="later", owner="Ada Abara", registered_at=since)
    often = replace(
        record,
        entries=(*record.entries, again),
        equipment=(*record.equipment, fridge, handed_on),
    )
    assert [one.owner for one in segments(often) if one.kept] == ["Quentin Quill", "Ada Abara"]


def test_a_temperature_read_in_a_place_is_judged_by_the_range_of_the_place_too() -> None:
    """The process has no range; the fridge is kept at 2 to 8 °C, and the limit itself is inside."""
    kept = replace(FRIDGE, model="Fridge 2", category="shelf", registered_at=DAY)
    for celsius, told in (("9.5", True), ("8", False)):
        record = altered(acted("storage-1"), "storage-1", temperature_c=Decimal(celsius))
        at = entry_of(record, "storage-1").performed_at - timedelta(days=1)
        record = replace(record, equipment=(*record.equipment, replace(kept, registered_at=at)))
        found = [item for item in temperature_findings(record) if item.rule == "place temperature"]
        said = "Fridge 2 had 9.5 °C when BAG-7 was put away, measured by Tess Tamm; it is kept at 2 to 8 °C."
        assert [item.sentence for item in found] == ([said] if told else [])
