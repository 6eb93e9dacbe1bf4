"""The start page: what waits for each role."""

from __future__ import annotations

import pytest

from labrecords.actions import people
from tests.support.clean import REVIEWED
from tests.support.lab import Lab
from tests.support.reading import links, words


@pytest.mark.parametrize(
    ("username", "title", "checked"),
    [
        (
            "tess",
            "No batch waits for its next step",
            "Every batch that is open, in process or released was looked at",
        ),
        ("vic", "No batch waits for its next step", "Every step that a second person"),
        ("paula", "No product is released now", "Batches with the status released were looked for"),
        (
            "quentin",
            "No batch waits for review",
            "Steps, confirmations, results, custody and expiry were checked",
        ),
        ("ada", "Find a batch", "No batch has been opened here yet"),
        ("ivan", "7 people may sign in", "Everybody who may sign in has set a password"),
    ],
)
def test_an_empty_laboratory_says_what_was_checked(lab: Lab, username: str, title: str, checked: str) -> None:
    page = lab.client(username).get("/")
    assert page.status_code == 200
    assert title in words(page)
    assert checked in words(page)


def test_the_technician_finds_the_next_step_of_each_open_batch_the_most_urgent_first(lab: Lab) -> None:
    first = lab.play("harvest")
    lab.clock.tick(30)
    second = lab.open_batch()
    lab.play("receipt", number=second)
    third = lab.open_batch(patient="P-3")
    page = lab.client("tess").get("/")
    text = words(page)
    assert text.index(first) < text.index(second) < text.index(third)
    assert f"/batches/{first}/steps/handover_laboratory" in links(page)
    assert f"/batches/{second}/steps/sample_before" in links(page)
    assert f"/batches/{third}/steps/order" in links(page)


def test_a_second_operator_is_led_to_the_batch_where_the_step_is_not_theirs_to_record(lab: Lab) -> None:
    number = lab.open_batch()
    found = links(lab.client("vic").get("/"))
    assert f"/batches/{number}" in found
    assert f"/batches/{number}/steps/order" not in found


def test_only_the_confirmations_that_one_can_give_oneself_are_asked_for(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    lab.clock.tick()
    lab.record_step(number, "receipt")
    url = f"/batches/{number}/steps/receipt"
    assert url in links(lab.client("vic").get("/"))
    asked = words(lab.client("tess").get("/"), "asked")
    assert "Nothing" in asked, "who recorded a step is not asked to verify it"


def test_the_physician_is_asked_to_attest_what_somebody_else_recorded(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    lab.clock.tick(10)
    lab.record_step(number, "harvest")
    asked = words(lab.client("paula").get("/"), "asked")
    assert "Attest that you performed it" in asked
    assert number in asked


def test_the_physician_finds_what_is_released_and_what_is_to_be_closed(lab: Lab) -> None:
    number = lab.play("released")
    page = lab.client("paula").get("/")
    assert "1 product is released" in words(page)
    assert number in words(page)
    lab.play("residual", number=number)
    page = lab.client("paula").get("/")
    assert f"/batches/{number}/close" in links(page)


def test_quality_assurance_sees_a_clean_batch_in_the_clean_lane_and_can_sign_at_once(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    page = lab.client("quentin").get("/")
    assert "1 batch waits for you" in words(page)
    assert number in words(page, "lane-pass").split("With alerts")[0]
    assert f"/batches/{number}/sign/released" in links(page)


def test_a_corrected_batch_is_in_the_lane_with_alerts(lab: Lab) -> None:
    number = lab.play("sample_after")
    lab.clock.tick(5)
    lab.record_step(number, "count_after", live=150, dead=50)
    lab.correct_step(number, "count_after", live=152, dead=48)
    lab.confirm_all(number, "count_after")
    lab.play(REVIEWED, number=number)
    lane = words(lab.client("quentin").get("/"), "lane-alert").split("Blocked")[0]
    assert number in lane
    assert "Corrected" in lane
    assert "alert" in lane.casefold()


def test_a_batch_that_lacks_a_second_person_is_blocked_and_says_so(lab: Lab) -> None:
    number = lab.play("sample_after")
    lab.clock.tick(5)
    lab.record_step(number, "count_after")
    lab.play(REVIEWED, number=number)
    page = lab.client("quentin").get("/")
    lane = words(page, "lane-out")
    assert number in lane
    assert "Not verified" in lane
    assert f"/batches/{number}/sign/released" not in links(page)


def test_an_expired_batch_under_review_is_blocked(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    lab.clock.tick(60 * 5)
    lane = words(lab.client("quentin").get("/"), "lane-out")
    assert number in lane
    assert "Expired" in lane


def test_what_is_on_hold_stays_before_the_eyes_of_quality_assurance(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    lab.decide(number, "on hold", "The label of the sample is looked for.")
    assert number in words(lab.client("quentin").get("/"), "hold")


def test_a_product_that_was_used_without_release_stands_first_before_quality_assurance(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    for key in ("handover_theatre", "bedside", "injection"):
        lab.clock.tick(2)
        lab.record_step(number, key, happened_reason="Nobody looked whether it was released.")
    page = lab.client("quentin").get("/")
    assert "Used, and to be decided" in words(page)
    assert f"/batches/{number}/review" in links(page)
    lab.decide(number, "rejected", "Used without a release.")
    assert "Used, and to be decided" not in words(lab.client("quentin").get("/"))


def test_the_auditor_finds_the_newest_batches_with_their_trail(lab: Lab) -> None:
    number = lab.play("order")
    page = lab.client("ada").get("/")
    assert f"/batches/{number}" in links(page)
    assert f"/batches/{number}/trail" in links(page)


def test_the_administrator_sees_people_and_no_batch(lab: Lab) -> None:
    number = lab.play("order")
    people.add_person(lab.by("ivan"), username="nora", name="Nora Nagy", roles=("technician",))
    page = lab.client("ivan").get("/")
    assert "8 people may sign in" in words(page)
    assert "Nora Nagy" in words(page, "invited")
    assert number not in page.text
    assert "/scan" not in page.text


def test_somebody_who_lost_their_last_role_sees_nothing_any_more(lab: Lab) -> None:
    client = lab.client("ada")
    assert client.get("/").status_code == 200
    people.revoke_role(
        lab.by("ivan"), person_id=lab.id("ada"), role="auditor", reason="The inspection is over."
    )
    assert client.get("/").status_code == 403


def test_nobody_is_sent_to_sign_in(lab: Lab) -> None:
    answer = lab.client().get("/")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")
