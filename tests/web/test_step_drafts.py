"""What is typed in the form of a step and not recorded: kept on the server, for that person, until it is a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from labrecords.actions.readings import Reading
from labrecords.actions.steps import note_not_done, record_step
from labrecords.models.step_drafts import KEPT_FOR, StepDraft
from tests.support.lab import Lab
from tests.support.pages import Form, PageClient, forms_of
from tests.support.reading import words
from tests.support.typed import typed

LEFT = "and not recorded yet"
FIRST, CORRECTION, REPEAT = "", "/correct", "/repeat"
WRITTEN = {FIRST: "recorded", CORRECTION: "corrected", REPEAT: "repeated"}


def url(number: str, key: str, more: str = "") -> str:
    return f"/batches/{number}/steps/{key}{more}"


def step_form(html: str) -> Form:
    return next(form for form in forms_of(html) if "performed_at" in form.names)


def entries(client: PageClient, address: str) -> dict[str, str]:
    """What stands in the form of a step as it is opened now."""
    return {name: values[0] for name, values in step_form(client.get(address).text).values.items()}


def type_in(
    client: PageClient, number: str, key: str, fields: Mapping[str, str], page: str = FIRST, shown: str = ""
) -> dict[str, str]:
    """Type into the form of a page, as its script tells the server. Returns what would be sent."""
    form = step_form(shown or client.get(url(number, key, page)).text)
    sent = {name: values[0] for name, values in form.values.items()} | dict(fields)
    answer = client.post(url(number, key, f"/judge?form={WRITTEN[page]}"), data=sent)
    assert answer.status_code == 200
    return sent


def drafts(lab: Lab) -> list[Any]:
    with lab.store.read() as session:
        return list(session.execute(select(StepDraft.__table__)))


def discard(client: PageClient, page: str) -> Any:
    form = next(form for form in forms_of(client.get(page).text) if "discard" in form.names)
    sent = {name: values[0] for name, values in form.values.items()} | {"discard": "yes"}
    return client.post(form.action, data=sent)


def events(lab: Lab, number: str) -> int:
    return lab.record(number).head.seq


# ---- kept, and offered to that person alone -------------------------------------------------------------------


def test_what_was_typed_stands_again_on_any_tablet_with_when_it_was_typed(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("order")
    before = events(lab, number)
    type_in(
        lab.client("tess"),
        number,
        "harvest",
        {"container_code": "BAG-7", "draws-2-volume_ml": "8,5", "note": " Ä\n2 "},
    )
    other_tablet = lab.client("tess")
    page = other_tablet.get(url(number, "harvest"))
    assert "Typed at" in words(page)
    assert LEFT in words(page)
    stands = entries(other_tablet, url(number, "harvest"))
    assert (stands["container_code"], stands["draws-2-volume_ml"], stands["note"]) == ("BAG-7", "8,5", "Ä\n2")
    assert stands["draws-0-volume_ml"] == "", "each row stays in its place"
    assert events(lab, number) == before
    assert lab.record(number).current("harvest") is None


def test_nobody_else_sees_it(lab: Lab) -> None:
    number = lab.play("order")
    type_in(lab.client("tess"), number, "harvest", {"container_code": "BAG-7"})
    for other in ("vic", "paula", "quentin"):
        text = lab.client(other).get(url(number, "harvest")).text
        assert "BAG-7" not in text
        assert LEFT not in text


def test_a_form_that_was_opened_by_somebody_else_is_not_kept_for_who_is_signed_in_now(lab: Lab) -> None:
    number = lab.play("harvest")
    shown = lab.client("tess").get(url(number, "receipt")).text
    form = step_form(shown)
    client = lab.client("vic")
    sent = {name: values[0] for name, values in form.values.items()} | {"container_code": "BAG-7"}
    sent["csrf_token"] = step_form(client.get(url(number, "receipt")).text).values["csrf_token"][0]
    client.post(url(number, "receipt", "/judge?form=recorded"), data=sent)
    assert drafts(lab) == []


def test_somebody_who_may_not_record_the_step_keeps_nothing(lab: Lab) -> None:
    number = lab.play("order")
    form = step_form(lab.client("tess").get(url(number, "harvest")).text)
    sent = {name: values[0] for name, values in form.values.items()} | {"opened_by": lab.id("quentin")}
    client = lab.client("quentin")
    forms = forms_of(client.get("/batches").text)
    sent["csrf_token"] = next(found for found in forms if "csrf_token" in found.values).values["csrf_token"][
        0
    ]
    assert client.post(url(number, "harvest", "/judge"), data=sent).status_code == 200
    assert drafts(lab) == []


def test_a_form_in_which_nothing_was_changed_is_not_spoken_of(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    type_in(client, number, "spin_1", {})
    type_in(client, number, "receipt", {}, CORRECTION)
    for page in (url(number, "spin_1"), url(number, "receipt", CORRECTION), url(number, "receipt")):
        assert LEFT not in client.get(page).text, page


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_it_is_offered_for_a_week_and_then_taken_away(lab: Lab, late: timedelta) -> None:
    number, client = lab.play("order"), lab.client("tess")
    type_in(client, number, "harvest", {"container_code": "BAG-7"})
    lab.clock.set(lab.clock() + KEPT_FOR - timedelta(seconds=1) + late)
    client = lab.client("tess")
    assert (LEFT in client.get(url(number, "harvest")).text) == (not late)
    if late:
        type_in(client, number, "receipt", {"container_code": "BAG-8"})
        assert [row.step_key for row in drafts(lab)] == ["receipt"]


def test_a_time_of_day_is_kept_with_its_day(lab: Lab) -> None:
    number, client = lab.play("order"), lab.client("tess")
    type_in(client, number, "harvest", {"performed_at": "08:00"})
    day = lab.today()
    lab.clock.set(lab.clock() + timedelta(days=1))
    assert entries(lab.client("tess"), url(number, "harvest"))["performed_at"].startswith(f"{day} 08:00")


# ---- it ends --------------------------------------------------------------------------------------------------


def test_it_goes_with_the_act_that_records_it_and_a_late_message_does_not_bring_it_back(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    number, client = lab.play("handover_laboratory"), lab.client("tess")
    fields = typed(lab, number, "receipt")
    sent = type_in(client, number, "receipt", fields)
    assert len(drafts(lab)) == 1
    assert client.post(url(number, "receipt"), data=sent).status_code == 303
    assert drafts(lab) == []
    client.post(url(number, "receipt", "/judge?form=recorded"), data=sent)
    assert drafts(lab) == []
    assert LEFT not in client.get(url(number, "receipt")).text


def test_it_goes_when_the_step_is_paused(lab: Lab) -> None:
    number, client = lab.play("order"), lab.client("tess")
    sent = type_in(client, number, "harvest", {"container_code": "BAG-7"})
    assert client.post(url(number, "harvest"), data=sent | {"pause": "1"}).status_code == 303
    client.post(url(number, "harvest", "/judge?form=recorded"), data=sent)
    assert drafts(lab) == []
    assert entries(client, url(number, "harvest"))["container_code"] == "BAG-7", "the pause has it"


def test_a_refused_sending_leaves_it(lab: Lab) -> None:
    number, client = lab.play("order"), lab.client("tess")
    sent = type_in(client, number, "harvest", {"container_code": "BAG-7"})
    assert client.post(url(number, "harvest"), data=sent).status_code == 400
    assert entries(client, url(number, "harvest"))["container_code"] == "BAG-7"


def test_it_is_discarded_by_a_button(lab: Lab) -> None:
    number, client = lab.play("order"), lab.client("tess")
    type_in(client, number, "harvest", {"container_code": "BAG-7", "pause_note": "Wait for Vic"})
    assert "Wait for Vic" in client.get(url(number, "harvest")).text
    answer = discard(client, url(number, "harvest"))
    assert (answer.status_code, answer.location) == (303, url(number, "harvest"))
    page = client.get(url(number, "harvest")).text
    assert "BAG-7" not in page
    assert "Wait for Vic" not in page
    assert "What you had typed is discarded." in page
    assert drafts(lab) == []


# ---- each form has its own --------------------------------------------------------------------------------------


def test_a_correction_a_repeat_and_a_first_entry_are_kept_apart(lab: Lab) -> None:
    number, client = lab.play("count_after"), lab.client("tess")
    type_in(client, number, "count_after", {"note": "of the correction"}, CORRECTION)
    type_in(client, number, "count_after", {"note": "of the repeat"}, REPEAT)
    assert entries(client, url(number, "count_after", CORRECTION))["note"] == "of the correction"
    assert entries(client, url(number, "count_after", REPEAT))["note"] == "of the repeat"
    page = words(client.get(url(number, "count_after")))
    assert "A correction typed at" in page
    assert "A repeat typed at" in page
    assert "Go on with it" in page


def test_what_was_emptied_in_a_correction_stays_empty(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    type_in(client, number, "receipt", {"volume_ml": "", "note": "The scale"}, CORRECTION)
    assert entries(client, url(number, "receipt", CORRECTION))["volume_ml"] == ""


# ---- somebody wrote meanwhile -----------------------------------------------------------------------------------


def record_as(lab: Lab, who: str, number: str, key: str) -> None:
    record_step(lab.by(who), step=lab.step(number, key), reading=lab.reading(number, key))


def test_a_step_that_somebody_else_recorded_is_compared_and_never_filled_in(lab: Lab) -> None:
    number, client = lab.play("handover_laboratory"), lab.client("tess")
    type_in(client, number, "receipt", typed(lab, number, "receipt", note="MINE-7"))
    record_as(lab, "vic", number, "receipt")
    page = client.get(url(number, "receipt"))
    assert "recorded this step. Nothing of yours was saved." in words(page)
    assert "MINE-7" not in client.get(url(number, "receipt", CORRECTION)).text
    form = next(form for form in forms_of(page.text) if "compare" in form.names)
    sent = {name: values[0] for name, values in form.values.items()} | {"compare": "yes"}
    both = client.post(form.action, data=sent)
    assert both.status_code == 409
    assert "MINE-7" in both.text
    assert "saved this step while you were writing" in words(both)


def test_after_the_comparison_is_saved_nothing_is_left(lab: Lab) -> None:
    number, client = lab.play("handover_laboratory"), lab.client("tess")
    type_in(client, number, "receipt", {"note": "MINE-7"})
    record_as(lab, "vic", number, "receipt")
    lab.correct_step(
        number, "receipt", "The code was read from another bag.", volume_ml=Decimal("59.5"), by="tess"
    )
    assert drafts(lab) == []


def test_a_correction_of_a_version_that_was_corrected_meanwhile_is_not_filled_in(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    type_in(client, number, "receipt", {"note": "Mine"}, CORRECTION)
    lab.correct_step(
        number,
        "receipt",
        "The scale was read anew.",
        volume_ml=Decimal("59.5"),
        by="vic",
    )
    page = client.get(url(number, "receipt", CORRECTION))
    assert entries(client, url(number, "receipt", CORRECTION))["note"] != "Mine"
    assert "changed this step. Nothing of yours was saved." in words(page)
    assert "Compare both" in words(page)


def test_a_step_that_changed_otherwise_is_filled_in_with_a_warning(lab: Lab) -> None:
    number, client = lab.play("harvest"), lab.client("tess")
    type_in(client, number, "receipt", {"container_code": "BAG-7"})
    nothing = Reading(kind=lab.reading(number, "receipt").kind, facts={}, performed_by=lab.id("vic"))
    note_not_done(
        lab.by("vic"), step=lab.step(number, "receipt"), reading=nothing, reason="The patient was sent home."
    )
    page = client.get(url(number, "receipt"))
    assert "This step has changed since" in words(page)
    assert entries(client, url(number, "receipt"))["container_code"] == "BAG-7"


def test_two_pages_of_one_person_keep_what_was_typed_last(lab: Lab) -> None:
    number, client = lab.play("handover_laboratory"), lab.client("tess")
    one = client.get(url(number, "receipt")).text
    two = client.get(url(number, "receipt")).text
    type_in(client, number, "receipt", {"note": "ONE"}, shown=one)
    sent = type_in(client, number, "receipt", typed(lab, number, "receipt", note="TWO"), shown=two)
    assert entries(client, url(number, "receipt"))["note"] == "TWO"
    assert client.post(url(number, "receipt"), data=sent).status_code == 303
    type_in(client, number, "receipt", {"note": "ONE"}, shown=one)
    assert drafts(lab) == [], "this person knows what they recorded; the other page meets it when it is sent"


# ---- how much ---------------------------------------------------------------------------------------------------


def test_a_hundred_rows_and_ten_thousand_characters_come_back_as_they_were(lab: Lab) -> None:
    number, client = lab.play("sample_after"), lab.client("tess")
    rows = {f"squares-{row}-{column}": str(row) for row in range(100) for column in ("live", "dead")}
    type_in(client, number, "count_after", rows | {"note": "ä" * 10_000})
    stands = entries(client, url(number, "count_after"))
    assert {name: stands[name] for name in rows} == rows
    assert stands["note"] == "ä" * 10_000


def test_what_no_form_of_ours_holds_is_not_kept(lab: Lab) -> None:
    number, client = lab.play("order"), lab.client("tess")
    type_in(client, number, "harvest", {"note": "x" * 300_000})
    assert drafts(lab) == []
    strange = {"password": "hunter2", "csrf": "1", "note": "a\0b", "bypass_password": "hunter2"}
    type_in(client, number, "harvest", strange)
    (row,) = drafts(lab)
    assert "hunter2" not in row.typed
    assert "csrf" not in row.typed
    for wrong in ({"seen": "9" * 40}, {"replaces": "z" * 99}, {"seen": "x"}):
        type_in(client, number, "receipt", {"container_code": "B"} | wrong)
    assert [item.step_key for item in drafts(lab)] == ["harvest"]
    assert client.post(url(number, "harvest", "/judge?form=nothing"), data=strange).status_code == 400


def test_what_a_later_pause_kept_stands_where_the_draft_had_left_it_empty(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    type_in(lab.client("tess"), number, "receipt", {"container_code": "BAG-7"})
    vic = lab.client("vic")
    sent = type_in(vic, number, "receipt", {"volume_ml": "60.0"})
    lab.clock.tick()
    assert vic.post(url(number, "receipt"), data=sent | {"pause": "1"}).status_code == 303
    found = entries(lab.client("tess"), url(number, "receipt"))
    assert (found["container_code"], found["volume_ml"]) == ("BAG-7", "60.0")


def test_a_form_that_does_not_fit_the_step_is_no_form(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    for written in ("repeated", "reported", "other"):
        assert client.post(url(number, "receipt", f"/judge?form={written}"), data={}).status_code == 400
        form = {"form": written, "compare": "yes"}
        assert client.post(url(number, "receipt", "/typed"), data=form).status_code == 400
