"""What happens at a bench: back and send again, a nervous double click, two at one step, another person's session."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Request, expect

from tests.story.desk import Desk, Person
from tests.story.run import Run


@pytest.fixture
def number(run: Run) -> str:
    """A batch of its own, just opened, whose first step waits."""
    run.until("approved")
    return run.open_batch(run.desk("tess"), "P-2093-M")


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def paula(run: Run, number: str, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The physician at the first step, everything typed and nothing sent."""
    desk = run.another_desk("paula", javascript=request.param)
    desk.open(run.step("order", number))
    desk.answer(run.order())
    yield desk
    desk.context.close()


def times_recorded(desk: Desk, number: str) -> int:
    """How often the first step was recorded, by the trail of its batch."""
    chain = desk.context.request.get(f"/batches/{number}/trail.json").json()
    return [json.loads(event)["act"] for event in chain["events"]].count("order.recorded")


def test_back_and_send_again_records_once(run: Run, number: str, paula: Desk) -> None:
    paula.next()
    paula.sees("Step 1 is recorded.")
    paula.page.go_back()
    if paula.page.locator("form button.go").count():
        paula.next()
    paula.sees("O-2281")
    assert times_recorded(paula, number) == 1


def test_the_same_form_sent_once_more_gives_the_same_answer(run: Run, number: str, paula: Desk) -> None:
    sent: list[Request] = []
    paula.page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    paula.next()
    posted = next(request for request in sent if request.url.endswith("/order"))
    again = paula.context.request.post(
        posted.url, data=posted.post_data or "", headers={"Content-Type": posted.headers["content-type"]}
    )
    assert (again.status, again.url) == (200, paula.page.url)
    assert times_recorded(paula, number) == 1


def test_a_double_click_records_once(run: Run, number: str, paula: Desk) -> None:
    paula.close_blanks()
    # The second click may break off the first navigation: what counts is where it ends.
    paula.page.locator("main form button.go").dblclick(no_wait_after=True)
    expect(paula.page).to_have_url(re.compile("/area_before$"), timeout=30_000)
    paula.sees("Clear the line before this batch")
    assert times_recorded(paula, number) == 1


def test_two_at_one_step_see_each_others_entries(run: Run, number: str) -> None:
    tess, paula = run.desk("tess"), run.desk("paula")
    for desk in (tess, paula):
        desk.open(run.step("order", number))
        desk.answer(run.order())
    tess.answer({"Consent form and version": "CON-12 version 2"})
    tess.next()
    paula.answer({"Note": "The second disc only if the first goes well."})
    paula.next()
    paula.sees("Tess Arden saved this step while you were writing", "CON-12 version 2", "CON-12 version 3")
    paula.sees("The second disc only if the first goes well.")
    paula.page.get_by_label("Consent form and version, yours: CON-12 version 3").check()
    paula.page.get_by_label("Note, yours:").check()
    paula.answer(
        {
            "What was wrong": "Known only later",
            "Reason for the correction": "The patient signed the third version of the form.",
        }
    )
    paula.press("Save my choices")
    paula.sees("Step 1 is corrected.", "CON-12 version 3", "The second disc only if the first goes well.")
    assert paula.page.locator("del").first.inner_text() == "CON-12 version 2"
    assert times_recorded(paula, number) == 1


def test_a_form_of_the_person_before_is_not_recorded_under_the_next_name(run: Run, number: str) -> None:
    desk = run.another_desk("tess")
    desk.open(run.step("order", number))
    desk.answer(run.order())
    first, desk.page = desk.page, desk.tab()
    desk.open("/")
    desk.press("Sign out")
    desk.sign_in(run.people["paula"])
    desk.page = first
    desk.next()
    desk.sees("opened by somebody else")
    assert times_recorded(run.desk("paula"), number) == 0
    desk.context.close()


def test_what_was_typed_survives_the_end_of_the_session(run: Run, number: str, paula: Desk) -> None:
    elsewhere = run.another_desk("paula")
    elsewhere.open("/account")
    elsewhere.press("Sign out everywhere")
    elsewhere.context.close()
    paula.next()
    paula.sees("You were signed out", "nothing that you typed is lost")
    sign_in_beside(paula, run.people["paula"])
    paula.press("Send it again")
    paula.sees("Step 1 is recorded.")
    run.desk("paula").sign_in(run.people["paula"])


def sign_in_beside(desk: Desk, who: Person) -> None:
    """Sign in in a new tab, and come back to the page in hand."""
    here, desk.page = desk.page, desk.tab()
    desk.sign_in(who)
    desk.page.close()
    desk.page = here
