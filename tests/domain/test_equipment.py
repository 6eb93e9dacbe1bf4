"""Registered equipment: what stops its use at an act, and what each category has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labrecords.domain.entries import Entry
from labrecords.domain.record import BatchRecord, Equipment
from labrecords.domain.registers.equipment import (
    CATEGORY,
    equipment_stops,
    named_equipment,
    registered_late,
    undated,
)
from labrecords.domain.rules.findings import findings, stops_of
from tests.support.clean import clean, entry_of

RECORD = clean("spin_1")
ROTOR, CENTRIFUGE = "rotor", "centrifuge"
PIECES = [(CENTRIFUGE, "CF-01"), (ROTOR, "RT-01")]
NEXT_DAY = datetime(2026, 11, 24, 8, tzinfo=UTC)


def spin(**changes: Any) -> Entry:
    return replace(entry_of(RECORD, "spin_1"), **changes)


def piece(category: str) -> Equipment:
    return next(item for item in RECORD.equipment if item.category == category)


def register(category: str, **changes: Any) -> BatchRecord:
    items = (replace(item, **changes) if item.category == category else item for item in RECORD.equipment)
    return replace(RECORD, equipment=tuple(items))


def test_a_spin_names_its_centrifuge_and_its_rotor() -> None:
    assert named_equipment(spin()) == (piece(CENTRIFUGE).id, piece(ROTOR).id)
    assert named_equipment(entry_of(RECORD, "harvest")) == ()


def test_equipment_that_is_checked_and_in_service_stops_nothing() -> None:
    assert equipment_stops(RECORD, spin()) == ()
    assert equipment_stops(register(CENTRIFUGE, next_check=None), spin()) == ()


@pytest.mark.req("GMP-68a", "GMP-105")
@pytest.mark.parametrize(("category", "code"), PIECES)
def test_equipment_out_of_service_stops_the_act(category: str, code: str) -> None:
    (stop,) = stops_of(register(category, in_service=False), spin())
    assert (stop.rule, stop.sentence) == ("equipment", f"{code} is out of service.")


@pytest.mark.req("GMP-68a")
@pytest.mark.parametrize(("category", "code"), PIECES)
@pytest.mark.parametrize(("day", "word"), [("next_check", "check"), ("next_clean", "cleaning")])
def test_equipment_whose_check_or_cleaning_is_overdue_stops_the_act(
    category: str, code: str, day: str, word: str
) -> None:
    record = register(category, **{day: "2026-11-23"})
    (stop,) = equipment_stops(record, spin(performed_at=NEXT_DAY))
    assert (stop.rule, stop.sentence) == ("equipment", f"The {word} of {code} was due on 2026-11-23.")
    assert stop.way_out


def test_every_reason_is_named_at_once() -> None:
    record = register(ROTOR, next_check="2026-11-23", next_clean="2026-11-22")
    found = [stop.sentence for stop in equipment_stops(record, spin(performed_at=NEXT_DAY))]
    assert found == [
        "The check of RT-01 was due on 2026-11-23.",
        "The cleaning of RT-01 was due on 2026-11-22.",
    ]


@pytest.mark.parametrize("day", ["next_check", "next_clean"])
def test_a_day_is_valid_to_its_end_on_the_clocks_of_the_laboratory(day: str) -> None:
    record = register(ROTOR, **{day: "2026-11-23"})
    # 22:59 and 23:00 UTC are 23:59 and midnight in Warsaw.
    assert equipment_stops(record, spin(performed_at=datetime(2026, 11, 23, 22, 59, tzinfo=UTC))) == ()
    assert len(equipment_stops(record, spin(performed_at=datetime(2026, 11, 23, 23, 0, tzinfo=UTC)))) == 1


def test_a_registration_after_the_act_does_not_mend_it() -> None:
    overdue = replace(piece(ROTOR), next_clean="2026-11-01")
    cleaned = replace(
        overdue, id="c" * 32, next_clean="2027-11-01", registered_at=spin().performed_at + timedelta(hours=1)
    )
    record = replace(RECORD, equipment=(piece(CENTRIFUGE), overdue, cleaned))
    assert len(equipment_stops(record, spin())) == 1
    assert equipment_stops(record, spin(performed_at=cleaned.registered_at)) == ()


def test_a_piece_registered_after_its_use_is_said_and_judged_by_its_first_registration() -> None:
    late = spin().performed_at + timedelta(hours=1)
    record = register(ROTOR, registered_at=late)
    assert registered_late(record, spin()) == ("RT-01",)
    assert equipment_stops(record, spin()) == ()
    assert len(equipment_stops(register(ROTOR, registered_at=late, in_service=False), spin())) == 1


@pytest.mark.req("GMP-68a")
def test_a_piece_of_which_nobody_said_until_when_it_was_checked_is_looked_at() -> None:
    silent = register(CENTRIFUGE, next_check=None)
    assert (undated(silent, spin()), equipment_stops(silent, spin())) == (("CF-01",), ())
    found = [item.sentence for item in findings(silent) if item.rule == "no check date"]
    assert found == ["Spin the tube: until when CF-01 was checked, the register does not say."]
    assert undated(RECORD, spin()) == ()


def test_only_what_turns_has_a_speed_and_only_a_rotor_radii() -> None:
    assert [word for word, category in CATEGORY.items() if category.speed] == ["centrifuge", "rotor"]
    assert [word for word, category in CATEGORY.items() if category.radii] == ["rotor"]
    assert all(CATEGORY[word].word == word for word in CATEGORY)
