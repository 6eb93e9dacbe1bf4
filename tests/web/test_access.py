"""The pages of rights with dates, checks of identity and the review of access."""

from __future__ import annotations

from datetime import timedelta

from labrecords.actions import people
from tests.actions.test_access import COMMENT, DAY, WHY, newcomer, seen
from tests.support.lab import Lab


def test_the_administrator_gives_a_role_for_some_days_and_sees_its_history(lab: Lab) -> None:
    client, page = lab.client("ivan"), f"/people/{lab.id('tess')}"
    last = lab.today() + timedelta(days=10)
    wanted = {"role": "physician", "reason": WHY, "last_day": last.isoformat()}
    assert client.submit(f"{page}/roles/add", wanted, having="reason").location == page
    shown = client.get(page).text
    assert WHY in shown
    assert "by itself" in shown
    assert "Tess Tamm" in client.get("/").text.split("Rights that end within 30 days")[1]
    assert "Find patients" in lab.client("tess").get("/account").text
    lab.clock.tick(11 * DAY)
    over = lab.client("ivan").get(page).text
    assert "<del>physician</del>" in over
    assert "See and correct the identity" not in lab.client("tess").get("/account").text


def test_a_day_that_is_none_is_asked_for_at_its_place(lab: Lab) -> None:
    page = f"/people/{lab.id('tess')}/roles/add"
    wanted = {"role": "physician", "reason": WHY, "first_day": "tomorrow"}
    answer = lab.client("ivan").submit(page, wanted, having="reason")
    assert answer.status_code == 400
    assert "Write the day as year-month-day" in answer.text


def test_the_check_of_an_identity_is_recorded_and_shown(lab: Lab) -> None:
    person_id = newcomer(lab)
    client, page = lab.client("ivan"), f"/people/{person_id}"
    assert "not checked yet: signs nothing" in client.get(page).text
    stated = {"checked_by": "Ivan Ilić", "how": "passport", "checked_on": lab.today().isoformat()}
    assert client.submit(f"{page}/identity", stated, having="how").location == page
    assert "passport, checked" in client.get(page).text
    wrong = client.submit(f"{page}/identity", stated | {"checked_on": "2027-01-01"}, having="how")
    assert wrong.status_code == 400
    assert "cannot lie in the future" in wrong.text


def test_the_review_of_access_is_due_on_the_start_pages_until_it_is_signed(lab: Lab) -> None:
    said = "The review of who has access is due."
    assert said not in lab.client("quentin").get("/").text
    lab.clock.tick(183 * DAY)
    quentin = lab.client("quentin")
    assert said in quentin.get("/").text
    assert said in lab.client("ivan").get("/").text
    assert said not in lab.client("tess").get("/").text
    page = quentin.get("/people/review")
    assert "Idle" in page.text
    signed = {"reason": COMMENT, "password": lab.cast["quentin"].password}
    assert quentin.submit("/people/review", signed, having="seen").location == "/people/review"
    assert COMMENT in quentin.get("/people/review").text
    assert said not in quentin.get("/").text


def test_an_account_that_is_added_meanwhile_is_looked_at_before_it_is_signed(lab: Lab) -> None:
    quentin = lab.client("quentin")
    page = quentin.get("/people/review")
    people.add_person(lab.by("ivan"), username="nora", name="Nora Nagy", roles=("technician",))
    signed = {"reason": COMMENT, "password": lab.cast["quentin"].password}
    answer = quentin.submit("/people/review", signed, having="seen", response=page)
    assert answer.status_code == 409
    assert "An account or a role changed meanwhile." in answer.text
    assert COMMENT in answer.text
    again = quentin.submit("/people/review", signed, having="seen", response=answer)
    assert again.status_code == 303
    assert seen(lab)
