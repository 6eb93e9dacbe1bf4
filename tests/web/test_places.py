"""Places in the register, offered where a step states one, and read into the record of the batch."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from labrecords.actions.door import Invalid
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.domain.registers.equipment import ROOMS
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab
from tests.support.pages import forms_of

THEATRE = EquipmentFacts("TH-02", "theatre", "Theatre 2", next_clean=date(2027, 1, 31))
LABORATORY = EquipmentFacts("CR-01", "clean room", "Laboratory")


def register(lab: Lab, facts: EquipmentFacts) -> str:
    return register_equipment(lab.by("quentin"), facts=facts)


def said(lab: Lab, number: str) -> list[str]:
    return [item.sentence for item in findings(lab.record(number)) if item.rule == "place"]


@pytest.mark.parametrize("category", ROOMS)
def test_a_room_is_registered_with_a_name_and_without_serial_number_or_software(
    lab: Lab, category: str
) -> None:
    client = lab.client("quentin")
    sent = {"code": "R-1", "category": category, "model": "Łazienna 3", "next_check": "2027-03-31"}
    assert client.submit("/equipment/add", sent, having="code").location == "/equipment/R-1"
    page = client.get("/equipment/R-1").text
    for part in ("Łazienna 3", "Monitoring due", "2027-03-31", "in use", category.capitalize()):
        assert part in page, part
    assert "Use log" not in page
    refused = client.submit("/equipment/add", sent | {"code": "R-2", "serial": "1"}, having="code")
    assert "has no serial number: leave it empty." in refused.text
    assert (
        "Enter the name of the place."
        in client.submit("/equipment/add", sent | {"code": "R-3", "model": ""}, having="code").text
    )


def test_a_room_is_closed_and_both_versions_stay(lab: Lab) -> None:
    register(lab, THEATRE)
    client = lab.client("quentin")
    form = client.get("/equipment/TH-02/change").text
    for part in ("Name", "Monitoring due", "Closed", "In use"):
        assert part in form, part
    assert "Serial number" not in form
    client.submit("/equipment/TH-02/change", {"service": "out of service"}, having="seen")
    page = client.get("/equipment/TH-02").text
    assert "2 versions" in page
    assert "closed" in page


def test_two_places_are_not_called_the_same(lab: Lab) -> None:
    register(lab, THEATRE)
    for twin in (replace(THEATRE, code="TH-03", model="theatre 2"), replace(LABORATORY, model="TH-02")):
        with pytest.raises(Invalid) as invalid:
            register(lab, twin)
        assert "TH-02 is called so already" in invalid.value.problems["model"]
    register(lab, replace(THEATRE, next_clean=date(2027, 2, 28)))


def test_a_step_offers_the_places_in_use_and_says_what_is_wrong_with_one_while_it_is_typed(lab: Lab) -> None:
    register(lab, THEATRE)
    register(lab, LABORATORY)
    register(lab, EquipmentFacts("TH-09", "theatre", "Theatre 9", in_service=False))
    number, client = lab.play("identity_harvest"), lab.client("paula")
    page = f"/batches/{number}/steps/harvest"
    html = client.get(page).text
    assert 'list="places-offered"' in html
    for part in ('<option value="Theatre 2">theatre TH-02', '<option value="Laboratory">clean room CR-01'):
        assert part in html, part
    assert "Theatre 9" not in html
    sent = next(form for form in forms_of(html) if "place" in form.names).values | {"place": ["Theatre 9"]}
    told = client.post(f"{page}/judge", data=sent).get_json()
    assert "“Theatre 9” was registered as closed." in told["place"]["verdict"]


def test_any_other_place_is_recorded_and_found_on_both_databases(lab_on_both: Lab) -> None:
    lab = lab_on_both
    register(lab, LABORATORY)
    number = lab.play("identity_harvest")
    lab.record_step(number, "harvest", place="Corridor")
    cleared = "Clear the line"
    (sentence,) = [item for item in said(lab, number) if not item.startswith(cleared)]
    assert sentence == "Record the harvest: “Corridor” is not in the register of places."
    lab.correct_step(number, "harvest", place="laboratory")
    assert [item for item in said(lab, number) if not item.startswith(cleared)] == []


def test_without_a_register_every_place_is_in_order(lab: Lab) -> None:
    assert said(lab, lab.play("handover_laboratory")) == []
