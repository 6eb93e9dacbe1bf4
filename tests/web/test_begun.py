"""What speaks against an act is said while its step is filled in, and before its timer starts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.lots import LotFacts, receive_lot
from labrecords.domain.results.results import judged_by
from labrecords.domain.steps.receipt import Receipt
from labrecords.domain.values.limits import Outcome, judge
from labrecords.models.batch_record import equipment_now
from labrecords.models.trail import TrailEvent
from tests.support import story
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.reading import words
from tests.support.typed import typed
from tests.web.test_bench import opened, press
from tests.web.test_steps import judged, shown, url

OVERDUE = f"The check of {story.CENTRIFUGE} was due on 2026-11-22."
BEGUN = "The tubes were spinning when the sticker was read."


def registered(lab: Lab, code: str, **changes: Any) -> str:
    """A piece registered once more, with changes. Returns its id."""
    with lab.store.read() as session:
        item = next(item for item in equipment_now(session) if item.code == code)
    radius = Decimal(item.r_max_cm) if item.r_max_cm else None
    speed = Decimal(item.max_speed_rpm) if item.max_speed_rpm else None
    facts = EquipmentFacts(code, item.category, item.model, r_max_cm=radius, max_speed_rpm=speed)
    return register_equipment(lab.by("quentin"), facts=replace(facts, **changes))


def id_of(lab: Lab, code: str) -> str:
    with lab.store.read() as session:
        return next(item.id for item in equipment_now(session) if item.code == code)


def overdue(lab: Lab) -> str:
    registered(lab, story.CENTRIFUGE, next_check=date(2026, 11, 22))
    return id_of(lab, story.CENTRIFUGE)


def verdicts(found: dict[str, dict[str, str]]) -> dict[str, str]:
    """The entries at which a stop is said, with what is said there."""
    said = {name: re.sub(r"<[^>]+>", " ", cell.get("verdict", "")) for name, cell in found.items()}
    return {name: " ".join(text.split()) for name, text in said.items() if text.strip().startswith("Stop")}


def refusals(lab: Lab) -> list[dict[str, Any]]:
    table = TrailEvent.__table__
    with lab.store.read() as session:
        query = select(table.c.payload).where(table.c.chain == "access").order_by(table.c.seq)
        events = [json.loads(bytes(payload)) for payload in session.execute(query).scalars()]
    return [event for event in events if event["act"].endswith(" refused")]


# ---- while typing -----------------------------------------------------------------------------------------------


def test_overdue_equipment_is_said_as_soon_as_it_is_chosen(lab: Lab) -> None:
    centrifuge, number = overdue(lab), lab.open_batch()
    assert verdicts(judged(lab, number, "spin_1")) == {}
    said = verdicts(judged(lab, number, "spin_1", centrifuge=centrifuge))
    assert list(said) == ["centrifuge"]
    assert OVERDUE in said["centrifuge"]
    assert "Take another one, or have it checked" in said["centrifuge"]


@pytest.mark.parametrize(("name", "value"), [("speed_rpm", "4501"), ("rcf_g", "3895")])
def test_a_speed_above_the_rotors_maximum_is_said_at_the_speed(lab: Lab, name: str, value: str) -> None:
    number, rotor = lab.open_batch(), id_of(lab, story.ROTOR)
    assert verdicts(judged(lab, number, "spin_1", **{name: value})) == {}
    assert verdicts(judged(lab, number, "spin_1", rotor=rotor, **{name: "10"})) == {}
    said = verdicts(judged(lab, number, "spin_1", rotor=rotor, **{name: value}))
    assert list(said) == [name]
    assert "may turn. Lower the speed" in said[name]


def test_a_lot_in_quarantine_is_said_at_the_lot_and_an_expired_one_at_its_day(lab: Lab) -> None:
    receive_lot(lab.by("tess"), facts=LotFacts("ACD-A", "Maker", "A-1", "AC-778", Decimal(100), "mL"))
    number = lab.open_batch()
    given = {"anticoagulant": "ACD-A", "anticoagulant_lot": "AC-778"}
    said = verdicts(judged(lab, number, "harvest", **given))
    assert said == {
        "anticoagulant_lot": "Stop Lot AC-778 of ACD-A is in quarantine. "
        "Take a lot that is released, or have this one released first."
    }
    old = given | {"anticoagulant_lot": "B-1", "anticoagulant_expiry": "2026-01-31"}
    assert list(verdicts(judged(lab, number, "harvest", **old))) == ["anticoagulant_expiry"]


def test_an_untrained_performer_is_said_on_the_form_as_it_is_opened_and_while_typing(lab: Lab) -> None:
    process = lab.adopt(('key = "receipt"', 'key = "receipt"\nsop = "SOP-012"'))
    number = lab.open_batch(process=process)
    page = lab.client("tess").get(url(number, "receipt"))
    cell = re.search(r'id="performed_by-verdict"[^>]*>(.*?)</div></div>', page.text, re.DOTALL)
    assert cell is not None
    assert "Tess Tamm has no current training on SOP-012." in cell[1]
    assert list(verdicts(judged(lab, number, "receipt"))) == ["performed_by"]
    assert verdicts(judged(lab, number, "receipt", performed_by="")) == {}
    nobody = typed(lab, number, "receipt", performed_by="")
    assert verdicts(judged(lab, number, "receipt", **nobody)) == {}, "all is stated but who performs it"


def test_the_code_of_another_container_is_left_to_the_red_page(lab: Lab) -> None:
    """It leaves an event, and names the code that belongs here only then."""
    number = lab.play("handover_laboratory")
    text = json.dumps(judged(lab, number, "receipt", **typed(lab, number, "receipt", container_code="BAG-8")))
    assert "BAG-7" not in text
    assert "Wrong container" not in text


# ---- before the timer -------------------------------------------------------------------------------------------


def begun(lab: Lab, number: str, **changes: str) -> tuple[PageClient, TestResponse]:
    client, page = opened(lab, "tess", number)
    given = {"centrifuge": id_of(lab, story.CENTRIFUGE), "note": "In a hurry", "timer_label": "First"}
    return client, press(client, page, "timer_start", **given | {"timer_minutes": "12"} | changes)


def test_no_timer_starts_with_overdue_equipment_and_the_page_says_why_and_the_way_out(lab: Lab) -> None:
    overdue(lab)
    number = lab.open_batch()
    _, stop = begun(lab, number)
    assert stop.status_code == 403
    said = words(stop)
    assert OVERDUE in said
    assert "Take another one, or have it checked and registered again." in said
    assert "The timer was not started" in said
    assert "This process allows no bypass of this stop." in said
    assert lab.record(number).timers == ()
    (event,) = refusals(lab)
    assert event["act"] == "timer.started refused"
    assert OVERDUE in event["reason"]


def test_going_back_from_the_red_page_starts_nothing_and_keeps_what_was_typed(lab: Lab) -> None:
    overdue(lab)
    number = lab.open_batch()
    client, stop = begun(lab, number)
    back = client.submit("", {"go_back": "1"}, having="go_back", response=stop)
    assert back.status_code == 200
    assert (shown(back, "note"), shown(back, "timer_label"), shown(back, "timer_minutes")) == (
        "In a hurry",
        "First",
        "12",
    )
    assert OVERDUE in back.text
    assert lab.record(number).timers == ()


def test_what_has_begun_all_the_same_is_timed_with_its_reason(lab: Lab) -> None:
    overdue(lab)
    number = lab.open_batch()
    client, stop = begun(lab, number)
    thin = client.submit("", {"happened_reason": "error"}, having="happened_reason", response=stop)
    assert thin.status_code == 400
    assert lab.record(number).timers == ()
    page = client.submit("", {"happened_reason": BEGUN}, having="happened_reason", response=stop)
    assert page.status_code == 200
    (timer,) = lab.record(number).timers
    assert (timer.label, timer.seconds) == ("First", 720)
    assert shown(page, "happened_reason") == BEGUN
    trail = lab.client("ada").get(f"/batches/{number}/trail").text
    assert BEGUN in trail


def test_an_untrained_performer_starts_no_timer_unless_a_second_person_signs(lab: Lab) -> None:
    changes = ('sop = "SOP-SPIN-01/1"', 'sop = "SOP-012"\nbypass = true')
    number = lab.open_batch(process=lab.adopt(changes))
    client, stop = begun(lab, number, centrifuge="")
    assert "Tess Tamm has no current training on SOP-012." in stop.text
    given = {
        "bypass_reason": "The only one here; shown how by the maker.",
        "bypass_username": "vic",
        "bypass_password": lab.cast["vic"].password,
    }
    wrong = client.submit("", given | {"bypass_password": "no"}, having="bypass_reason", response=stop)
    assert wrong.status_code == 403
    assert lab.record(number).timers == ()
    page = client.submit("", given, having="bypass_reason", response=wrong)
    assert page.status_code == 200, words(page)
    record = lab.record(number)
    assert [timer.label for timer in record.timers] == ["First"]
    assert [item.requested_by for item in record.bypasses] == [lab.id("tess")]


def test_what_a_pause_kept_stops_the_timer_of_whoever_goes_on(lab: Lab) -> None:
    centrifuge, number = overdue(lab), lab.open_batch()
    vic, early = opened(lab, "vic", number)
    tess, page = opened(lab, "tess", number)
    press(tess, page, "pause", centrifuge=centrifuge)
    assert OVERDUE in lab.client("vic").get(url(number, "spin_1")).text
    stop = press(vic, early, "timer_start")
    assert stop.status_code == 403
    assert OVERDUE in words(stop)


def test_a_timer_that_runs_stays_and_is_ended_whatever_is_found_later(lab: Lab) -> None:
    number = lab.open_batch()
    client, page = begun(lab, number)
    assert page.status_code == 200
    (timer,) = lab.record(number).timers
    overdue(lab)
    ended = press(client, page, "timer_end", timer.id)
    assert ended.status_code == 200
    assert [end.outcome for end in lab.record(number).timer_ends] == ["finished"]


# ---- rows, and choices that are taken back --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed_there", "said"),
    [
        ("600", "cannot be right: possible is 0.1 to 500 mL"),
        ("90", "90 mL is unusual: usual is 1 to 60 mL"),
        ("8x", "Row 3, volume"),
        ("8", ""),
    ],
)
def test_a_row_is_judged_while_it_is_typed_by_its_number_on_the_page(
    lab: Lab, typed_there: str, said: str
) -> None:
    number = lab.play("order")
    found = judged(lab, number, "harvest", **{"draws-2-volume_ml": typed_there})["draws"]["verdict"]
    assert said in found
    assert ("Row 3, volume" in found) == bool(said)


def test_an_optional_choice_can_be_taken_back_and_a_required_one_cannot(lab: Lab) -> None:
    number, client = lab.play("handover_laboratory"), lab.client("tess")
    page = client.get(url(number, "receipt")).text
    for name, optional in (("haemolysis", True), ("leaks", False)):
        assert (f'<input type="radio" id="{name}-none" name="{name}" value="">' in page) == optional
    stated = typed(lab, number, "receipt", haemolysis="")
    assert client.submit(url(number, "receipt"), stated, having="performed_at").status_code == 303
    entry = lab.record(number).current("receipt")
    assert isinstance(entry, Receipt)
    assert entry.haemolysis is None
    assert "haemolysis" in entry.blanks


def test_a_computed_number_outside_its_limit_is_said_in_the_words_of_the_record(lab: Lab) -> None:
    number, client = lab.play("sample_after"), lab.client("tess")
    stated = typed(lab, number, "count_after", live="120", dead="80")
    while_typed = judged(lab, number, "count_after", **stated)["results"]["echo"]
    assert client.submit(url(number, "count_after"), stated, having="performed_at").status_code == 303
    record = lab.record(number)
    entry = record.current("count_after")
    assert entry is not None
    verdicts = [judge(*judged_by(record, entry, item)) for item in entry.derived(record)]
    outside = [verdict for verdict in verdicts if verdict.outcome in (Outcome.FAIL, Outcome.ALERT)]
    assert outside
    for verdict in outside:
        assert plain_words(verdict.sentence) in plain_words(while_typed)
        assert plain_words(verdict.sentence) in plain_words(client.get(url(number, "count_after")).text)


def plain_words(html: str) -> str:
    """The words of a page without elements, each thin or fixed space as a plain one."""
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("&nbsp;", " ").split())
