"""Values that wait for a blind second entry are kept back on every page from whoever may still enter them."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import pytest

from labrecords.actions.pausing import pause_step
from labrecords.domain.kinds import KINDS
from labrecords.web.batches.unseen import KEPT_BACK, NOT_SEEN_YET
from tests.actions.test_attaching import photo
from tests.support.lab import BLIND_RECEIPT, Lab
from tests.support.typed import typed

VALUE, FIRST, PAUSED = "57.3", "61.5", "63.25"


@pytest.fixture
def number(lab: Lab) -> str:
    """A batch whose receipt was paused, recorded and corrected by tess, and waits for the second entry."""
    number = lab.open_batch(process=lab.adopt(BLIND_RECEIPT))
    lab.play("handover_laboratory", number)
    step = lab.step(number, "receipt")
    pause_step(
        lab.by("tess"), step=step, kind=KINDS["receipt"], typed={"volume_ml": PAUSED}, note=f"Saw {PAUSED}"
    )
    lab.record_step(number, "receipt", volume_ml=Decimal(FIRST))
    lab.clock.tick(2)
    lab.correct_step(number, "receipt", f"The scale said {VALUE}.", volume_ml=Decimal(VALUE))
    return number


def pages(lab: Lab, number: str) -> list[str]:
    last = lab.record(number).head.seq
    events = [f"/batches/{number}/trail/{seq}" for seq in range(1, last + 1)]
    return [f"/batches/{number}", f"/batches/{number}/trail", f"/batches/{number}/trail.json", *events]


@pytest.mark.parametrize("by", ["vic", "quentin"])
def test_no_page_tells_a_value_before_the_second_entry(lab: Lab, number: str, by: str) -> None:
    client = lab.client(by)
    answers = {page: client.get(page) for page in pages(lab, number)}
    if by == "quentin":
        answers["review"] = client.get(f"/batches/{number}/review")
        assert answers["review"].status_code == 200
        assert KEPT_BACK in answers["review"].text
    seen = {page: answer.text for page, answer in answers.items() if answer.status_code == 200}
    assert len(seen) > 3 or by == "vic"
    telling = [page for page, text in seen.items() for told in (VALUE, FIRST, PAUSED) if told in text]
    assert telling == []


def test_the_trail_says_that_it_is_kept_back_and_keeps_every_digest(lab: Lab, number: str) -> None:
    client = lab.client("quentin")
    page = client.get(f"/batches/{number}/trail").text
    assert page.count(KEPT_BACK) == 3
    assert "The chain is whole." in page
    chain = json.loads(client.get(f"/batches/{number}/trail.json").text)
    kept = [event for event in chain["events"] if isinstance(event, dict)]
    assert len(kept) == 3
    links = [
        event["digest"] if isinstance(event, dict) else hashlib.sha256(event.encode()).hexdigest()
        for event in chain["events"]
    ]
    assert links[-1] == chain["head"]["digest"]
    for before, event in zip(links, chain["events"][1:], strict=False):
        assert isinstance(event, dict) or json.loads(event)["prev"] == before


def test_who_wrote_it_and_everybody_after_the_second_entry_read_it(lab: Lab, number: str) -> None:
    events = [f"/batches/{number}/trail/{seq}" for seq in range(1, lab.record(number).head.seq + 1)]
    assert lab.reenter(number, "receipt", "vic")
    text = "".join(lab.client("quentin").get(page).text for page in events)
    for told in (VALUE, FIRST, PAUSED):
        assert told in text
    review = lab.client("quentin").get(f"/batches/{number}/review").text
    assert VALUE in review
    assert KEPT_BACK not in review


def test_nobody_opens_a_value_to_correct_it_before_the_second_entry(lab: Lab, number: str) -> None:
    client, where = lab.client("vic"), f"/batches/{number}/steps/receipt"
    assert f'href="{where}/correct"' not in client.get(where).text
    answer = client.get(f"{where}/correct")
    assert answer.status_code == 403
    assert NOT_SEEN_YET.way_out in answer.text
    assert VALUE not in answer.text
    assert VALUE in lab.client("tess").get(f"{where}/correct").text


def test_who_entered_it_otherwise_has_compared_both_and_may_correct_it(lab: Lab, number: str) -> None:
    assert not lab.reenter(number, "receipt", "vic", volume_ml=Decimal("60.0"))
    assert VALUE in lab.client("vic").get(f"/batches/{number}/steps/receipt/correct").text


def test_a_photo_of_the_value_is_kept_back_too(lab: Lab, number: str) -> None:
    item = lab.attach(number, "receipt", "display.jpg", photo(), title=f"The display says {VALUE}")
    client, where = lab.client("vic"), f"/batches/{number}/attachments/{item}"
    files = (where, f"{where}/picture", f"{where}/withdraw")
    assert [client.get(page).status_code for page in files] == [403, 403, 403]
    step = f"/batches/{number}/steps/receipt"
    telling = [page for page in (*pages(lab, number), step) if VALUE in client.get(page).text]
    assert telling == []
    assert lab.client("tess").get(f"{where}/picture").status_code == 200
    assert lab.reenter(number, "receipt", "vic")
    assert lab.client("vic").get(f"{where}/picture").status_code == 200
    assert "display.jpg" in lab.client("vic").get(step).text


def test_a_form_that_was_open_meanwhile_does_not_show_both_side_by_side(lab: Lab) -> None:
    number = lab.open_batch(process=lab.adopt(BLIND_RECEIPT))
    lab.play("handover_laboratory", number)
    client, where = lab.client("vic"), f"/batches/{number}/steps/receipt"
    opened = client.get(where)
    lab.record_step(number, "receipt", volume_ml=Decimal(VALUE))
    answer = client.submit(where, typed(lab, number, "receipt"), having="performed_by", response=opened)
    assert answer.status_code == 409
    assert NOT_SEEN_YET.way_out in answer.text
    assert VALUE not in answer.text


def test_comparing_a_draft_tells_no_value_either(lab: Lab, number: str) -> None:
    client = lab.client("vic")
    for written in ("recorded", "corrected"):
        address = f"/batches/{number}/steps/receipt"
        client.post(f"{address}/judge?form={written}", data={"volume_ml": "11.1"})
        answer = client.post(f"{address}/typed", data={"form": written, "compare": "yes"})
        assert VALUE not in answer.text
        assert FIRST not in answer.text
