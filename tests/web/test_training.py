"""Training in the browser, and the step that asks for it."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from labrecords.actions.mixups import Stopped
from labrecords.actions.training import record_training, withdraw_training
from labrecords.models.lists import BatchQuery, list_batches
from labrecords.models.trained import trained_people
from tests.support.lab import Lab, refusal
from tests.support.reading import words

GIVEN = {
    "sop": "SOP-012",
    "sop_version": "3",
    "trained_on": "2026-10-01",
    "expires_on": "2027-10-01",
    "assessor": "Vic Vermeer",
}


def trained(lab: Lab, username: str = "tess", **changes: str) -> int:
    page = f"/training/{lab.id(username)}/add"
    return lab.client("quentin").submit(page, GIVEN | changes, having="sop").status_code


@pytest.mark.req("GMP-25")
def test_quality_assurance_records_training_and_everybody_reads_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    assert trained(lab) == 303
    for username in ("tess", "ada", "quentin"):
        page = words(lab.client(username).get(f"/training/{lab.id('tess')}"))
        for part in ("SOP-012, version 3", "2026-10-01", "2027-10-01", "current", "Quentin Quist"):
            assert part in page, part
    assert "Tess Tamm" in lab.client("ada").get("/training").text


def test_the_register_is_reached_from_every_page_by_who_may_read_it(lab: Lab) -> None:
    for username in ("quentin", "tess", "ada"):
        assert 'href="/training"' in lab.client(username).get("/account").text
        assert f'href="/training/{lab.id(username)}"' in lab.client(username).get("/account").text


def test_an_administrator_reads_the_register_and_records_nothing(lab: Lab) -> None:
    trained(lab)
    client = lab.client("ivan")
    assert 'href="/training"' in client.get("/account").text
    assert "SOP-012" in words(client.get(f"/training/{lab.id('tess')}"))
    assert client.get(f"/training/{lab.id('tess')}/add").status_code == 403


def test_whose_training_runs_out_first_stands_first_and_can_be_listed_alone(lab_on_both: Lab) -> None:
    lab = lab_on_both
    trained(lab, "vic", expires_on="2026-12-01")
    trained(lab, "tess", expires_on="2026-11-22")
    trained(lab, "paula", expires_on="2027-12-01")
    client = lab.client("quentin")
    everybody = words(client.get("/training"))
    order = [everybody.index(name) for name in ("Tess Tamm", "Vic Vermeer", "Paula")]
    assert order == sorted(order)
    for part in ("Expired 2026-11-22", "Expires soon 2026-12-01", "nothing due"):
        assert part in everybody, part
    due = words(client.get("/training?due=yes"))
    assert "Tess Tamm" in due
    assert "Paula" not in due
    trained(lab, "tess", expires_on="2028-01-01")
    assert "Tess Tamm" not in words(client.get("/training?due=yes"))


def test_the_register_goes_on_page_by_page_where_it_ended(lab_on_both: Lab) -> None:
    lab = lab_on_both
    trained(lab, "vic", expires_on="2026-12-01")
    trained(lab, "tess", expires_on="2026-11-22")
    found, after = list[str](), ""
    with lab.store.read() as session:
        everybody, _ = trained_people(session, date(2026, 12, 22))
        for _ in everybody:
            (row,), after = trained_people(session, date(2026, 12, 22), after=after, size=1)
            found.append(row.member.id)
    assert found == [row.member.id for row in everybody]
    assert found[:2] == [lab.id("tess"), lab.id("vic")]
    assert after == ""


@pytest.mark.parametrize(("until", "word"), [("2026-11-22", "expired"), ("2026-12-01", "expires soon")])
def test_what_expired_or_does_so_soon_is_said(lab: Lab, until: str, word: str) -> None:
    trained(lab, expires_on=until)
    assert word in words(lab.client("tess").get(f"/training/{lab.id('tess')}"))


def test_nobody_records_their_own_and_only_quality_assurance_records(lab: Lab) -> None:
    assert trained(lab, "quentin") == 403
    for username in ("tess", "vic", "paula", "ada"):
        assert lab.client(username).get(f"/training/{lab.id('tess')}/add").status_code == 403


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sop": ""}, "Enter the code of the procedure."),
        ({"sop": "SOP-012/3"}, "its version stands beside it"),
        ({"sop_version": ""}, "Enter the version of the procedure."),
        ({"trained_on": ""}, "Enter the day of the training."),
        ({"trained_on": "2026-11-24"}, "This day is in the future."),
        ({"expires_on": "2026-09-30"}, "cannot expire before it was given"),
        ({"assessor": ""}, "Enter who trained or assessed the person."),
    ],
)
def test_what_cannot_be_is_asked_back(lab: Lab, changes: dict[str, str], sentence: str) -> None:
    page = f"/training/{lab.id('tess')}/add"
    answer = lab.client("quentin").submit(page, GIVEN | changes, having="sop")
    assert answer.status_code == 400
    assert sentence in answer.text


def test_an_entry_is_withdrawn_with_a_reason_once(lab: Lab) -> None:
    by = lab.by("quentin")
    entry = record_training(
        by, person_id=lab.id("tess"), sop="SOP-012", sop_version="3", trained_on=lab.clock.now.date(),
        expires_on=None, assessor="Vic",
    )  # fmt: skip
    page = f"/training/{lab.id('tess')}/withdraw/{entry}"
    client = lab.client("quentin")
    assert client.submit(page, {"reason": "error"}, having="reason").status_code == 400
    assert (
        client.submit(page, {"reason": "Recorded for the wrong person."}, having="reason").status_code == 303
    )
    shown = words(client.get(f"/training/{lab.id('tess')}"))
    assert "withdrawn Recorded for the wrong person. Quentin Quist" in shown
    again = partial(
        withdraw_training, lab.by("quentin"), person_id=lab.id("tess"), training_id=entry, reason="Once more."
    )
    assert refusal(again) == ("training",)
    assert client.get(page).status_code == 404


def test_nobody_unknown_has_training(lab: Lab) -> None:
    for path in (f"/training/{'0' * 32}", f"/training/{'0' * 32}/add"):
        assert lab.client("quentin").get(path).status_code == 404


@pytest.mark.req("GMP-25")
def test_a_step_that_names_a_procedure_begins_only_with_a_trained_performer(lab_on_both: Lab) -> None:
    lab = lab_on_both
    process = lab.adopt(('key = "receipt"', 'key = "receipt"\nsop = "SOP-012/3"'))
    number = lab.play("handover_laboratory", lab.open_batch(process=process))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "receipt")
    assert [stop.rule for stop in stopped.value.stops] == ["training"]
    trained(lab)
    lab.record_step(number, "receipt")
    assert [row.assessor for row in lab.record(number).training if row.sop == "SOP-012"] == ["Vic Vermeer"]


def test_training_that_is_recorded_after_the_act_is_judged_in_the_lists_at_once(lab: Lab) -> None:
    process = lab.adopt(('key = "receipt"', 'key = "receipt"\nsop = "SOP-012/3"'))
    number = lab.play("handover_laboratory", lab.open_batch(process=process))
    lab.record_step(number, "receipt", happened_reason="Nobody else was in the building.")
    assert blocking(lab, number) == 1
    lab.clock.tick(10)
    trained(lab)
    assert blocking(lab, number) == 0
    lab.check()


def test_training_that_is_withdrawn_in_the_minute_of_the_act_is_judged_in_the_lists_at_once(lab: Lab) -> None:
    process = lab.adopt(('key = "receipt"', 'key = "receipt"\nsop = "SOP-012/3"'))
    number = lab.play("handover_laboratory", lab.open_batch(process=process))
    trained(lab)
    lab.record_step(number, "receipt")
    assert blocking(lab, number) == 0
    (row,) = (row for row in lab.record(number).training if row.sop == "SOP-012")
    withdraw_training(
        lab.by("quentin"), person_id=row.person_id, training_id=row.id, reason="Somebody else was trained."
    )
    assert blocking(lab, number) == 1
    lab.check()


def blocking(lab: Lab, number: str) -> int:
    """How many blocking findings the list of batches shows."""
    with lab.store.read() as session:
        (row,) = [row for row in list_batches(session, BatchQuery()).rows if row.number == number]
    return int(row.blocking)
