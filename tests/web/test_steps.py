"""The screens of the steps: recorded, asked back, stopped, corrected, confirmed, not done, and two people at once."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape

import pytest
from werkzeug.test import TestResponse

from labrecords.actions import accounts, people
from labrecords.actions.accounts import accept_invitation
from labrecords.actions.batches import void_batch
from labrecords.actions.laboratory import shipped_processes
from labrecords.domain.entries import GIVEN, RECEIVED, VERIFIED
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import KINDS, facts_in
from labrecords.domain.processes.process import AT_ANY_TIME, Process
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.review.decisions import RELEASED
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.values.typography import grouped
from tests.support import story
from tests.support.everything import MYCOPLASMA
from tests.support.lab import Lab
from tests.support.pages import Form, PageClient, forms_of
from tests.support.printed import text_of
from tests.support.qc import read_label
from tests.support.story import number_of
from tests.support.typed import typed

FORM = "performed_by"
"""A field that only the form of the step itself has."""


def url(number: str, key: str, more: str = "") -> str:
    return f"/batches/{number}/steps/{key}{more}"


def send(lab: Lab, by: str, number: str, key: str, **changes: str) -> TestResponse:
    """Open the page of a step and send what the story has, with changes."""
    return lab.client(by).submit(url(number, key), typed(lab, number, key, **changes), having=FORM)


def step_form(page: TestResponse) -> Form:
    """The form of the step on a page."""
    return next(form for form in forms_of(page.text) if FORM in form.names)


def correct(
    client: PageClient, where: str, changes: dict[str, str], response: TestResponse | None = None
) -> TestResponse:
    """Send a correction, and once more where the page first shows what follows from it."""
    answer = client.submit(where, changes, having=FORM, response=response)
    if 'id="impact"' in answer.text:
        answer = client.submit(where, having=FORM, response=answer)
    return answer


def shown(page: TestResponse, name: str) -> str:
    """What stands in an entry of the step's form."""
    return step_form(page).values.get(name, [""])[0]


def error_at(page: TestResponse, name: str) -> str:
    """The sentence at an entry, or nothing."""
    found = re.search(rf'id="{re.escape(name)}-error">.*?<span>(.*?)</span>', page.text, re.DOTALL)
    return unescape(found[1]) if found else ""


def trail_length(lab: Lab, number: str) -> int:
    return lab.record(number).head.seq


# ---- recording --------------------------------------------------------------------------------------------------


