"""A new label over the old one, on the pages: recorded, read again unseen, and told when the old one is scanned."""

from __future__ import annotations

from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.scanning import scanned
from tests.web.test_steps import send, url


def test_it_is_recorded_from_the_page_of_the_batch_and_shows_both_codes(lab: Lab) -> None:
    number = lab.play("receipt")
    client = lab.client("tess")
    assert f'href="{url(number, "label_over-1")}"' in client.get(f"/batches/{number}").text
    assert send(lab, "tess", number, "label_over-1").status_code == 303
    assert lab.reenter(number, "label_over-1", "vic")
    shown = words(client.get(f"/batches/{number}"))
    assert "BAG-7 is BAG-7N now; old label removed. The old label was torn at the hook." in shown
    assert "BAG-7 until it was labelled over." in shown


def test_a_scan_of_the_old_label_leads_to_the_container_and_says_so(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "label_over-1")
    lab.reenter(number, "label_over-1", "vic")
    tess = lab.client("tess")
    arrived = scanned(tess, "BAG-7")
    assert arrived.status_code in (200, 303)
    page = tess.get(arrived.headers["Location"])
    assert "BAG-7 is an old label: this container was labelled over, and is BAG-7N now." in words(page)
