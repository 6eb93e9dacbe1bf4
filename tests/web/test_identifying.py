"""Identity checks on the page: what was typed stands on the page where it is asked back, and nowhere else."""

from __future__ import annotations

from labrecords.actions import patients
from labrecords.domain.registers.patients import Identity
from labrecords.web.steps.red_page import NOT_SHOWN
from tests.actions.test_identifying import MARIA, kept, two, until
from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.typed import typed

STEP = "identity_harvest"
SECRETS = ("MRN 0044-17", "0044-17", "03.04.1968", "Nowak", "1968-04-30")


def test_a_wristband_and_a_birth_date_from_the_page_to_the_record(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    client, page = lab.client("paula"), f"/batches/{number}/steps/{STEP}"
    given = typed(lab, number, STEP, patient_code="MRN 0044-17", second_identifier="03.04.1968")
    asked = client.submit(page, given, having="patient_code")
    assert asked.status_code == 400
    assert "can be read in two ways" in words(asked)
    assert 'value="MRN 0044-17"' in asked.text
    assert 'value="03.04.1968"' in asked.text
    assert kept(lab, *SECRETS) == []
    done = client.submit("", {"second_identifier": "1968-04-30"}, having="patient_code", response=asked)
    assert done.status_code == 303, words(done)
    shown = client.get(page)
    assert "date of birth agrees" in words(shown)
    batch = words(lab.client("quentin").get(f"/batches/{number}"))
    assert "record number and date of birth agree" in batch
    correcting = client.get(f"{page}/correct").text
    assert not [one for one in SECRETS if one in shown.text + correcting]
    assert kept(lab, *SECRETS) == []


def test_the_red_page_names_the_other_patient_by_pseudonym_and_no_event_by_name(lab: Lab) -> None:
    number, other, pseudonym = two(lab)
    until(lab, number, "anticoagulant")
    client, page = lab.client("paula"), f"/batches/{number}/steps/{STEP}"
    given = typed(lab, number, STEP, patient_code="MRN 0071-22", second_identifier="Jan Kosiński")
    red = client.submit(page, given, having="patient_code")
    assert red.status_code == 403
    assert f"and {pseudonym} was given" in words(red)
    assert f"The products of batches {number} and {other} are locked now." in words(red)
    assert "MRN 0071-22" not in words(red)
    assert kept(lab, "0071-22", "Kosiński") == []


def test_a_code_that_nobody_has_is_said_and_not_shown_on_the_red_page(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    given = typed(lab, number, STEP, patient_code="MRN 5555-55", second_identifier=MARIA.name)
    red = lab.client("paula").submit(f"/batches/{number}/steps/{STEP}", given, having="patient_code")
    assert f"Given {NOT_SHOWN} Belongs to this batch" in words(red)
    assert "5555-55" not in words(red)


def test_two_patients_of_one_name_are_told_apart_by_the_record_number(lab: Lab) -> None:
    number, _, _ = two(lab)
    namesake = Identity(MARIA.name, MARIA.birth_date, "MRN 0099-99")
    keys = lab.installation.identity_keys
    pseudonym = patients.register_patient(lab.by("tess"), keys=keys, identity=namesake)
    until(lab, number, "anticoagulant")
    given = typed(lab, number, STEP, patient_code="MRN 0099-99", second_identifier=MARIA.name)
    red = lab.client("paula").submit(f"/batches/{number}/steps/{STEP}", given, having="patient_code")
    assert f"and {pseudonym} was given" in words(red)
