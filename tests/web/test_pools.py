"""Containers poured together, on the pages: offered from the batch, asked row by row, stopped in red, and shown."""

from __future__ import annotations

from decimal import Decimal

from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.typed import typed
from tests.web.test_steps import send, url


def divided(lab: Lab) -> str:
    number = lab.play("receipt")
    lab.record_step(number, "division-1")
    lab.clock.tick(5)
    return number


def test_a_pool_is_recorded_from_the_page_of_its_batch_and_shows_what_is_what(lab: Lab) -> None:
    number = divided(lab)
    client = lab.client("vic")
    assert f'href="{url(number, "pool-2")}"' in client.get(f"/batches/{number}").text
    assert send(lab, "vic", number, "pool-2", performed_by=lab.id("tess")).status_code == 303
    shown = words(client.get(url(number, "pool-2")))
    assert "1. SYR-7B , volume taken 25.0 mL, left in it 0 mL" in shown
    said = "25.0 mL of SYR-7B, 10.0 mL of BAG-7 (5.0 mL left) into BAG-8, 35.0 mL in all"
    assert said in words(client.get(f"/batches/{number}"))
    lab.check()


def test_the_cursor_stands_in_the_first_container_that_is_poured(lab: Lab) -> None:
    number = divided(lab)
    page = lab.client("vic").get(url(number, "pool-2")).text
    (entry,) = [part for part in page.split("<input ") if " autofocus" in part.split(">")[0]]
    assert 'name="poured-0-container_code"' in entry


def test_what_is_not_of_this_batch_is_stopped_on_a_red_page(lab: Lab) -> None:
    number = divided(lab)
    answer = send(lab, "vic", number, "pool-2", **{"poured-1-container_code": "BAG-OTHER"})
    assert answer.status_code == 403
    assert (
        "Wrong container: the material of this batch is in BAG-7, SYR-7A and SYR-7B, and BAG-OTHER"
        in words(answer)
    )


def test_a_pool_that_is_less_than_was_taken_stands_with_the_reviewer(lab: Lab) -> None:
    number = divided(lab)
    lab.record_step(number, "pool-2", total_ml=Decimal("30.0"))
    said = words(lab.client("quentin").get(f"/batches/{number}/review"))
    assert "the pool is 30.0 mL, and 35.0 mL was taken: more than 5 % apart." in said


def test_an_act_that_was_stopped_as_a_mix_up_leaves_every_page_of_the_batch_open(lab: Lab) -> None:
    other = lab.play("receipt", lab.open_batch(patient="P-7777"))
    lab.correct_step(other, "harvest", container_code="BAG-OTHER")
    number = divided(lab)
    answer = send(lab, "vic", number, "pool-2", **{"poured-1-container_code": "BAG-OTHER"})
    assert "are locked now" in words(answer)
    for person in ("tess", "quentin"):
        assert "locked" in words(lab.client(person).get(f"/batches/{number}"))
    assert "Investigate" in words(lab.client("quentin").get(f"/batches/{number}/review"))


def test_what_was_typed_for_an_act_is_not_lost_when_another_act_is_recorded_first(lab: Lab) -> None:
    number = divided(lab)
    client = lab.client("vic")
    form = client.get(url(number, "pool-2"))
    lab.record_step(number, "storage-2", container_code="SYR-7A")
    sent = typed(lab, number, "pool-2")
    answer = client.submit(url(number, "pool-2"), sent, having="performed_by", response=form)
    assert answer.status_code == 303, words(answer)
    assert [step.key for step in lab.record(number).acts] == ["division-1", "storage-2", "pool-3"]
    assert client.get(url(number, "pool-9")).status_code == 404


def test_the_same_pool_saved_from_two_tabs_is_recorded_once_and_says_so(lab: Lab) -> None:
    number = divided(lab)
    client = lab.client("vic")
    tabs = [client.get(url(number, "pool-2")) for _ in range(2)]
    sent = typed(lab, number, "pool-2")
    for tab in tabs:
        answer = client.submit(url(number, "pool-2"), sent, having="performed_by", response=tab)
        assert answer.status_code == 303, words(answer)
    assert "You had recorded this already, with the same values" in words(client.get(url(number, "pool-2")))
    assert [step.key for step in lab.record(number).acts] == ["division-1", "pool-2"]
    other = client.submit(
        url(number, "pool-2"), sent | {"total_ml": "34.0"}, having="performed_by", response=tabs[0]
    )
    assert other.status_code == 409
    lab.check()
