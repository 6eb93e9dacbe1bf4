"""The trail of the whole laboratory: found by who, what, when and why, taken away, and kept back where it must be."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from decimal import Decimal

import pytest

from labrecords.actions.door import ACCESS
from labrecords.models import trail_list
from labrecords.models.batch_record import events_of
from labrecords.web.batches.unseen import KEPT_BACK
from tests.support.lab import BLIND_RECEIPT, Lab
from tests.support.reading import links, words
from tests.web.test_patients import registered


def last_access(lab: Lab) -> dict[str, object]:
    with lab.store.read() as session:
        event: dict[str, object] = json.loads(events_of(session, ACCESS)[-1])
    return event


def acts(lab: Lab, **given: str) -> list[str]:
    """The acts on the page, as the JSON file of the same filter holds them."""
    answer = lab.client("ada").get("/trail.json", query_string=given)
    assert answer.status_code == 200, words(answer)
    return [json.loads(event["text"])["act"] for event in json.loads(answer.data)["events"]]


def test_who_what_when_and_why_are_found_across_all_chains(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.clock.tick(1)
    lab.correct_step(number, "receipt", "The scale was read upside down.", volume_ml=Decimal("59.0"))
    answer = lab.client("ada").get("/trail")
    for said in ("Receipt corrected", "The scale was read upside down.", number, "Signed in", "Access"):
        assert said in words(answer), said
    corrected = "receipt.corrected"
    assert acts(lab, why="UPSIDE down") == [corrected]
    assert acts(lab, act=corrected, who=lab.id("tess")) == [corrected]
    assert acts(lab, act=corrected, who=lab.id("vic")) == []
    assert acts(lab, batch=number)[0] == corrected
    assert corrected in acts(lab, batch=number, subject="receipt")
    assert "harvest.recorded" not in acts(lab, batch=number, subject="receipt")
    assert set(acts(lab, who=lab.id("paula"), batch=number)) >= {"step.given"}
    assert "person.added" in acts(lab, register="people")
    assert set(acts(lab, register="access", who=lab.id("ada"))) == {"signed in", "trail.exported"}
    day = lab.clock.now.date().isoformat()
    assert corrected in acts(lab, begins=day, ends=day)
    assert acts(lab, begins="2031-01-01") == acts(lab, ends="2020-01-01") == []


def test_what_was_typed_wrongly_is_said_and_what_no_link_leads_to_is_refused(lab: Lab) -> None:
    client = lab.client("quentin")
    said = words(client.get("/trail?batch=KRK-26-9999&begins=yesterday"))
    assert "No batch has this number." in said
    assert "Type the day as 2026-11-23." in said
    for path in ("/trail?register=strange", "/trail?before=x", "/trail.csv?begins=x", "/trail?before=1|2|3"):
        assert client.get(path).status_code == 400, path
    assert client.get("/trail/people/99999").status_code == 404
    assert client.get("/trail/strange/1").status_code == 404


@pytest.mark.parametrize("given", ["", "who=tess", "act=receipt.recorded", "register=people", "why=a"])
def test_pages_by_key_show_every_event_once(
    lab_on_both: Lab, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    lab = lab_on_both
    lab.play("receipt")
    given = given.replace("tess", lab.id("tess"))
    whole = [(item.chain, item.seq) for item in _listed(lab, given)]
    client, url, seen = lab.client("ada"), f"/trail?{given}", []
    monkeypatch.setattr(trail_list, "LOOKED_AT", 7)
    monkeypatch.setattr("labrecords.web.review.whole_trail.list_events", _seven)
    while url:
        page = client.get(url)
        seen += re.findall(r'<td class="num"><a href="([^"]+)"', page.text)
        url = next((link for link in links(page) if "before=" in link), "")
    assert len(seen) == len(set(seen))
    newer = 1 if not given else 0  # the sign-in of whoever reads
    assert len(seen) == len(whole) + newer


def _seven(session, query):  # type: ignore[no-untyped-def]
    return trail_list.list_events(session, query, 7)


def _listed(lab: Lab, given: str) -> list[trail_list.FoundEvent]:
    name, _, value = given.partition("=")
    field = {"who": "actor", "act": "act", "register": "chain", "why": "why"}.get(name)
    query = trail_list.TrailQuery(**{field: value} if field else {})  # type: ignore[arg-type]
    with lab.store.read() as session:
        return list(trail_list.all_events(session, query))


def test_what_was_chosen_is_taken_away_as_a_table_and_as_it_was_hashed(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.clock.tick(1)
    lab.correct_step(number, "receipt", "=1+1 was typed by the scale.", volume_ml=Decimal("59.0"))
    answer = lab.client("ada").get(f"/trail.csv?batch={number}&why=typed")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["who"], row["act"], row["chain"]) == ("Tess Tamm", "receipt.corrected", number)
    assert row["why"] == "'=1+1 was typed by the scale."
    event = last_access(lab)
    assert event["act"] == "trail.exported"
    assert event["detail"] == {
        "source": "127.0.0.1",
        "form": "csv",
        "chosen": f"batch {number}; why part of a reason",
    }
    given = json.loads(lab.client("ada").get("/trail.json").data)["events"]
    assert all(hashlib.sha256(item["text"].encode()).hexdigest() == item["digest"] for item in given)


@pytest.mark.parametrize("username", ["tess", "vic", "paula", "ivan"])
def test_only_quality_assurance_and_the_auditor_read_it(lab: Lab, username: str) -> None:
    here = registered(lab)
    client = lab.client(username)
    for path in ("/trail", "/trail.csv", "/trail.json", "/trail/people/1", f"{here}/looks"):
        assert client.get(path).status_code == 403, path


def test_values_that_wait_for_a_second_entry_stay_kept_back(lab: Lab) -> None:
    number = lab.open_batch(process=lab.adopt(BLIND_RECEIPT))
    lab.play("handover_laboratory", number)
    lab.record_step(number, "receipt", volume_ml=Decimal("61.5"))
    lab.clock.tick(2)
    lab.correct_step(number, "receipt", "The scale said 57.3.", volume_ml=Decimal("57.3"))
    client = lab.client("quentin")
    assert KEPT_BACK in client.get("/trail").text
    for path in ("/trail", "/trail.csv", "/trail.json", "/trail?why=57.3"):
        said = client.get(path).text.replace('value="57.3"', "")
        assert "61.5" not in said
        assert "scale said" not in said
    lab.reenter(number, "receipt", volume_ml=Decimal("57.3"))
    assert "The scale said 57.3." in client.get("/trail").text


def test_an_event_of_a_register_is_shown_in_full_with_all_about_the_same(lab: Lab) -> None:
    here = registered(lab)
    pseudonym = here.rsplit("/", 1)[1]
    with lab.store.read() as session:
        seq = len(events_of(session, "patients"))
    page = lab.client("ada").get(f"/trail/patients/{seq}")
    assert "Patient registered" in words(page)
    assert f"/trail?register=patients&subject={pseudonym}" in links(page)
    assert "Maria" not in page.text
    assert acts(lab, register="patients", subject=pseudonym) == ["patient.registered"]


@pytest.mark.req("GDPR-15")
def test_every_look_at_a_patient_is_listed_with_person_and_purpose(lab: Lab) -> None:
    here = registered(lab)
    assert "Nobody has looked" in words(lab.client("ada").get(f"{here}/looks"))
    lab.client("paula").submit(
        f"{here}/identity", {"purpose": "to speak or write to the patient"}, having="purpose"
    )
    lab.client("tess").submit("/patients/find", {"record_number": "MRN 0044-17"}, having="record_number")
    page = lab.client("ada").get(f"{here}/looks")
    said = words(page)
    assert "Paula Pereira Identity read to speak or write to the patient" in said
    assert "Tess Tamm Identity searched record number" in said
    assert "Maria" not in page.text
    assert f"{here}/looks" in links(lab.client("quentin").get(here))


def test_what_was_done_with_one_step_is_one_click_from_it(lab: Lab) -> None:
    number = lab.play("receipt")
    page = lab.client("ada").get(f"/batches/{number}/steps/receipt")
    history = f"/batches/{number}/trail?step=receipt"
    assert history in links(page)
    said = words(lab.client("ada").get(history))
    assert "inspect what was received" in said
    assert "Batch opened" not in said
    assert lab.client("ada").get(f"/batches/{number}/trail?step=none").status_code == 404
