"""Acts of custody on the pages: begun from the batch, recorded on a screen of their own, listed and corrected."""

from __future__ import annotations

from tests.support.lab import Lab
from tests.support.reading import words
from tests.web.test_steps import send, url


def test_a_container_is_put_away_from_the_page_of_its_batch(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    shown = client.get(f"/batches/{number}").text
    assert f'href="/batches/{number}/steps/storage-1"' in shown
    assert f'href="/batches/{number}/steps/handover-1"' in shown
    page = client.get(url(number, "storage-1"))
    assert "Put away or taken out" in words(page)
    assert "Was it not done?" not in page.text
    assert "Keep and pause" not in page.text
    assert send(lab, "tess", number, "storage-1").status_code == 303
    after = words(client.get(f"/batches/{number}"))
    assert "BAG-7 into Fridge 2, shelf 1, 4.5 °C" in after
    assert f'href="/batches/{number}/steps/storage-2"' in client.get(f"/batches/{number}").text
    assert client.get(url(number, "storage-1")).status_code == 200


def test_there_is_no_act_beyond_the_next_one(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    assert client.get(url(number, "storage-2")).status_code == 404
    assert client.get(url(number, "storage-0")).status_code == 404


def test_before_the_harvest_there_is_nothing_to_hold(lab: Lab) -> None:
    number = lab.open_batch()
    assert "storage-1" not in lab.client("tess").get(f"/batches/{number}").text


def test_who_may_only_read_is_offered_no_act(lab: Lab) -> None:
    number = lab.play("receipt")
    assert "storage-1" not in lab.client("quentin").get(f"/batches/{number}").text


def test_the_reviewer_and_the_trail_name_the_act(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "storage-1")
    trail = words(lab.client("quentin").get(f"/batches/{number}/trail"))
    last = len(lab.record(number).process.steps)
    assert f"step {last + 1}, put away or taken out" in trail.lower()


def test_what_is_offered_waits_in_sight_of_its_receiver_until_it_is_taken(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "offer-1")
    lab.clock.tick(4)
    shown = words(lab.client("quentin").get(f"/batches/{number}"))
    assert "BAG-7 is offered, and not taken. Tess Tamm offered it to Vic Vermeer" in shown
    assert "4 min ago. It waits in Laboratory." in shown
    client = lab.client("vic")
    assert "Receive BAG-7, or refuse it" in words(client.get("/"))
    assert "Receive BAG-7" not in words(lab.client("tess").get("/"))
    assert f'href="{url(number, "refusal-2")}"' in client.get(f"/batches/{number}").text
    form = client.get(url(number, "handover-2")).text
    assert 'name="container_code" value="BAG-7"' in form
    assert 'name="place_from" value="Laboratory"' in form
    assert 'name="seal_number" value="41880"' not in form
    lab.record_step(number, "handover-2", by="vic", performed_by="vic")
    assert "is offered" not in words(client.get(f"/batches/{number}"))
    assert "Receive BAG-7" not in words(client.get("/"))
    record = lab.record(number)
    assert record.outstanding(record.current_entries()[-1]) == ()
    lab.check()
