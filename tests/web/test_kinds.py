"""What the pages and the printed record show of kinds that ask for something of their own."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.support.lab import Lab
from tests.support.printed import text_of
from tests.support.typed import typed
from tests.web.test_steps import FORM, error_at, url

ROOM = "room_temperature"


@pytest.fixture
def number(lab: Lab) -> str:
    """A batch in a closed kit, the line cleared."""
    found = lab.open_batch(process=lab.master("bone-marrow-one-spin").digest)
    for key in ("order", "area_before"):
        lab.clock.tick(2)
        lab.record_step(found, key)
        lab.confirm_all(found, key)
    lab.clock.tick(2)
    return found


def send(lab: Lab, number: str, value: str) -> TestResponse:
    return lab.client("tess").submit(url(number, ROOM), {"number": value}, having=FORM)


def test_a_reading_is_asked_with_the_label_and_unit_of_the_process(lab: Lab, number: str) -> None:
    page = lab.client("tess").get(url(number, ROOM)).text
    assert "Room temperature" in page
    assert "°C" in page
    assert 'name="number"' in page
    assert not any(f'name="{other}"' in page for other in ("choice", "text", "yesno"))


def test_a_reading_outside_what_is_possible_is_asked_back_under_its_label(lab: Lab, number: str) -> None:
    answer = send(lab, number, "210")
    assert "210 °C cannot be right" in error_at(answer, "number").replace("\xa0", " ")
    assert "Fill in: room temperature." in error_at(send(lab, number, ""), "number")


def test_a_corrected_reading_shows_both_values_under_its_label(lab: Lab, number: str) -> None:
    assert send(lab, number, "20.5").status_code == 303
    client, there = lab.client("tess"), url(number, ROOM, "/correct")
    reason = {"what_was_wrong": "misread", "reason": "Read anew from the thermometer."}
    answer = client.submit(there, {"number": "21.0"} | reason, having=FORM)
    assert answer.status_code == 303, answer.text
    page = client.get(url(number, ROOM)).text.replace("\xa0", " ")
    assert "room temperature" in page
    assert "20.5 °C" in page
    assert "21.0 °C" in page
    lab.decide(number, "rejected", "Not used.")
    printed = text_of(lab.client("ada").get(f"/batches/{number}/documents/1.pdf").data)
    assert "Room temperature 20.5 21.0" in printed


def test_a_line_that_is_not_cleared_fills_the_screen(lab: Lab) -> None:
    other, client = lab.open_batch(process=lab.master("bone-marrow-one-spin").digest), lab.client("tess")
    lab.record_step(other, "order")
    lab.confirm_all(other, "order")
    fields = typed(lab, other, "area_before", no_other_patient="no")
    answer = client.submit(url(other, "area_before"), fields, having=FORM)
    assert answer.status_code == 403
    assert "material of another patient is there" in answer.text
    assert lab.record(other).current("area_before") is None


def test_speed_and_force_that_do_not_agree_are_asked_back_and_recorded_with_a_reason(lab: Lab) -> None:
    batch, client = lab.play("count_before"), lab.client("tess")
    fields = typed(lab, batch, "spin_1", rcf_g="2400")
    answer = client.submit(url(batch, "spin_1"), fields, having=FORM)
    assert "mixed up?" in error_at(answer, "rcf_g-reason")
    fields["rcf_g-reason"] = "The display shows the force at the bottom of the tube."
    answer = client.submit(url(batch, "spin_1"), fields, having=FORM, response=answer)
    assert answer.status_code == 303, answer.text
    entry = lab.record(batch).current("spin_1")
    assert entry is not None
    assert entry.confirmed == {"rcf_g": "The display shows the force at the bottom of the tube."}
