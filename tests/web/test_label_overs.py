"""A new label over the old one, on the pages: recorded, read again unseen, and told when the old one is scanned."""

from __future__ import annotations

from labrecords.domain.custody.containers import holding_now
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


def test_no_page_tells_the_new_code_before_the_second_person_has_read_it(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "label_over-1")
    lab.clock.tick(5)
    lab.record_step(number, "storage-2", container_code="BAG-7N")
    last = lab.record(number).head.seq
    for by in ("vic", "quentin"):
        client = lab.client(by)
        pages = [f"/batches/{number}", f"/batches/{number}/review", f"/batches/{number}/inputs"]
        pages += [f"/batches/{number}/trail", f"/batches/{number}/trail.json", f"/batches/{number}/labels"]
        pages += [f"/batches/{number}/trail/{seq}" for seq in range(1, last + 1)]
        telling = [page for page in pages if "BAG-7N" in client.get(page).text]
        assert telling == []
        found = words(client.get(scanned(client, "BAG-7").headers["Location"]))
        assert "this container was labelled over. Read the new label on it." in found
        assert "BAG-7N" not in found
    shown = words(lab.client("vic").get(f"/batches/{number}"))
    assert "BAG-7 (new label)" in shown
    assert "BAG-7N" in lab.client("tess").get(f"/batches/{number}").text
    assert lab.reenter(number, "label_over-1", "vic")
    assert "BAG-7N" in lab.client("vic").get(f"/batches/{number}").text
    assert "BAG-7N" in lab.client("quentin").get(f"/batches/{number}/review").text


def test_results_are_shown_while_a_label_alone_is_still_to_be_read(lab: Lab) -> None:
    number = lab.play("count_after")
    lab.record_step(number, "label_over-1", container_code=holding_now(lab.record(number))[-1])
    review = lab.client("quentin").get(f"/batches/{number}/review").text
    results = review[: review.index("How each was computed")]
    assert "Kept back until the second entry." not in results
    step = lab.client("quentin").get(f"/batches/{number}/steps/label_over-1").text
    assert "Not shown yet." in step
