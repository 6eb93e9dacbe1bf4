"""Timers and pauses on the pages: nothing typed is lost, and everybody sees what runs and what waits."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from labrecords.domain.timers import end_of
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.story import number_of
from tests.support.typed import typed
from tests.web.test_steps import FORM, send, shown, step_form, url


def press(
    client: PageClient, page: TestResponse, button: str, value: str = "1", **changes: str
) -> TestResponse:
    """Press a button of the step's form as it stands, with something typed into it."""
    form = step_form(page)
    assert button in form.names, f"there is no button {button}"
    sent = {name: values[0] for name, values in form.values.items()} | changes | {button: value}
    return client.post(form.action, data=sent)


def opened(lab: Lab, by: str, number: str, key: str = "spin_1") -> tuple[PageClient, TestResponse]:
    client = lab.client(by)
    return client, client.get(url(number, key))


def timed(lab: Lab, number: str, minutes: float, **changes: str) -> tuple[PageClient, TestResponse]:
    """A timer that was started and ended on the page of the spin; the page that then stands."""
    client, page = opened(lab, "tess", number)
    page = press(client, page, "timer_start", **changes)
    lab.clock.tick(minutes)
    (timer,) = lab.record(number).timers
    return client, press(client, page, "timer_end", timer.id)


# ---- timers -----------------------------------------------------------------------------------------------------


