"""Follow-up on pages: the form, the list of what is due, and the course of a patient."""

from __future__ import annotations

import pytest

from tests.support.lab import Lab
from tests.support.reading import links, words
from tests.support.statements import counted
from tests.support.typed import typed

DAY = 60 * 24
KEY = "follow_up-1"


def url(number: str, key: str = KEY) -> str:
    return f"/batches/{number}/steps/{key}"


def test_a_visit_is_recorded_through_its_form_and_stands_on_the_batch(lab: Lab) -> None:
    number = lab.play("closed")
    lab.clock.tick(30 * DAY)
    paula = lab.client("paula")
    page = paula.get(f"/batches/{number}")
    assert url(number) in links(page)
    assert "1 month 2026-12-23 2026-12-16 to 2026-12-30 Due" in words(page)
    form = paula.get(url(number))
    assert "blank_reason" not in form.text
    answer = paula.submit(url(number), typed(lab, number, KEY) | {"visit": "1 month"}, having="pain_nrs")
    assert answer.status_code == 303
    page = paula.get(f"/batches/{number}")
    assert "1 month 2026-12-23 2026-12-16 to 2026-12-30 Done 2026-12-23" in words(page)
    assert "pain NRS 3" in words(page)


def test_what_cannot_be_is_asked_back_with_what_was_typed(lab: Lab) -> None:
    number = lab.play("closed")
    lab.clock.tick(30 * DAY)
    sent = typed(lab, number, KEY) | {"visit": "1 month", "pain_nrs": "11", "mobility": "Walks 2 km"}
    answer = lab.client("paula").submit(url(number), sent, having="pain_nrs")
    assert answer.status_code == 400
    assert "The NRS goes from 0 to 10." in words(answer)
    assert 'value="11"' in answer.text
    assert 'value="Walks 2 km"' in answer.text


def test_who_records_nothing_clinical_sees_the_visits_and_no_form(lab: Lab) -> None:
    number = lab.play("closed")
    for username in ("quentin", "ada", "vic"):
        page = lab.client(username).get(f"/batches/{number}")
        assert "Follow-up" in words(page)
        assert url(number) not in links(page), username
    assert lab.client("ada").get("/follow-up").status_code == 200
    assert lab.client("ivan").get("/follow-up").status_code == 403
    assert lab.client("ivan").get("/patients/P-2048/course").status_code == 403


def test_what_is_due_stands_on_the_start_pages_of_physicians_and_quality_assurance(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("closed")
    assert "None. The visits that the master records name" in words(lab.client("paula").get("/"))
    lab.clock.tick(23 * DAY)
    for username in ("paula", "quentin"):
        page = lab.client(username).get("/")
        assert "Follow-up visits due 1 Due" in words(page)
        assert f"/batches/{number}#follow-up" in links(page)
    assert "Follow-up visits due" not in words(lab.client("tess").get("/"))
    lab.clock.tick(80 * DAY)
    said = words(lab.client("quentin").get("/"))
    assert said.index("Overdue KRK") < said.index("Due KRK")
    assert said.index(": 1 month") < said.index(": 3 months")


def test_the_list_goes_on_by_key_and_nothing_is_left_out(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labrecords.web.batches.follow_up.PAGE", 3)
    lab.play("closed")
    lab.clock.tick(500 * DAY)
    ada = lab.client("ada")
    first = ada.get("/follow-up")
    (later,) = [link for link in links(first) if "after=" in link]
    second = ada.get(later)
    assert words(first).count("Overdue") == 3
    assert words(second).count("Overdue") == 1
    assert "12 months" in words(second)
    assert "12 months" not in words(first)


def test_the_course_stands_beside_dose_and_viability_and_a_gap_is_no_zero(lab: Lab) -> None:
    number = lab.play("closed")
    empty = words(lab.client("ada").get("/patients/P-2048/course"))
    assert "None recorded" in empty
    assert "intervertebral disc L4/5, midline" in empty
    for at, pain in enumerate((6, None, 2, 0), start=1):
        lab.clock.tick(30 * DAY)
        lab.record_step(number, f"follow_up-{at}", visit="unscheduled", pain_nrs=pain)
    page = lab.client("ada").get("/patients/P-2048/course")
    said = words(page)
    plot = page.text.split("Pain, NRS of 10", 1)[1].split("</section>", 1)[0]
    assert plot.count('class="pt"') == 3
    assert plot.count('class="trace"') == 1
    assert "Not asked at 1 of 4 visits" in plot
    assert "Disability index 2.1a of 100: a lower number is better" in said
    assert "Pain, VAS of" not in said
    assert said.count("93.0") == 2


def test_an_address_that_is_no_link_of_ours_finds_nothing(lab_on_both: Lab) -> None:
    ada = lab_on_both.client("ada")
    for code in ("P-0000", "%00", "a/b", "x" * 3000):
        assert ada.get(f"/patients/{code}/course").status_code == 404
    for key in ("x", "2027-99-01/" + "a" * 32 + "/x", "2027-01-01/" + "a" * 32 + "/%00"):
        assert ada.get(f"/follow-up?after={key}").status_code == 400


def test_the_batches_of_a_patient_are_found_by_an_index_however_the_code_is_written(lab: Lab) -> None:
    number = lab.play("closed")
    lab.open_batch(patient="P-2049")
    page = lab.client("ada").get("/patients/p 2048/course")
    assert f"/batches/{number}#follow-up" in links(page)
    assert len([link for link in links(page) if link.endswith("#follow-up")]) == 1


def test_the_pages_send_as_many_statements_for_many_visits_as_for_one(lab: Lab) -> None:
    number, counts = lab.play("closed"), []
    for at in range(1, 4):
        lab.clock.tick(120 * DAY)
        lab.record_step(number, f"follow_up-{at}", visit="unscheduled")
        client = lab.client("quentin")
        for page in ("/", "/follow-up", "/patients/P-2048/course"):
            client.get(page)
        with counted() as seen:
            for page in ("/", "/follow-up", "/patients/P-2048/course"):
                assert client.get(page).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2]


def test_the_page_of_the_batch_leads_to_the_course(lab: Lab) -> None:
    number = lab.play("closed")
    assert "/patients/P-2048/course" in links(lab.client("ada").get(f"/batches/{number}"))
