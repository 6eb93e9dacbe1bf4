"""What is where: places in places, what each keeps, and what is asked back where a place is full."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.actions.door import Invalid
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab
from tests.support.reading import words


def house(lab: Lab) -> None:
    cold: dict[str, Any] = {"low_c": Decimal(2), "high_c": Decimal(8)}
    for facts in (
        EquipmentFacts("CR-01", "clean room", "Laboratory"),
        EquipmentFacts("TH-02", "theatre", "Theatre 2"),
        EquipmentFacts("FR-2", "fridge", "Cold 400", place="Laboratory", **cold),
        EquipmentFacts("FR-2-A", "position", "Slot A", place="FR-2"),
    ):
        register_equipment(lab.by("quentin"), facts=facts)


def put(lab: Lab, number: str, where: str, **more: Any) -> str:
    lab.clock.tick(5)
    key = f"storage-{1 + sum(step.kind == 'storage' for step in lab.record(number).acts)}"
    return lab.record_step(number, key, movement="put away", place=where, **more)


def test_the_page_shows_each_place_in_its_place_and_what_it_keeps(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    house(lab)
    put(lab, number, "slot a")
    shown = words(lab.client("tess").get("/storage"))
    assert "› fridge FR-2 2 to 8 °C" in shown
    assert "› › position FR-2-A, Slot A 2 to 8 °C 1 of 1" in shown
    assert "BAG-7 in slot a" in shown
    assert "/storage" in lab.client("tess").get("/equipment").text
    lab.clock.tick(5)
    lab.record_step(number, "storage-2", movement="taken out", place="Slot A")
    assert "BAG-7" not in words(lab.client("tess").get("/storage"))
    lab.check()


def test_a_full_place_is_asked_back_and_with_a_reason_it_is_a_finding(lab: Lab) -> None:
    first = lab.play("receipt")
    house(lab)
    put(lab, first, "FR-2-A")
    second = lab.play("receipt", lab.open_batch(patient="P-9000"))
    with pytest.raises(
        Invalid, match=f"Slot A is full: it takes 1, and keeps BAG-7 in FR-2-A.* of batch {first}"
    ):
        put(lab, second, "Slot A", confirmed={})
    put(lab, second, "Slot A", confirmed={"place": "The bags lie side by side in it."})
    (found,) = [item for item in findings(lab.record(second)) if item.rule == "place full"]
    assert "The bags lie side by side in it." in found.sentence
    assert "2 of 1" in words(lab.client("tess").get("/storage"))


def test_a_temperature_that_the_place_should_not_have_is_asked_back(lab: Lab) -> None:
    number = lab.play("receipt")
    house(lab)
    with pytest.raises(Invalid, match="Slot A is kept at 2 to 8 °C, and 11 °C were read in it"):
        put(lab, number, "Slot A", temperature_c=Decimal(11), confirmed={})
    said = "Read again, and the door closed: 5 °C."
    put(lab, number, "Slot A", temperature_c=Decimal(11), confirmed={"temperature_c": said})
    (found,) = [item for item in findings(lab.record(number)) if item.rule == "place temperature"]
    assert "Slot A had 11 °C when BAG-7 was put away" in found.sentence


def test_a_place_that_would_stand_in_itself_is_refused(lab: Lab) -> None:
    house(lab)
    with pytest.raises(Invalid, match="would stand in itself"):
        register_equipment(
            lab.by("quentin"), facts=EquipmentFacts("CR-01", "clean room", "Laboratory", place="Slot A")
        )
    with pytest.raises(Invalid, match="keeps no container"):
        register_equipment(lab.by("quentin"), facts=EquipmentFacts("BA-1", "balance", "Scale", capacity=2))


def test_a_place_that_holds_has_an_owner_its_own_or_that_of_the_place_around_it(lab: Lab) -> None:
    number = lab.play("receipt")
    house(lab)
    put(lab, number, "Slot A")
    lab.clock.tick(5)
    lab.record_step(number, "storage-2", movement="taken out", place="Slot A")
    fridge = EquipmentFacts("FR-2", "fridge", "Cold 400", place="Laboratory", low_c=Decimal(2))
    for stranger in ("Nobody Here", "tess"):
        with pytest.raises(Invalid, match="Enter the name of somebody who works here, or a role"):
            register_equipment(lab.by("quentin"), facts=replace(fridge, owner=stranger))
    register_equipment(lab.by("quentin"), facts=replace(fridge, owner="Tess Tamm"))
    register_equipment(
        lab.by("quentin"), facts=EquipmentFacts("CR-01", "clean room", "Laboratory", owner="technician")
    )
    second = lab.play("receipt", lab.open_batch(patient="P-9000"))
    put(lab, second, "Slot A")
    # As it was registered when it was put away.
    assert "in store no owner registered" in words(lab.client("tess").get(f"/batches/{number}"))
    assert "in store owner Tess Tamm" in words(lab.client("tess").get(f"/batches/{second}"))
    assert "clean room CR-01, Laboratory owner technician" in words(lab.client("tess").get("/storage"))
    with pytest.raises(Invalid, match="keeps no container"):
        register_equipment(
            lab.by("quentin"), facts=EquipmentFacts("BA-1", "balance", "Scale", owner="technician")
        )
