"""Places that a step states, beside the register of places."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labrecords.domain.entries import Entry
from labrecords.domain.record import BatchRecord, Equipment
from labrecords.domain.registers.places import place_findings, stated_places
from labrecords.domain.rules.findings import findings, stops_of
from tests.support.clean import clean, entry_of

RECORD = clean("handover_laboratory")
HARVEST, HANDOVER = entry_of(RECORD, "harvest"), entry_of(RECORD, "handover_laboratory")
BEFORE = HARVEST.performed_at - timedelta(days=2)


def place(code: str = "TH-02", name: str = "Theatre 2", **changes: Any) -> Equipment:
    given: dict[str, Any] = {
        "id": code, "code": code, "category": "theatre", "model": name, "r_max_cm": None, "r_av_cm": None,
        "max_speed_rpm": None, "next_check": None, "in_service": True, "registered_at": BEFORE,
    }  # fmt: skip
    return Equipment(**{**given, **changes})


def said(*places: Equipment, entry: Entry = HARVEST) -> list[str]:
    return [found.sentence for found in place_findings(having(*places), entry)]


def at(*places: str) -> Entry:
    """The harvest, or the handover, with these places."""
    names = ("place",) if len(places) == 1 else ("place_from", "place_to")
    changes: dict[str, Any] = dict(zip(names, places, strict=True))
    return replace(HARVEST if len(places) == 1 else HANDOVER, **changes)


def having(*places: Equipment) -> BatchRecord:
    return replace(RECORD, equipment=(*RECORD.equipment, *places))


def test_a_step_states_its_places_each_once() -> None:
    assert stated_places(HARVEST) == ("Theatre 2",)
    assert stated_places(HANDOVER) == ("Theatre 2", "Laboratory")
    assert stated_places(at("Theatre 2", "Theatre 2")) == ("Theatre 2",)
    assert stated_places(entry_of(RECORD, "identity_harvest")) == ()


def test_before_a_first_room_is_registered_the_register_says_nothing() -> None:
    assert said() == []
    assert said(place(registered_at=HARVEST.performed_at + timedelta(minutes=1))) == []
    assert said(place("BSC-01", "Cabinet", category="cabinet")) == []


@pytest.mark.parametrize("called", ["Theatre 2", "theatre 2", "TH-02", "th-02"])
def test_a_registered_place_in_use_is_in_order_by_name_and_by_code(called: str) -> None:
    assert said(place(), entry=at(called)) == []


def test_a_place_that_nobody_registered_is_named_once_the_register_is_kept() -> None:
    (sentence,) = said(place(name="Theatre 3"))
    assert sentence == "Record the harvest: “Theatre 2” is not in the register of places."


def test_a_place_that_was_registered_after_the_act_is_said() -> None:
    later = place(registered_at=HARVEST.performed_at + timedelta(minutes=1))
    (sentence,) = said(later, place("CR-01", "Clean room 1"))
    assert sentence == "Record the harvest: “Theatre 2” was registered only after the act."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"in_service": False}, "“Theatre 2” was registered as closed."),
        ({"next_check": "2026-11-22"}, "The monitoring of “Theatre 2” was due on 2026-11-22."),
        ({"next_clean": "2026-11-22"}, "The cleaning of “Theatre 2” was due on 2026-11-22."),
    ],
)
def test_a_closed_or_overdue_place_is_a_finding_and_stops_nothing(
    changes: dict[str, Any], sentence: str
) -> None:
    assert said(place(**changes)) == [f"Record the harvest: {sentence}"]
    record = having(place(**changes), place("LAB", "Laboratory"))
    assert stops_of(record, HARVEST) == stops_of(RECORD, HARVEST)
    new = [found for found in findings(record) if found not in findings(RECORD)]
    assert {found.rule for found in new} == {"place"}


def test_a_day_is_valid_to_its_end_on_the_clocks_of_the_laboratory() -> None:
    theatre = place(next_clean="2026-11-23")
    # 22:59 and 23:00 UTC are 23:59 and midnight in Warsaw.
    assert (
        said(theatre, entry=replace(HARVEST, performed_at=datetime(2026, 11, 23, 22, 59, tzinfo=UTC))) == []
    )
    assert (
        len(said(theatre, entry=replace(HARVEST, performed_at=datetime(2026, 11, 23, 23, tzinfo=UTC)))) == 1
    )


def test_a_place_is_judged_as_it_was_registered_at_the_act() -> None:
    closed = place(id="later", in_service=False, registered_at=HARVEST.performed_at + timedelta(minutes=1))
    assert said(place(), closed) == []
    assert said(place(in_service=False), replace(closed, in_service=True)) != []


def test_a_place_keeps_its_entries_when_it_gets_another_name() -> None:
    renamed = place(id="later", model="Theatre B", registered_at=BEFORE + timedelta(days=1))
    assert said(place(), renamed) == []
    assert said(place(), renamed, entry=at("Theatre B")) == []


def test_a_cabinet_goes_by_its_code_and_not_by_its_model() -> None:
    cabinet = place("BSC-01", "Theatre 2", category="cabinet", in_service=False)
    assert said(cabinet) == []
    assert said(cabinet, entry=at("BSC-01")) == [
        "Record the harvest: “BSC-01” was registered as out of service."
    ]
