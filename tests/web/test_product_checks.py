"""The identity check of the product on the pages: asked for before the release, read twice, and printed."""

from __future__ import annotations

import pytest

from labrecords.models.records import DocumentRow
from tests.actions.test_product_checks import asked
from tests.support.lab import Lab
from tests.support.printed import text_of
from tests.support.reading import words
from tests.web.test_steps import send, url


@pytest.mark.req("FACT-ID")
def test_the_label_is_read_on_the_page_by_one_and_unseen_by_another(lab: Lab) -> None:
    number = asked(lab, "area_after")
    before = lab.client("tess").get(f"/batches/{number}")
    assert "SYR-7: nobody has compared its label with this batch since it was filled." in words(before)
    assert f'href="{url(number, "product_check-1")}"' in before.text
    lab.clock.tick(3)
    assert send(lab, "tess", number, "product_check-1").status_code == 303
    vic = lab.client("vic")
    unseen = vic.get(url(number, "product_check-1"))
    assert "P-2048, " not in words(unseen)
    assert "agree" not in words(unseen)
    again = {"container_code": "SYR-7", "patient_code": "P-2048", "occasion": "before the release"}
    again |= {"identity_code": lab.record(number).batch.identity_code}
    again |= {"username": "vic", "password": lab.cast["vic"].password}
    answer = vic.submit(url(number, "product_check-1", "/again"), again, having="entry_id")
    assert answer.status_code == 303
    shown = words(lab.client("quentin").get(f"/batches/{number}"))
    assert "SYR-7, before the release: container, patient and chain of identity agree" in shown
    assert "nobody has compared" not in shown
    sealed = lab.decide(number)
    with lab.store.read() as session:
        pages = text_of(session.get_one(DocumentRow, sealed.sha256).pdf)
    assert "Identity check of the product" in pages
    assert "Chain-of-identity code on the label" in " ".join(pages.split())
