"""The register of equipment: what can be registered, by whom, and that every version stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from labrecords.actions.door import Invalid, Stale
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.models.batch_record import equipment_now
from labrecords.models.equipment import versions
from tests.support.lab import Lab, refusal

ROTOR = EquipmentFacts(
    "RT-09",
    "rotor",
    "Swing-out 4 × 100 mL",
    r_max_cm=Decimal("16.10"),
    r_av_cm=Decimal("12.4"),
    max_speed_rpm=Decimal(4500),
    next_check=date(2027, 3, 31),
)
CENTRIFUGE = EquipmentFacts("CF-09", "centrifuge", "Bench centrifuge, cooled")


def register(lab: Lab, facts: EquipmentFacts, by: str = "quentin", **more: Any) -> str:
    return register_equipment(lab.by(by), facts=facts, **more)


def problems(lab: Lab, facts: EquipmentFacts) -> dict[str, str]:
    with pytest.raises(Invalid) as invalid:
        register(lab, facts)
    return invalid.value.problems


def test_a_registered_rotor_is_found_with_its_numbers_as_they_were_entered(lab: Lab) -> None:
    register(lab, ROTOR)
    with lab.store.read() as session:
        found = {item.code: item for item in equipment_now(session)}["RT-09"]
    assert (found.r_max_cm, found.r_av_cm, found.max_speed_rpm) == ("16.10", "12.4", "4500")
    assert (found.next_check, found.in_service) == ("2027-03-31", True)


def test_every_version_stays_with_who_registered_it_and_the_newest_counts(lab: Lab) -> None:
    first = register(lab, ROTOR)
    second = register(lab, replace(ROTOR, next_check=date(2028, 3, 31)))
    third = register(lab, replace(ROTOR, in_service=False))
    with lab.store.read() as session:
        found = versions(session, "RT-09")
        now = {item.code: item for item in equipment_now(session)}["RT-09"]
    assert [version.item.id for version in found] == [third, second, first]
    assert {version.registered_by for version in found} == {"Quentin Quist"}
    assert now.id == third


def test_a_form_that_did_not_see_the_newest_version_is_stale(lab: Lab) -> None:
    register(lab, ROTOR, seen=0)
    with pytest.raises(Stale):
        register(lab, ROTOR, seen=0)
    register(lab, replace(ROTOR, in_service=False), seen=1)
    with pytest.raises(Stale):
        register(lab, ROTOR, seen=1)


def test_only_who_manages_equipment_registers_it(lab: Lab) -> None:
    for username in ("tess", "vic", "paula", "ada", "ivan"):
        assert refusal(partial(register, lab, ROTOR, by=username)) == ("permission",)


@pytest.mark.parametrize("code", ["", " ", "RT 09", "RT/09", "-RT", "Rotor №9", "R" * 31, "RT\0"])
def test_a_code_that_no_label_or_address_can_carry_is_asked_back(lab: Lab, code: str) -> None:
    assert set(problems(lab, replace(ROTOR, code=code))) == {"code"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "spoon"}, "category"),
        ({"model": ""}, "model"),
        ({"r_max_cm": None}, "r_max_cm"),
        ({"r_max_cm": Decimal("0.9")}, "r_max_cm"),
        ({"r_max_cm": Decimal(161)}, "r_max_cm"),
        ({"r_av_cm": Decimal("16.2")}, "r_av_cm"),
        ({"r_av_cm": Decimal(0)}, "r_av_cm"),
        ({"max_speed_rpm": None}, "max_speed_rpm"),
        ({"max_speed_rpm": Decimal(-4500)}, "max_speed_rpm"),
        ({"max_speed_rpm": Decimal(100001)}, "max_speed_rpm"),
    ],
)
def test_what_no_rotor_can_be_is_asked_back(lab: Lab, changes: dict[str, Any], field: str) -> None:
    found = problems(lab, replace(ROTOR, **changes))
    assert field in found
    assert found[field].endswith(".")


def test_a_centrifuge_has_no_radius_and_a_speed_that_can_be(lab: Lab) -> None:
    register(lab, CENTRIFUGE)
    assert set(problems(lab, replace(CENTRIFUGE, r_max_cm=Decimal(10)))) == {"r_max_cm"}
    assert set(problems(lab, replace(CENTRIFUGE, max_speed_rpm=Decimal(-1)))) == {"max_speed_rpm"}


@pytest.mark.parametrize("category", ["counter", "balance", "cabinet", "fridge", "incubator"])
def test_other_equipment_is_registered_with_what_it_has_and_neither_turns_nor_has_a_radius(
    lab: Lab, category: str
) -> None:
    facts = EquipmentFacts(
        "EQ-01", category, "Maker and model", next_check=date(2027, 1, 31), next_clean=date(2026, 12, 31),
        serial="SN 4711", software="Reader 2.1", place="Room 2", udi="(01)07612345", last_check=date(2026, 1, 31),
    )  # fmt: skip
    register(lab, facts)
    with lab.store.read() as session:
        found = {item.code: item for item in equipment_now(session)}["EQ-01"]
    assert (found.category, found.serial, found.software, found.place) == (
        category,
        "SN 4711",
        "Reader 2.1",
        "Room 2",
    )
    assert (found.next_check, found.next_clean) == ("2027-01-31", "2026-12-31")
    assert (found.last_check, found.udi) == ("2026-01-31", "(01)07612345")
    assert set(problems(lab, replace(facts, r_max_cm=Decimal(10)))) == {"r_max_cm"}
    assert set(problems(lab, replace(facts, max_speed_rpm=Decimal(1000)))) == {"max_speed_rpm"}


def test_the_last_check_was_neither_in_the_future_nor_after_the_next(lab: Lab) -> None:
    today = lab.today()
    assert set(problems(lab, replace(ROTOR, last_check=today + timedelta(days=1)))) == {"last_check"}
    wrong = replace(ROTOR, last_check=today, next_check=today - timedelta(days=1))
    assert set(problems(lab, wrong)) == {"next_check"}
    register(lab, replace(ROTOR, last_check=today, next_check=today))


def test_what_was_registered_without_the_last_check_and_udi_states_neither(lab: Lab) -> None:
    register(lab, ROTOR)
    with lab.store.read() as session:
        found = {item.code: item for item in equipment_now(session)}["RT-09"]
    assert (found.last_check, found.udi) == (None, None)


def test_a_code_keeps_meaning_the_same_kind_of_thing(lab: Lab) -> None:
    register(lab, ROTOR)
    assert "rotor" in problems(lab, replace(CENTRIFUGE, code="RT-09"))["code"]


def test_the_same_again_is_not_a_version(lab: Lab) -> None:
    register(lab, ROTOR)
    assert "Nothing was changed" in problems(lab, ROTOR)[""]