def test_a_timer_is_started_without_losing_what_was_typed(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    page = press(
        client,
        page,
        "timer_start",
        speed_rpm="2,4",
        note="In a hurry",
        timer_minutes="12",
        timer_label="First",
    )
    assert page.status_code == 200
    assert (shown(page, "speed_rpm"), shown(page, "note")) == ("2,4", "In a hurry")
    assert (shown(page, "timer_label"), shown(page, "timer_minutes")) == ("", ""), "used up"
    assert page.text.index("started by Tess Tamm") < page.text.index('name="speed_rpm"'), (
        "above the entries too"
    )
    (timer,) = lab.record(number).timers
    assert (timer.label, timer.seconds) == ("First", 720)
    lab.clock.tick(14)
    for where in (url(number, "spin_1"), f"/batches/{number}", "/"):
        text = lab.client("vic").get(where).text
        assert "First" in text, where
        assert "over by 2\xa0min" in text, where
        assert "started by Tess Tamm" in text, where


def test_the_same_form_still_records_the_step_after_a_timer(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = timed(lab, number, 6)
    answer = client.submit("", typed(lab, number, "spin_1"), having=FORM, response=page)
    assert answer.status_code == 303


def test_without_minutes_the_duration_typed_above_is_planned(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    press(client, page, "timer_start", duration_min="4,5")
    assert [timer.seconds for timer in lab.record(number).timers] == [270]


def test_without_any_minutes_a_timer_counts_up(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    page = press(client, page, "timer_start")
    assert [timer.seconds for timer in lab.record(number).timers] == [None]
    assert "data-since=" in page.text


@pytest.mark.parametrize("minutes", ["1,000", "-3", "0", "soon", "9" * 20])
def test_minutes_that_are_none_are_asked_back(lab: Lab, minutes: str) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    page = press(client, page, "timer_start", timer_minutes=minutes, speed_rpm="2400")
    assert page.status_code == 400
    assert (shown(page, "timer_minutes"), shown(page, "speed_rpm")) == (minutes, "2400")
    assert lab.record(number).timers == ()


def test_the_times_of_a_timer_are_taken_over_only_on_request_and_only_where_nothing_stands(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = timed(lab, number, 6, duration_min="5", timer_minutes="5")
    assert (shown(page, "performed_at"), shown(page, "duration_min")) == ("", "5")
    (timer,) = lab.record(number).timers
    page = press(client, page, "timer_take", timer.id)
    end = end_of(lab.record(number), timer)
    assert end is not None
    at = end.ended_at.astimezone(lab.installation.zone)
    assert shown(page, "performed_at") == f"{at:%Y-%m-%d %H:%M:%S} +01:00"
    assert shown(page, "duration_min") == "5"
    assert "Check them, then save." in page.text
    page = press(client, page, "timer_take", timer.id, duration_min="")
    assert shown(page, "duration_min") == "6.0"


def test_a_cancelled_timer_offers_no_times(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    page = press(client, page, "timer_start")
    (timer,) = lab.record(number).timers
    page = press(client, page, "timer_cancel", timer.id)
    assert page.status_code == 200
    assert "timer_take" not in step_form(page).names


def test_a_timer_that_somebody_else_ended_is_said(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    page = press(client, page, "timer_start")
    (timer,) = lab.record(number).timers
    other, same = opened(lab, "vic", number)
    press(other, same, "timer_end", timer.id)
    page = press(client, page, "timer_end", timer.id, speed_rpm="2400")
    assert page.status_code == 403
    assert "This timer was ended already." in page.text
    assert shown(page, "speed_rpm") == "2400"


def test_a_reload_starts_no_second_timer(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    press(client, page, "timer_start")
    press(client, page, "timer_start")
    assert len(lab.record(number).timers) == 1


# ---- pause and hand-over ----------------------------------------------------------------------------------------


def paused_spin(lab: Lab, number: str) -> TestResponse:
    client, page = opened(lab, "tess", number)
    return press(
        client,
        page,
        "pause",
        speed_rpm="2400",
        container_code="BAG-7",
        brake="soft",
        pause_note="Rotor is <b>cold</b>.",
    )


def test_a_paused_step_is_found_by_the_next_person_with_who_typed_what(lab: Lab) -> None:
    number = lab.play("count_before")
    answer = paused_spin(lab, number)
    assert (answer.status_code, answer.location) == (303, f"/batches/{number}")
    for where in (f"/batches/{number}", "/"):
        text = lab.client("vic").get(where).text
        assert "is paused." in text, where
        assert "Rotor is &lt;b&gt;cold&lt;/b&gt;." in text, where
    page = lab.client("vic").get(url(number, "spin_1"))
    assert (shown(page, "speed_rpm"), shown(page, "container_code")) == ("2400", "BAG-7")
    assert shown(page, "performed_by") == lab.id("vic")
    assert page.text.count("typed this at") == 3


def test_whoever_goes_on_records_the_whole_and_each_fact_keeps_its_author(lab: Lab) -> None:
    number = lab.play("count_before")
    paused_spin(lab, number)
    lab.clock.tick(6)
    changes = typed(lab, number, "spin_1", speed_rpm="2300", performed_by=lab.id("vic"))
    answer = lab.client("vic").submit(url(number, "spin_1"), changes, having=FORM)
    assert answer.status_code == 303
    entry = lab.record(number).current("spin_1")
    assert entry is not None
    assert entry.authors == {"container_code": lab.id("tess"), "brake": lab.id("tess")}
    text = lab.client("vic").get(url(number, "spin_1")).text
    assert text.count("typed by") == 2
    assert "is paused." not in lab.client("vic").get(f"/batches/{number}").text


def test_rows_and_times_are_kept_as_they_were_meant(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    lab.clock.tick(10)
    at = lab.clock.now.astimezone(lab.installation.zone)
    client, page = opened(lab, "tess", number, "harvest")
    rows = {"draws-0-volume_ml": "18", "draws-2-volume_ml": "17,5", "draws-2-drawn_at": f"{at:%H:%M}"}
    press(client, page, "pause", **rows)
    lab.clock.tick(24 * 60)
    page = lab.client("paula").get(url(number, "harvest"))
    assert (shown(page, "draws-0-volume_ml"), shown(page, "draws-1-volume_ml")) == ("18", "17,5")
    assert shown(page, "draws-1-drawn_at") == f"{at:%Y-%m-%d %H:%M}:00 +01:00"


def test_a_form_that_was_open_when_the_step_was_paused_is_filled_up_and_asked_back(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "vic", number)
    paused_spin(lab, number)
    lab.clock.tick(6)
    changes = typed(lab, number, "spin_1", speed_rpm="2300", performed_by=lab.id("vic"), brake="off")
    answer = client.submit("", changes, having=FORM, response=page)
    assert answer.status_code == 409
    assert "Meanwhile Tess Tamm paused this step." in answer.text
    assert shown(answer, "speed_rpm") == "2300"
    assert "typed “2400” at" in answer.text
    assert client.submit("", {}, having=FORM, response=answer).status_code == 303


def test_nothing_typed_and_no_note_is_no_pause(lab: Lab) -> None:
    number = lab.play("count_before")
    client, page = opened(lab, "tess", number)
    answer = press(client, page, "pause")
    assert answer.status_code == 400
    assert "Say why the step is paused." in answer.text


def test_a_correction_has_neither_timer_nor_pause(lab: Lab) -> None:
    number = lab.play("spin_1")
    page = lab.client("tess").get(url(number, "spin_1", "/correct"))
    assert not {"timer_start", "pause"} & step_form(page).names


def test_the_trail_names_pauses_and_timers_in_words(lab: Lab) -> None:
    number = lab.play("count_before")
    timed(lab, number, 5)
    paused_spin(lab, number)
    text = lab.client("ada").get(f"/batches/{number}/trail").text
    for words in (
        f"Timer started: step {number_of('spin_1')}",
        f"Timer ended: step {number_of('spin_1')}",
        f"Paused: step {number_of('spin_1')}",
    ):
        assert words in text
    assert send(lab, "tess", number, "spin_1").status_code == 303
