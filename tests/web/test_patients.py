"""Patients in the browser: registered, found, shown for a purpose, corrected, erased; elsewhere the code alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from labrecords.models.batch_record import events_of
from tests.support.lab import Lab
from tests.support.reading import words

MARIA = {"patient_name": "Maria Nowak", "birth_date": "1968-04-30", "record_number": "MRN 0044-17"}


def registered(lab: Lab, by: str = "tess", **changes: str) -> str:
    """Register a patient on the page. Returns the address of the patient's page."""
    lab.clock.tick()
    answer = lab.client(by).submit("/patients/register", MARIA | changes, having="patient_name")
    assert answer.status_code == 303, words(answer)
    return str(answer.location)


def tells_nothing(answer: TestResponse) -> bool:
    said = answer.text + str(answer.headers)
    return not any(part in said for part in ("Maria", "Nowak", "1968-04-30", "0044-17"))


def looks(lab: Lab) -> list[dict[str, Any]]:
    with lab.store.read() as session:
        events = [json.loads(payload) for payload in events_of(session, "access")]
    return [event for event in events if event["act"].startswith("identity.")]


@pytest.mark.req("GDPR-4(5)", "ASVS-14.2.1")
def test_a_patient_is_registered_and_every_page_knows_only_the_code(lab: Lab) -> None:
    here = registered(lab)
    pseudonym = here.rsplit("/", 1)[1]
    for username in ("tess", "vic", "paula", "quentin", "ada"):
        client = lab.client(username)
        for page in (here, "/patients"):
            answer = client.get(page)
            assert pseudonym in answer.text
            assert tells_nothing(answer), page
    assert looks(lab) == []


def test_a_known_record_number_is_answered_with_the_code_and_what_was_typed_stays(lab: Lab) -> None:
    pseudonym = registered(lab).rsplit("/", 1)[1]
    answer = lab.client("paula").submit(
        "/patients/register", MARIA | {"record_number": "mrn004417"}, having="patient_name"
    )
    assert answer.status_code == 400
    assert f"registered already, as patient {pseudonym}" in words(answer)
    assert 'value="Maria Nowak"' in answer.text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("birth_date", "30.4.1968", "Write the day as year-month-day"),
        ("birth_date", "2027-01-01", "This day is in the future"),
        ("patient_name", " ", "Enter the name as on the wristband"),
        ("patient_name", "Maria\u202eNowak", "invisible character"),
        ("record_number", "", "Enter the number"),
        ("record_number", "x" * 61, "too long"),
    ],
)
def test_what_cannot_be_an_identity_is_asked_back(lab: Lab, field: str, typed: str, sentence: str) -> None:
    answer = lab.client("tess").submit("/patients/register", MARIA | {field: typed}, having="patient_name")
    assert answer.status_code == 400
    assert sentence in words(answer)


def test_a_technician_finds_a_patient_and_sees_the_code_only(lab: Lab) -> None:
    here, client = registered(lab), lab.client("tess")
    answer = client.submit("/patients/find", {"record_number": "mrn 004417"}, having="patient_name")
    assert (answer.status_code, answer.location) == (303, here)
    assert tells_nothing(client.get(here))
    assert client.get(f"{here}/identity").status_code == 403
    none = client.submit("/patients/find", {"record_number": "MRN 1"}, having="patient_name")
    assert "Nobody is registered so." in words(none)
    half = client.submit("/patients/find", {"patient_name": "Maria Nowak"}, having="patient_name")
    assert (half.status_code, "together with the day of birth" in words(half)) == (400, True)
    assert [event["detail"]["found"] for event in looks(lab)] == [here.rsplit("/", 1)[1], "none"]


def test_two_of_one_name_and_day_are_told_apart_by_their_numbers(lab: Lab) -> None:
    both = [registered(lab), registered(lab, record_number="MRN 2")]
    given = {"patient_name": "nowak MARIA", "birth_date": "1968-04-30"}
    answer = lab.client("tess").submit("/patients/find", given, having="patient_name")
    assert answer.status_code == 200
    assert all(here.rsplit("/", 1)[1] in answer.text for here in both)


@pytest.mark.req("HIP-312b/c/d/e", "HIP-502b")
def test_the_identity_is_shown_for_a_purpose_and_each_look_is_recorded(lab: Lab) -> None:
    here, client = registered(lab), lab.client("paula")
    asked = client.get(f"{here}/identity")
    assert tells_nothing(asked)
    assert looks(lab) == []
    nothing = client.submit(f"{here}/identity", having="purpose")
    assert (nothing.status_code, tells_nothing(nothing)) == (400, True)
    for _ in range(2):
        shown = client.submit(
            f"{here}/identity",
            {"purpose": "to speak or write to the patient"},
            having="purpose",
            response=asked,
        )
        for part in ("Maria Nowak", "1968-04-30", "MRN 0044-17"):
            assert part in words(shown)
        assert "<title>Identity of" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
    assert [event["act"] for event in looks(lab)] == ["identity.read", "identity.read"]


def test_a_correction_needs_a_reason_that_does_not_tell_who(lab: Lab) -> None:
    here, client = registered(lab), lab.client("quentin")
    typed = {"patient_name": "Maria Kos", "reason": "Mrs Nowak has married."}
    refused = client.submit(f"{here}/correct", typed, having="reason")
    assert refused.status_code == 400
    assert "leave out name, day of birth and record number" in words(refused)
    lab.clock.tick()
    done = client.submit(f"{here}/correct", typed | {"reason": "The patient has married."}, having="reason")
    assert done.status_code == 303
    page = lab.client("ada").get(here)
    assert "The patient has married." in page.text
    assert tells_nothing(page)


def test_an_identity_is_erased_and_the_pages_say_so(lab: Lab) -> None:
    here, client = registered(lab), lab.client("quentin")
    assert lab.client("paula").get(f"{here}/erase").status_code == 403
    done = client.submit(f"{here}/erase", {"reason": "The patient asked for it."}, having="reason")
    assert done.status_code == 303
    page = client.get(here)
    assert "identity erased" in page.text
    assert "The patient asked for it." in page.text
    for gone in ("identity", "correct", "erase"):
        assert client.get(f"{here}/{gone}").status_code == 404
    assert (lab.folder / "labrecords.sqlite3-wal").stat().st_size == 0


def test_what_was_typed_of_an_identity_is_not_shown_to_another_person(lab: Lab) -> None:
    client = lab.client("tess")
    page = client.get("/patients/register")
    other = lab.client("vic")
    form = {"csrf_token": "of another", "form_key": "0" * 32} | MARIA
    answer = other.post("/patients/register", data=form, headers={"Origin": "http://localhost"})
    assert page.status_code == 200
    assert answer.status_code == 400
    assert tells_nothing(answer)


def test_the_list_of_patients_pages_by_key(lab: Lab) -> None:
    for number in range(51):
        registered(lab, record_number=f"MRN {number}")
    client = lab.client("ada")
    first = client.get("/patients")
    older = first.text.split('href="/patients?before=')[1].split('"')[0]
    assert first.text.count('scope="row"') == 50
    assert client.get(f"/patients?before={older}").text.count('scope="row"') == 1