def test_a_whole_batch_is_recorded_and_confirmed_on_the_pages(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    for key, part in story.PARTS.items():
        lab.clock.tick(5)
        if key == "handover_theatre":
            lab.decide(number, RELEASED)
            lab.clock.tick(5)
        client = lab.client(part.recorded_by)
        if key in story.NOT_DONE:
            answer = client.submit(url(number, key), {"reason": story.NOT_DONE[key]}, having="reason")
        else:
            answer = client.submit(url(number, key), typed(lab, number, key), having=FORM)
        assert answer.status_code == 303, (key, answer.text)
        confirm_on_page(lab, client, number, key)
    record = lab.record(number)
    assert record.next_step() is None
    assert not any(record.outstanding(entry) for entry in record.current_entries())
    assert not [found for found in findings(record) if found.severity > Severity.EXCEPTION]
    assert record.current("spin_1").speed_rpm == Decimal(2400)  # type: ignore[union-attr]


def confirm_on_page(lab: Lab, client: PageClient, number: str, key: str) -> None:
    """Give every confirmation that is asked for, each by own sign-in on the screen of somebody else."""
    names = {member.id: member.username for member in lab.cast.values()}
    entry = lab.record(number).current(key)
    for wanted in lab.record(number).outstanding(entry) if entry else ():
        who = names[wanted.person_id] if wanted.person_id else story.part_of(key).verified_by
        answer = confirm(lab, client, number, key, who, wanted.act)
        assert answer.status_code == 303, (key, answer.text)


def confirm(
    lab: Lab, client: PageClient, number: str, key: str, who: str, act: str = VERIFIED, password: str = ""
) -> TestResponse:
    page = client.get(url(number, key))
    form = next(form for form in forms_of(page.text) if form.values.get("act") == [act])
    sent = {name: values[0] for name, values in form.values.items()}
    sent |= {"username": who, "password": password or lab.cast[who].password}
    return client.post(form.action, data=sent)


def test_a_step_that_is_recorded_leads_to_the_next_one(lab: Lab) -> None:
    number = lab.play("receipt")
    answer = send(lab, "tess", number, "sample_before")
    assert answer.location == url(number, "count_before")


def test_the_last_step_before_the_release_leads_to_the_batch(lab: Lab) -> None:
    number = lab.play("reconciliation")
    answer = send(lab, "tess", number, story.LAST_STEP_BEFORE_RELEASE)
    assert answer.location == f"/batches/{number}"


def test_a_decimal_comma_is_understood_and_the_text_is_kept(lab: Lab) -> None:
    number = lab.play("receipt")
    assert send(lab, "tess", number, "sample_before", volume_ml="0,80").status_code == 303
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert entry.as_entered == {"volume_ml": "0,80"}
    assert entry.volume_ml == Decimal("0.80")  # type: ignore[attr-defined]


def test_text_of_a_cell_is_kept_under_the_row_that_is_recorded(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    changes = {"draws-0-volume_ml": "", "draws-1-volume_ml": "26,0", "draws-2-volume_ml": "26"}
    assert send(lab, "tess", number, "harvest", **changes).status_code == 303
    entry = lab.record(number).current("harvest")
    assert entry is not None
    assert [row.volume_ml for row in entry.draws] == [Decimal("26.0"), Decimal(26)]  # type: ignore[attr-defined]
    assert (entry.as_entered["draws-0-volume_ml"], entry.as_entered["draws-1-volume_ml"]) == ("26,0", "26")


def test_the_time_is_now_where_none_is_stated(lab: Lab) -> None:
    number = lab.play("receipt")
    before = lab.clock.now
    send(lab, "tess", number, "sample_before")
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert before < entry.performed_at == entry.recorded_at


def test_people_read_what_they_may_not_record_and_are_told_why(lab: Lab) -> None:
    number = lab.play("receipt")
    page = lab.client("ada").get(url(number, "sample_before"))
    assert page.status_code == 200
    assert "You do not have the right: record the steps in the laboratory" in page.text
    assert not any(FORM in form.names or "reason" in form.names for form in forms_of(page.text))


def test_a_form_sent_without_the_right_is_refused_and_nothing_is_recorded(lab: Lab) -> None:
    number = lab.play("receipt")
    tess, ada = lab.client("tess"), lab.client("ada")
    form = step_form(tess.get(url(number, "sample_before")))
    forms = forms_of(ada.get(url(number, "sample_before")).text)
    other = next(found for found in forms if "csrf_token" in found.values)
    sent = {name: values[0] for name, values in form.values.items()} | typed(lab, number, "sample_before")
    sent |= {"csrf_token": other.values["csrf_token"][0], "opened_by": lab.id("ada")}
    answer = ada.post(url(number, "sample_before"), data=sent)
    assert answer.status_code == 403
    assert "You do not have the right" in answer.text
    assert lab.record(number).current("sample_before") is None


def test_the_performer_is_the_person_who_is_here_where_they_may_be(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    assert shown(lab.client("paula").get(url(number, "harvest")), FORM) == lab.id("paula")
    page = lab.client("tess").get(url(number, "harvest"))
    assert shown(page, FORM) == ""
    assert [name for name in ("tess", "vic", "paula") if f"· {name}<" in page.text] == ["paula"]


def test_a_courier_is_offered_where_material_is_carried_and_nowhere_else(lab: Lab) -> None:
    number = lab.play("harvest")
    tess = lab.client("tess")
    assert "· cora<" in tess.get(url(number, "handover_laboratory")).text
    assert "· cora<" not in tess.get(url(number, "receipt")).text


def test_who_left_before_the_batch_cannot_be_chosen_and_who_left_since_can(lab: Lab) -> None:
    number = lab.play("receipt")
    people.deactivate(lab.by("ivan"), person_id=lab.id("vic"), reason="Has left the laboratory.")
    assert "· vic<" in lab.client("tess").get(url(number, "sample_before")).text
    later = lab.open_batch()
    page = lab.client("tess").get(url(later, "receipt"))
    assert "· vic<" not in page.text
    answer = send(lab, "tess", later, "receipt", performed_by=lab.id("vic"))
    assert error_at(answer, FORM).startswith("Choose a person")


def test_yes_or_no_and_choices_begin_unanswered(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    page = lab.client("tess").get(url(number, "receipt"))
    for name in ("clots", "leaks", "label_legible", "appearance", "decision"):
        assert name not in step_form(page).values
    answer = lab.client("tess").submit(
        url(number, "receipt"),
        {"container_code": "BAG-7", "volume_ml": "60", "temperature_c": "21"},
        having=FORM,
    )
    assert answer.status_code == 400
    for name in ("clots", "leaks", "label_legible", "appearance", "decision"):
        assert error_at(answer, name).startswith("Fill in")


def test_limits_unit_and_hint_stand_beside_the_entry(lab: Lab) -> None:
    number = lab.play("count_before")
    text = lab.client("tess").get(url(number, "spin_1")).text.replace("\xa0", " ")
    for words in (
        "Target 21 °C",
        "Limit 2–30 °C",
        "Usual 4–30 °C",
        "Enter this or the speed, or both",
        f"{number_of('spin_1')}</b>of {len(story.PARTS)}",
    ):
        assert words in text


def test_a_day_and_a_time_say_how_they_are_typed(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    page = lab.client("paula").get(url(number, "harvest")).text
    for name, words in (
        ("anticoagulant_expiry", "Such as 2027-03-31"),
        ("started_at", "14:30 alone is today&#39;s"),
    ):
        assert words in page.partition(f'id="{name}-limit"')[2].partition("</span>")[0]


def test_steps_before_are_folded_and_an_open_one_is_named(lab: Lab) -> None:
    number = lab.play("receipt")
    text = lab.client("tess").get(url(number, "spin_1")).text
    assert f"1–{number_of('harvest')}" in text
    assert text.count('<details class="past">') == number_of("receipt") + 1
    assert f"Step {number_of('sample_before')} comes first." in text
    assert f'<a href="{url(number, "sample_before")}">' in text


# ---- asked back -------------------------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_asked_back_at_once_and_what_was_typed_is_kept(lab: Lab) -> None:
    number = lab.play("count_before")
    answer = send(
        lab,
        "tess",
        number,
        "spin_1",
        duration_min="1,000",
        brake="",
        temperature_c="31",
        rotor="",
        note="Slow start",
    )
    assert answer.status_code == 400
    assert "one thousand or one" in error_at(answer, "duration_min")
    assert error_at(answer, "brake").startswith("Fill in")
    assert error_at(answer, "rotor").startswith("Fill in")
    assert "31 °C is unusual" in error_at(answer, "temperature_c-reason").replace("\xa0", " ")
    assert "Nothing was saved yet. 4 entries need you." in answer.text
    assert {shown(answer, name) for name in ("duration_min", "temperature_c", "note")} == {
        "1,000",
        "31",
        "Slow start",
    }
    assert lab.record(number).current("spin_1") is None


def test_one_of_two_that_belong_together_is_asked_for(lab: Lab) -> None:
    number = lab.play("count_before")
    answer = send(lab, "tess", number, "spin_1", speed_rpm="")
    assert "Enter at least one" in error_at(answer, "speed_rpm")
    answer = send(lab, "tess", number, "spin_1", speed_rpm="2400 rpm")
    assert "without “rpm”" in error_at(answer, "speed_rpm")
    answer = send(lab, "tess", number, "spin_1", speed_rpm="", rcf_g="800 g")
    assert error_at(answer, "speed_rpm") == ""
    assert "without “g”" in error_at(answer, "rcf_g")


def test_what_is_missing_in_a_row_is_said_in_that_row(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    changes = {"draws-1-volume_ml": "", "draws-3-drawn_at": "2026-11-23 08:00", "draws-4-volume_ml": "600"}
    answer = send(lab, "tess", number, "harvest", **changes)
    assert error_at(answer, "draws-3-volume_ml") == "Fill in volume."
    assert "600 mL cannot be right" in error_at(answer, "draws-4-volume_ml").replace("\xa0", " ")
    assert error_at(answer, "draws-1-volume_ml") == ""


def test_what_contradicts_itself_is_asked_back(lab: Lab) -> None:
    number = lab.play("sample_after")
    answer = send(lab, "tess", number, "count_after", live="0", dead="0")
    assert "No cells were counted" in error_at(answer, "live")


def test_an_unusual_value_is_recorded_with_its_reason(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    page = client.get(url(number, "sample_before"))
    assert "volume_ml-reason" not in step_form(page).names
    answer = client.submit(
        url(number, "sample_before"), typed(lab, number, "sample_before", volume_ml="4"), having=FORM
    )
    assert answer.status_code == 400
    assert "usual is 0.1 to 3" in error_at(answer, "volume_ml-reason")
    done = client.submit(
        url(number, "sample_before"), {"volume_ml-reason": "For a culture too."}, having=FORM, response=answer
    )
    assert done.status_code == 303
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert entry.confirmed == {"volume_ml": "For a culture too."}
    assert "Why unusual: volume drawn" in client.get(url(number, "sample_before")).text


def test_a_reason_is_not_kept_for_a_value_that_became_usual(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    answer = client.submit(
        url(number, "sample_before"), typed(lab, number, "sample_before", volume_ml="5"), having=FORM
    )
    changes = {"volume_ml": "0.5", "volume_ml-reason": "For a culture too."}
    assert (
        client.submit(url(number, "sample_before"), changes, having=FORM, response=answer).status_code == 303
    )
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert entry.confirmed == {}


def test_a_late_entry_says_why_and_is_marked(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.clock.tick(40)
    client, early = lab.client("tess"), "2026-11-23 08:36"
    page = client.get(url(number, "sample_before"))
    assert "late_reason" not in step_form(page).names
    answer = client.submit(
        url(number, "sample_before"), typed(lab, number, "sample_before", performed_at=early), having=FORM
    )
    assert "more than 15 min after the act" in error_at(answer, "late_reason")
    changes = {"late_reason": "Both hands were in the cabinet."}
    assert (
        client.submit(url(number, "sample_before"), changes, having=FORM, response=answer).status_code == 303
    )
    page = client.get(url(number, "sample_before"))
    assert "LATE ENTRY 39" in page.text
    assert "Both hands were in the cabinet." in page.text


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("2026-11-23 23:59", "in the future"),
        ("2026-03-29 02:30", "the clocks were put forward"),
        ("2026-10-25 02:30", "Write 2026-10-25 02:30:00 +02:00 for the first time"),
        ("23:20", "Write the date, for example 2026-11-22 23:20"),
        ("23.11.2026 8:20", "year-month-day"),
    ],
)
def test_times_that_cannot_be_or_are_not_clear_are_asked_back(lab: Lab, stated: str, said: str) -> None:
    number = lab.play("count_before")
    for key, name in (
        ("spin_1", "performed_at"),
        ("harvest", "started_at"),
        ("handover_laboratory", "given_at"),
    ):
        page = url(number, key) if key == "spin_1" else url(number, key, "/correct")
        changes = typed(lab, number, key, **{name: stated})
        if page.endswith("/correct"):
            changes |= {"what_was_wrong": "misread", "reason": "Read again on the clock."}
        answer = lab.client("tess").submit(page, changes, having=FORM)
        assert answer.status_code == 400
        assert said in error_at(answer, name)
        assert shown(answer, name) == stated


def test_a_future_time_in_a_row_is_said_in_that_row(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    changes = {"draws-1-volume_ml": "", "draws-2-drawn_at": "2026-11-23 23:00"}
    answer = send(lab, "tess", number, "harvest", **changes)
    assert error_at(answer, "draws-2-drawn_at") == "This time is in the future."


def test_one_more_row_without_javascript_saves_nothing(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    client = lab.client("tess")
    fields = typed(lab, number, "harvest") | {"add_row": "draws"}
    answer = client.submit(url(number, "harvest"), fields, having=FORM)
    assert answer.status_code == 200
    assert shown(answer, "draws-0-volume_ml") == "18.0"
    assert shown(answer, "place") == "Theatre 2"
    assert "draws-6-volume_ml" in step_form(answer).names
    assert "need" not in re.findall(r"<h2[^>]*>(.*?)</h2>", answer.text)
    assert lab.record(number).current("harvest") is None
    assert client.submit(url(number, "harvest"), {"add_row": "place"}, having=FORM).status_code == 400


# ---- hostile input ----------------------------------------------------------------------------------------------

HOSTILE = {
    "nothing": "",
    "not a number": "NaN",
    "infinity": "Infinity",
    "an exponent": "1e309",
    "a negative number": "-1",
    "a unit": "5 mL",
    "Arabic digits": "\u0663\u0665",
    "10,000 characters": "9" * 10_000,
    "a NUL": "1\x002",
    "a direction override": "\u202e12",
    "HTML": "<script>alert(1)</script>",
    "SQL": "'; DROP TABLE person; --",
    "a template": "{{7*7}}",
    "markup": "<b>1</b>",
    "a formula": "=1+1",
    "a skipped hour": "2026-03-29 02:30",
    "an hour shown twice": "2026-10-25 02:30",
}
NOT_PRINTABLE = {"Arabic digits", "10,000 characters", "a NUL", "a direction override"}
WRITTEN = (FactType.TEXT, FactType.NOTE, FactType.CODE)


def accepted(fact: Fact, what: str, *, required: bool) -> bool:
    """Whether a hostile input is a possible value of a fact."""
    if what == "nothing":
        return not required
    if fact.private and fact.type is FactType.TEXT:
        # A name, or a day: what has digits and is no day of birth is asked back.
        return what in {"not a number", "infinity", "SQL"}
    if fact.type in WRITTEN:
        return what not in NOT_PRINTABLE
    return fact.type is FactType.NUMBER and fact.signed and what == "a negative number"


ONE_OF_EACH_KIND = (
    "order", "identity_harvest", "harvest", "handover_laboratory", "receipt", "sample_before", "count_after", "spin_1",
    "resuspension", "bedside", "injection", "residual", "filtration", "area_before", "anticoagulant", "fractions",
    "room_temperature", "final_container", "reconciliation", "liposuction", "wash_fat", "digest", "emulsify", "lyse",
    "gram", "endotoxin", "sterility", "mycoplasma", "cfu_f", "flow", "counter_after", "analyser_after",
    "storage-1", "division-1", "pool-1", "label_over-1", "offer-1", "refusal-1", "product_check-1", "adverse_event-1",
    "follow_up-1",
)  # fmt: skip


def process_with(key: str) -> Process:
    """The first of the shipped processes that has this step; any has the acts of custody."""
    processes = map(read_process, shipped_processes())
    act = key.partition("-")[0] in AT_ANY_TIME
    return next(item for item in processes if act or key in {step.key for step in item.steps})


def batch_with(lab: Lab, key: str) -> str:
    """A batch that has this step; a kind that no shipped process has stands in one of the tests."""
    return lab.open_batch(process=lab.adopt(MYCOPLASMA) if key == "mycoplasma" else process_with(key).digest)


def test_every_kind_is_among_them() -> None:
    kinds = {process_with(key).step(key).kind for key in ONE_OF_EACH_KIND if key != "mycoplasma"}
    assert kinds | {"mycoplasma"} == set(KINDS)


def fact_group(facts: tuple[Fact, ...], name: str) -> str:
    """The group of which one is entered, that a fact belongs to."""
    return next((fact.one_of for fact in facts if fact.name == name), "")


def expected_of(fact: Fact, what: str, *, required: bool) -> dict[str, bool]:
    """For each entry of a fact whether a hostile input is a possible value of it."""
    if fact.row is None:
        return {fact.name: accepted(fact, what, required=required)}
    # A row that is wholly empty is no row: it needs nothing.
    needed = what != "nothing"
    return {
        f"{fact.name}-1-{column.name}": accepted(column, what, required=needed and column.required)
        for column in facts_of(fact.row)
    }


def test_what_was_typed_survives_a_sign_out_in_another_tab(lab: Lab) -> None:
    number, tess = lab.play("receipt"), lab.client("tess")
    form = step_form(tess.get(url(number, "sample_before")))
    sent = {name: values[0] for name, values in form.values.items()} | typed(lab, number, "sample_before")
    other = next(item for item in forms_of(tess.get("/").text) if item.action == "/sign-out")
    tess.post("/sign-out", data={name: values[0] for name, values in other.values.items()})
    answer = tess.post(url(number, "sample_before"), data=sent, headers={"Origin": "http://localhost"})
    assert answer.status_code == 403
    assert "nothing that you typed is lost" in answer.text
    assert f'name="sample_code" value="{sent["sample_code"]}"' in answer.text
    forged = sent | {"csrf_token": "guessed"}
    foreign = tess.post(
        url(number, "sample_before"), data=forged, headers={"Origin": "http://elsewhere.example"}
    )
    assert foreign.status_code == 400
    assert sent["sample_code"] not in foreign.text


def signed_out_with(lab: Lab, number: str, back: str) -> tuple[PageClient, TestResponse]:
    """Tess types in one tab and signs out in another, somebody signs in there, and her page is sent: the answer."""
    tess = lab.client()
    tess.submit("/sign-in", {"username": "tess", "password": lab.cast["tess"].password})
    page = tess.get(url(number, "sample_before"))
    other = next(item for item in forms_of(page.text) if item.action == "/sign-out")
    tess.post("/sign-out", data={name: values[0] for name, values in other.values.items()})
    tess.submit("/sign-in", {"username": back, "password": lab.cast[back].password})
    form = step_form(page)
    sent = {name: values[0] for name, values in form.values.items()} | typed(lab, number, "sample_before")
    return tess, tess.post(url(number, "sample_before"), data=sent, headers={"Origin": "http://localhost"})


def test_who_signs_in_again_sends_what_was_typed_before(lab: Lab) -> None:
    number = lab.play("receipt")
    _, answer = signed_out_with(lab, number, "tess")
    assert answer.status_code == 303, answer.text
    assert lab.record(number).current("sample_before")


def test_another_person_reads_what_was_typed_and_sends_nothing_of_it(lab: Lab) -> None:
    number = lab.play("receipt")
    client, answer = signed_out_with(lab, number, "vic")
    assert answer.status_code == 400
    assert "<dt>Sample code</dt><dd>S-1</dd>" in answer.text
    assert not [form for form in forms_of(answer.text) if FORM in form.names]
    assert lab.record(number).current("sample_before") is None
    forged = {"form_key": "0" * 32, "sample_code": "<b>S-1</b>"}
    foreign = client.post("/batches/new", data=forged, headers={"Origin": "http://elsewhere.example"})
    assert "S-1" not in foreign.text
    own = client.post("/batches/new", data=forged, headers={"Origin": "http://localhost"})
    assert "<dd>&lt;b&gt;S-1&lt;/b&gt;</dd>" in own.text


def test_a_filtration_is_recorded_confirmed_and_released_on_the_pages(lab: Lab) -> None:
    process = process_with("filtration")
    number = lab.open_batch(process=process.digest)
    for step in process.phase("processing"):
        lab.clock.tick(2)
        if step.key == "filtration":
            client = lab.client("tess")
            answer = client.submit(url(number, step.key), typed(lab, number, step.key), having=FORM)
            assert answer.status_code == 303, answer.text
            confirm_on_page(lab, client, number, step.key)
        else:
            lab.record_step(number, step.key)
            lab.confirm_all(number, step.key)
    for key in ("gram", "endotoxin", "sterility"):
        lab.record_step(number, key)
        lab.confirm_all(number, key)
    assert "Left in filter and tubing" in lab.client("vic").get(url(number, "filtration")).text
    read_label(lab, number, "product_check-1")
    assert lab.decide(number).sha256
    printed = text_of(lab.client("ada").get(f"/batches/{number}/documents/1.pdf").data)
    assert "Filter the marrow and collect the cells" in printed
    assert "Marrow filter M-200 F-2210 2027-06-30" in printed


@pytest.mark.parametrize("key", ONE_OF_EACH_KIND)
def test_hostile_input_is_asked_back_at_every_entry_of_every_kind(lab: Lab, key: str) -> None:
    number = batch_with(lab, key)
    client, before = lab.client("tess"), trail_length(lab, number)
    step = lab.record(number).process.step(key)
    facts = facts_in(step)
    empty = {name: values[0] for name, values in step_form(client.get(url(number, key))).values.items()}
    for what, text in HOSTILE.items():
        expected: dict[str, bool] = {}
        for fact in facts:
            expected |= expected_of(fact, what, required=fact.required or fact.name in step.required_facts)
        sent = empty | dict.fromkeys(expected, text) | {"note": text}
        answer = client.post(url(number, key), data=sent)
        # Where all of it can be, the order of the steps stops it: nothing was recorded before.
        assert answer.status_code == (403 if all(expected.values()) else 400), (what, answer.text)
        for name, fine in expected.items():
            said = error_at(answer, name)
            # Of two that exclude each other one must be there: that is asked at the first.
            neither = name in ("speed_rpm", "volume_ml") and fact_group(facts, name) and what == "nothing"
            assert bool(said) is bool(not fine or neither), (what, name, said)
            if re.search(rf'<(?:input id|textarea id)="{name}" ', answer.text):
                assert shown(answer, name) == text, (what, name)
        assert "<script>alert" not in answer.text
        assert "49" not in re.findall(r'value="(.*?)"', answer.text)
        judged_so = client.post(url(number, key, "/judge"), data=sent)
        assert judged_so.status_code == 200
        assert "<script>" not in judged_so.text
    assert trail_length(lab, number) == before


def test_hostile_text_is_recorded_and_shown_as_typed(lab: Lab) -> None:
    number = lab.play("anticoagulant")
    text = "<script>alert(1)</script> {{7*7}} '; DROP TABLE person; -- =1+1 <b>"
    lab.record_step(number, "identity_harvest")
    lab.confirm_all(number, "identity_harvest")
    assert (
        send(lab, "tess", number, "harvest", place=text, complications=text, needle=text).status_code == 303
    )
    entry = lab.record(number).current("harvest")
    assert entry is not None
    assert entry.place == text  # type: ignore[attr-defined]
    page = lab.client("tess").get(url(number, "harvest")).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} &#39;; DROP TABLE") == 3


@pytest.mark.parametrize("name", ["form_key", "seen"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1" * 400, "' OR 1=1 --", "1\x00"])
def test_a_form_that_is_none_of_ours_is_refused(lab: Lab, name: str, value: str) -> None:
    number = lab.play("receipt")
    answer = send(lab, "tess", number, "sample_before", **{name: value})
    assert answer.status_code == 400
    assert lab.record(number).current("sample_before") is None


def test_unknown_batches_and_steps_are_not_there(lab: Lab) -> None:
    number, client = lab.open_batch(), lab.client("tess")
    for page in (
        "/batches/KRK-26-9999/steps/order",
        url(number, "nothing"),
        url(number, "%00"),
        url(number, "order "),
    ):
        assert client.get(page).status_code == 404


# ---- stopped ----------------------------------------------------------------------------------------------------


def stopped_sample(lab: Lab, number: str, client: PageClient) -> TestResponse:
    fields = typed(lab, number, "sample_before", container_code="BAG-8", note="In a hurry")
    answer = client.submit(url(number, "sample_before"), fields, having=FORM)
    assert answer.status_code == 403
    return answer


def test_what_must_not_begin_fills_the_screen_with_reason_codes_and_way_out(lab: Lab) -> None:
    number = lab.play("receipt")
    answer = stopped_sample(lab, number, lab.client("tess"))
    assert '<body class="stop">' in answer.text
    assert "Stop. Wrong container" in answer.text
    assert "BAG-<u>8</u>" in answer.text
    assert "BAG-<u>7</u>" in answer.text
    assert "Put the container aside" in answer.text
    assert re.search(r"Reference <code[^>]*>[0-9a-f]{8}", answer.text)
    assert lab.record(number).current("sample_before") is None


def test_one_goes_back_from_a_stop_with_everything_typed(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    stop = stopped_sample(lab, number, client)
    back = client.submit(
        "", {"go_back": "1", "happened_reason": "Half a sentence"}, having="happened_reason", response=stop
    )
    assert back.status_code == 200
    assert (shown(back, "container_code"), shown(back, "note")) == ("BAG-8", "In a hurry")
    assert "happened_reason" not in step_form(back).names
    assert trail_length(lab, number) == lab.record(number).head.seq
    done = client.submit("", {"container_code": "BAG-7"}, having=FORM, response=back)
    assert done.status_code == 303


def test_what_has_happened_already_is_recorded_as_it_was(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    stop = stopped_sample(lab, number, client)
    empty = client.submit("", {"happened_reason": " "}, having="happened_reason", response=stop)
    assert empty.status_code == 403
    done = client.submit(
        "", {"happened_reason": "The bag was relabelled."}, having="happened_reason", response=stop
    )
    assert done.status_code == 303
    record = lab.record(number)
    entry = record.current("sample_before")
    assert entry is not None
    assert (entry.happened_reason, entry.note) == ("The bag was relabelled.", "In a hurry")
    assert findings(record)[0].severity is Severity.CRITICAL
    assert "The bag was relabelled." in client.get(url(number, "sample_before")).text


def test_a_stop_does_not_pass_input_that_cannot_be(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    stop = stopped_sample(lab, number, client)
    answer = client.submit("", {"happened_reason": "\u202ebad"}, having="happened_reason", response=stop)
    assert answer.status_code == 400
    assert "invisible character" in error_at(answer, "happened_reason")
    assert shown(answer, "container_code") == "BAG-8"


# ---- sent twice, too late, by somebody else ---------------------------------------------------------------------


def test_a_form_sent_twice_is_recorded_once(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    form = step_form(client.get(url(number, "sample_before")))
    sent = {name: values[0] for name, values in form.values.items()} | typed(lab, number, "sample_before")
    answers = [client.post(url(number, "sample_before"), data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(lab.record(number).history("sample_before")) == 1


def test_a_changed_form_sent_after_the_back_button_is_no_repeat(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    form = step_form(client.get(url(number, "sample_before")))
    sent = {name: values[0] for name, values in form.values.items()} | typed(lab, number, "sample_before")
    assert client.post(url(number, "sample_before"), data=sent).status_code == 303
    answer = client.post(url(number, "sample_before"), data=sent | {"volume_ml": "0.9"})
    assert answer.status_code == 409
    assert "Two people wrote this step" in answer.text
    assert "0.9" in answer.text


def test_two_versions_of_a_step_stand_side_by_side_and_nothing_is_lost(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    tess, vic = lab.client("tess"), lab.client("paula")
    pages = [client.get(url(number, "harvest")) for client in (tess, vic)]
    theirs = typed(lab, number, "harvest", place="Theatre 1")
    yours = typed(lab, number, "harvest", **{"draws-3-volume_ml": "3", "note": "Slow", "needle": "11 G"})
    assert vic.submit("", theirs, having=FORM, response=pages[1]).status_code == 303
    answer = tess.submit(url(number, "harvest"), yours, having=FORM, response=pages[0])
    assert answer.status_code == 409
    for words in (
        "Paula Pereira saved this step",
        "Theatre 1",
        "Theatre 2",
        "Draws 4, volume",
        "Slow",
        "11 G",
    ):
        assert words in answer.text
    form = next(form for form in forms_of(answer.text) if "replaces" in form.names)
    assert form.values["place"] == ["Theatre 1"]
    chosen = {
        "place": "Theatre 2",
        "note": "Slow",
        "needle": "",
        "what_was_wrong": "known only later",
        "reason": "It was theatre 2, says the plan.",
    }
    done = tess.submit("", chosen, having="replaces", response=answer)
    assert done.location == url(number, "harvest")
    first, second = lab.record(number).history("harvest")
    assert (first.place, second.place) == ("Theatre 1", "Theatre 2")  # type: ignore[attr-defined]
    assert (second.note, second.recorded_by) == ("Slow", lab.id("tess"))
    assert second.performed_at == first.performed_at


def test_a_step_noted_as_not_done_meanwhile_is_said_and_can_be_recorded(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    page = client.get(url(number, "sample_before"))
    lab.leave_out(number, "sample_before", "No tube was at hand.")
    answer = client.submit(
        url(number, "sample_before"), typed(lab, number, "sample_before"), having=FORM, response=page
    )
    assert answer.status_code == 409
    assert "noted this step as not done" in answer.text
    assert shown(answer, "sample_code") == "S-1"
    assert client.submit(url(number, "sample_before"), having=FORM, response=answer).status_code == 303


def test_a_page_that_another_person_opened_is_not_recorded_under_ones_own_name_unread(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("vic")
    fields = typed(lab, number, "sample_before", opened_by=lab.id("tess"))
    answer = client.submit(url(number, "sample_before"), fields, having=FORM)
    assert answer.status_code == 409
    assert "opened by somebody else" in answer.text
    assert shown(answer, "sample_code") == "S-1"
    assert lab.record(number).current("sample_before") is None
    assert client.submit(url(number, "sample_before"), having=FORM, response=answer).status_code == 303
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert (entry.performed_by, entry.recorded_by) == (lab.id("tess"), lab.id("vic"))


# ---- a recorded step --------------------------------------------------------------------------------------------


def test_a_recorded_step_shows_facts_verdicts_numbers_and_signatures(lab: Lab) -> None:
    number = lab.play("spin_1")
    text = lab.client("ada").get(url(number, "spin_1")).text.replace("\xa0", " ")
    for words in (
        "21.5 °C",
        "Within limits",
        "2 400 rpm",
        "rcf/1",
        "1 108 × g",
        "17.2",
        "Verified as second person",
    ):
        assert words in text
    assert "RT-01" in text
    assert "/correct" not in text


def test_a_correction_shows_the_old_value_struck_through(lab: Lab) -> None:
    number = lab.play("spin_1")
    client = lab.client("tess")
    page = client.get(url(number, "spin_1", "/correct"))
    assert (shown(page, "speed_rpm"), shown(page, "brake"), shown(page, "performed_at")) == (
        "2400",
        "soft",
        "",
    )
    changes = {"speed_rpm": "2450", "what_was_wrong": "typed wrongly", "reason": "Two digits were swapped."}
    done = correct(client, url(number, "spin_1", "/correct"), changes, page)
    assert done.location == url(number, "spin_1")
    old, new = lab.record(number).history("spin_1")
    assert (new.replaces_id, new.reason, new.performed_at) == (
        old.id,
        "Typed wrongly: Two digits were swapped.",
        old.performed_at,
    )
    text = client.get(url(number, "spin_1")).text.replace("\xa0", " ")
    assert "<del>2 400 rpm</del>" in text
    assert "Two digits were swapped." in text
    assert "before it was corrected" in text
    assert "Verify as second" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what_was_wrong": "misread", "reason": "Read again on the display."}, "Nothing was changed."),
        ({"speed_rpm": "2450", "reason": ""}, "Say what happened and why"),
        ({"speed_rpm": "2450", "reason": "error"}, "Say what happened and why"),
    ],
)
def test_a_correction_needs_a_change_and_a_reason(lab: Lab, changes: dict[str, str], said: str) -> None:
    number = lab.play("spin_1")
    answer = lab.client("tess").submit(url(number, "spin_1", "/correct"), changes, having=FORM)
    assert answer.status_code == 400
    assert said in error_at(answer, "reason")
    assert shown(answer, "reason") == changes["reason"]
    assert len(lab.record(number).history("spin_1")) == 1


@pytest.mark.req("P11-70")
def test_what_a_correction_changes_besides_is_shown_before_it_is_saved(lab: Lab) -> None:
    number = lab.play("spin_1")
    client, where = lab.client("tess"), url(number, "spin_1", "/correct")
    changes = {"speed_rpm": "2450", "what_was_wrong": "misread", "reason": "The display shows 2450."}
    answer = client.submit(where, changes, having=FORM)
    assert "Nothing is saved yet" in answer.text
    assert f"<del>{grouped('1108')}</del>" in answer.text
    assert "verified by Vic" in answer.text
    assert len(lab.record(number).history("spin_1")) == 1
    assert client.submit(where, having=FORM, response=answer).status_code == 303
    assert lab.record(number).history("spin_1")[-1].reason == "Misread: The display shows 2450."


def test_what_changed_since_it_was_shown_is_shown_anew(lab: Lab) -> None:
    number = lab.play("spin_1")
    client, where = lab.client("tess"), url(number, "spin_1", "/correct")
    changes = {"speed_rpm": "2450", "what_was_wrong": "misread", "reason": "The display shows 2450."}
    answer = client.submit(where, changes, having=FORM)
    again = client.submit(where, {"speed_rpm": "2460"}, having=FORM, response=answer)
    assert 'id="impact"' in again.text
    assert len(lab.record(number).history("spin_1")) == 1


def test_a_correction_names_its_cause_from_the_list(lab: Lab) -> None:
    number = lab.play("spin_1")
    changes = {"speed_rpm": "2450", "reason": "The display shows 2450."}
    answer = lab.client("tess").submit(url(number, "spin_1", "/correct"), changes, having=FORM)
    assert error_at(answer, "what_was_wrong") == "Choose what was wrong."


def test_a_correction_leaves_alone_what_was_not_touched(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    given_at = lab.record(number).current("handover_laboratory").given_at  # type: ignore[union-attr]
    assert given_at.microsecond, "the page shows whole seconds; the record keeps more"
    changes = {
        "place_to": "Cell laboratory",
        "what_was_wrong": "known only later",
        "reason": "The room has a name of its own.",
    }
    page = url(number, "handover_laboratory", "/correct")
    assert correct(lab.client("tess"), page, changes).status_code == 303
    entry = lab.record(number).current("handover_laboratory")
    assert entry is not None
    assert entry.given_at == given_at  # type: ignore[attr-defined]


def test_what_a_person_who_has_left_performed_can_be_corrected(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "sample_before", performed_by="vic")
    people.deactivate(lab.by("ivan"), person_id=lab.id("vic"), reason="Has left the laboratory.")
    changes = {"volume_ml": "0.7", "what_was_wrong": "misread", "reason": "Read again on the syringe."}
    answer = correct(lab.client("tess"), url(number, "sample_before", "/correct"), changes)
    assert answer.status_code == 303


def test_a_stopped_correction_keeps_what_was_typed(lab: Lab) -> None:
    number = lab.play("sample_before")
    client = lab.client("tess")
    changes = {"container_code": "BAG-8", "what_was_wrong": "misread", "reason": "The label says 8."}
    stop = client.submit(url(number, "sample_before", "/correct"), changes, having=FORM)
    assert stop.status_code == 403
    shown_first = client.submit(
        "", {"happened_reason": "It was bag 8."}, having="happened_reason", response=stop
    )
    assert "Wrong container" in shown_first.text, "what the correction brings up is shown before it is saved"
    done = client.submit(url(number, "sample_before", "/correct"), having=FORM, response=shown_first)
    assert done.status_code == 303
    assert lab.record(number).current("sample_before").container_code == "BAG-8"  # type: ignore[union-attr]


def test_a_confirmation_given_meanwhile_is_said_before_a_correction_takes_it_away(lab: Lab) -> None:
    number = lab.play("count_before")
    lab.record_step(number, "spin_1")
    client = lab.client("tess")
    page = client.get(url(number, "spin_1", "/correct"))
    lab.confirm(number, "spin_1", "vic")
    changes = {"speed_rpm": "2450", "what_was_wrong": "typed wrongly", "reason": "Two digits were swapped."}
    answer = client.submit(url(number, "spin_1", "/correct"), changes, having=FORM, response=page)
    assert answer.status_code == 409
    assert "has to be confirmed anew" in answer.text
    assert correct(client, url(number, "spin_1", "/correct"), {}, answer).status_code == 303


def test_two_corrections_at_once_meet_in_the_conflict_page(lab: Lab) -> None:
    number = lab.play("sample_before")
    tess, vic = lab.client("tess"), lab.client("vic")
    where = url(number, "sample_before", "/correct")
    pages = [client.get(where) for client in (tess, vic)]
    for client, page, volume, status in zip(
        (vic, tess), reversed(pages), ("0.6", "0.7"), (303, 409), strict=True
    ):
        changes = {"volume_ml": volume, "what_was_wrong": "misread", "reason": "Read again on the syringe."}
        answer = correct(client, where, changes, page)
        assert answer.status_code == status
    assert "0.6" in answer.text
    assert "0.7" in answer.text


# ---- confirmed --------------------------------------------------------------------------------------------------


def spun(lab: Lab) -> str:
    number = lab.play("count_before")
    lab.clock.tick(5)
    lab.record_step(number, "spin_1")
    return number


def test_a_second_operator_verifies_by_own_sign_in_on_the_screen_of_another(lab: Lab) -> None:
    number = spun(lab)
    client = lab.client("tess")
    assert confirm(lab, client, number, "spin_1", "vic").location == url(number, "spin_1")
    record = lab.record(number)
    given = record.confirmations[-1]
    assert (given.act, given.person_id) == (VERIFIED, lab.id("vic"))
    assert record.signature(given.signature_id).meaning == "Verified as second person"
    page = client.get(url(number, "spin_1")).text
    assert "Tess Tamm" in page
    assert "Verify as second" not in page


@pytest.mark.parametrize(
    ("who", "password", "status", "said"),
    [
        ("vic", "wrong password of vic", 400, "Username or password is not right."),
        ("nobody", "wrong password of nobody", 400, "Username or password is not right."),
        ("vic", " ", 400, "Username or password is not right."),
        ("tess", "", 403, "Who performed or recorded a step cannot verify it, with no account they have."),
        ("ada", "", 403, "Ada Abara does not have the right"),
    ],
)
def test_who_cannot_verify_is_told_why(lab: Lab, who: str, password: str, status: int, said: str) -> None:
    number = spun(lab)
    secret = password or lab.cast[who].password
    answer = confirm(lab, lab.client("tess"), number, "spin_1", who, password=secret)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert secret.strip() == "" or secret not in answer.text
    assert not lab.record(number).confirmations_of(lab.record(number).current("spin_1"))  # type: ignore[arg-type]


@pytest.mark.parametrize("username", ["", "vic\x00", "\u202evic", "v" * 10_000])
def test_a_username_that_cannot_be_is_asked_back(lab: Lab, username: str) -> None:
    number = spun(lab)
    client = lab.client("tess")
    fields = {"username": username, "password": "anything at all, 20"}
    answer = client.submit(url(number, "spin_1"), fields, having="username")
    assert answer.status_code == 400
    assert error_at(answer, "verified-username")


def test_a_signature_needs_the_agreement_and_the_page_leads_to_it(lab: Lab) -> None:
    number = spun(lab)
    added = people.add_person(lab.system, username="noor", name="Noor Nadar", roles=("second operator",))
    lab.identified(added["person_id"])
    password = "seven otters on a wooden raft"
    accept_invitation(lab.system, secret=added["secret"], password=password)
    answer = confirm(lab, lab.client("tess"), number, "spin_1", "noor", password=password)
    assert answer.status_code == 403
    assert "not yet accepted that electronic signatures bind" in answer.text
    assert 'href="/account"' in answer.text


def test_what_was_corrected_meanwhile_is_read_again_before_it_is_signed(lab: Lab) -> None:
    number = spun(lab)
    client = lab.client("tess")
    page = client.get(url(number, "spin_1"))
    lab.correct_step(number, "spin_1", speed_rpm=Decimal(2450))
    fields = {"username": "vic", "password": lab.cast["vic"].password}
    answer = client.submit(url(number, "spin_1"), fields, having="username", response=page)
    assert answer.status_code == 409
    assert "Read it again, then decide." in answer.text
    assert not lab.record(number).confirmations_of(lab.record(number).current("spin_1"))  # type: ignore[arg-type]


def test_giver_and_receiver_each_have_a_form_of_their_own(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(2)
    lab.record_step(number, "handover_laboratory", by="vic", performed_by="tess")
    client = lab.client("vic")
    page = client.get(url(number, "handover_laboratory"))
    asked = [form for form in forms_of(page.text) if "act" in form.names]
    assert [(form.values["act"][0], form.values["username"][0]) for form in asked] == [
        (GIVEN, "paula"),
        (RECEIVED, "tess"),
    ]
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert confirm(lab, client, number, "handover_laboratory", "paula", GIVEN).status_code == 303
    assert confirm(lab, client, number, "handover_laboratory", "paula", RECEIVED).status_code == 403
    assert confirm(lab, client, number, "handover_laboratory", "tess", RECEIVED).status_code == 303


def test_a_step_waiting_for_a_signature_is_named_on_the_others(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    lab.clock.tick(2)
    lab.record_step(number, "harvest")
    page = lab.client("tess").get(url(number, "handover_laboratory")).text
    assert "Not signed yet" in page
    assert "Paula Pereira" in page
    assert f'href="{url(number, "harvest")}"' in page


# ---- not done ---------------------------------------------------------------------------------------------------


def test_a_step_that_was_not_done_says_why(lab: Lab) -> None:
    number = lab.play("spin_1")
    client = lab.client("tess")
    answer = client.submit(url(number, "spin_2"), {"reason": "no"}, having="reason")
    assert answer.status_code == 400
    assert error_at(answer, "leaving-reason").startswith("Say what happened")
    done = client.submit(url(number, "spin_2"), {"reason": "The method has one spin."}, having="reason")
    assert done.location == url(number, "resuspension")
    page = client.get(url(number, "spin_2"))
    assert "Noted as not done." in page.text
    assert "The method has one spin." in page.text
    assert "reason" not in {
        name for form in forms_of(page.text) if FORM not in form.names for name in form.names
    }


def test_a_step_recorded_meanwhile_is_not_noted_as_not_done(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    page = client.get(url(number, "sample_before"))
    lab.record_step(number, "sample_before")
    answer = client.submit(
        url(number, "sample_before"), {"reason": "No tube was at hand."}, having="reason", response=page
    )
    assert answer.status_code == 409
    assert "Somebody changed this step" in answer.text
    assert lab.record(number).not_done == lab.record(number).not_done[:0]


def test_nothing_is_recorded_in_a_batch_that_is_void(lab: Lab) -> None:
    number = lab.play("order")
    void_batch(
        lab.by("tess"),
        batch=lab.batch(number),
        reason="Opened for the wrong patient.",
        proof=lab.proof("tess"),
    )
    for key in ("order", "identity_harvest"):
        text = lab.client("tess").get(url(number, key)).text
        assert "/correct" not in text
        assert "performed_by" not in text
    assert "This batch is void." in text


# ---- judged while typing ----------------------------------------------------------------------------------------


def judged(lab: Lab, number: str, key: str, **changes: str) -> dict[str, dict[str, str]]:
    client = lab.client("tess")
    form = step_form(client.get(url(number, key)))
    sent = {name: values[0] for name, values in form.values.items()} | changes
    answer = client.post(url(number, key, "/judge"), data=sent)
    assert answer.status_code == 200
    found: dict[str, dict[str, str]] = json.loads(answer.text.replace("\\u00a0", " "))
    return found


def test_the_server_says_what_it_understood_and_computes(lab: Lab) -> None:
    number = lab.play("count_before")
    before = trail_length(lab, number)
    reading = lab.reading(number, "spin_1")
    found = judged(
        lab,
        number,
        "spin_1",
        speed_rpm="2 400",
        rotor=reading.facts["rotor"],
        temperature_c="26,5",
        duration_min="1,000",
    )
    assert "2 400 rpm" in found["speed_rpm"]["echo"]
    assert "1 108 × g" in found["rcf_g"]["echo"]
    assert "Alert" in found["temperature_c"]["verdict"]
    assert '<svg class="rail"' in found["temperature_c"]["echo"]
    assert "Asked back" in found["duration_min"]["verdict"]
    assert found["brake"] == {"echo": "", "verdict": ""}
    assert trail_length(lab, number) == before


def test_numbers_appear_as_soon_as_their_inputs_are_there(lab: Lab) -> None:
    number = lab.play("sample_after")
    squares = {f"squares-{place}-cells": str(cells) for place, cells in enumerate((88, 79, 93, 81, 90))}
    chamber = lab.reading(number, "count_after").facts["chamber"]
    some = {"chamber": chamber, "sample_part": "10", **squares}
    assert judged(lab, number, "count_after", **some)["results"]["echo"].strip() == ""
    found = judged(lab, number, "count_after", diluent_part="990", live="186", dead="14", **some)
    assert "93.0 %" in found["results"]["echo"]
    assert "Within limits" in found["results"]["echo"]
    assert "88 · 79 · 93 · 81 · 90" in found["squares"]["echo"]
    assert judged(lab, number, "count_after", sample_part="0")["results"]["echo"].strip() == ""


# ---- the session ends -------------------------------------------------------------------------------------------


def test_what_was_typed_outlives_the_session(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    page = client.get(url(number, "sample_before"))
    lab.clock.tick(20)
    fields = typed(lab, number, "sample_before", note="Long <b>thought</b>")
    answer = client.submit(url(number, "sample_before"), fields, having=FORM, response=page)
    assert answer.status_code == 403
    assert "nothing that you typed is lost" in answer.text
    assert lab.record(number).current("sample_before") is None
    client.set_cookie("labrecords", accounts.sign_in(lab.store, lab.proof("tess"), "127.0.0.1"))
    done = client.submit(url(number, "sample_before"), having="sample_code", response=answer)
    assert done.status_code == 303
    assert lab.record(number).current("sample_before").note == "Long <b>thought</b>"  # type: ignore[union-attr]


def test_a_password_is_never_sent_back_into_a_page(lab: Lab) -> None:
    number = lab.play("count_before")
    lab.record_step(number, "spin_1")
    client = lab.client("tess")
    page = client.get(url(number, "spin_1"))
    lab.clock.tick(20)
    secret = lab.cast["vic"].password
    answer = client.submit("", {"username": "vic", "password": secret}, having="username", response=page)
    assert (answer.status_code, secret in answer.text) == (403, False)
