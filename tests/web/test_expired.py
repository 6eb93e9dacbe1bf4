"""An expired product on the pages: it stands on the start pages until what becomes of it is signed."""

from __future__ import annotations

from labrecords.domain.review.decisions import DESTROY
from tests.support.clean import REVIEWED
from tests.support.lab import Lab
from tests.support.printed import text_of
from tests.support.reading import links, words


def test_it_asks_for_a_disposition_and_blocks_until_one_is_signed(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    sign = f"/batches/{number}/disposition/destroy"
    assert sign not in links(lab.client("quentin").get(f"/batches/{number}"))
    lab.clock.tick(300)
    for name in ("tess", "paula", "quentin"):
        assert number in words(lab.client(name).get("/"), "expired")
    client = lab.client("quentin")
    page = client.get(f"/batches/{number}")
    assert {sign, sign.replace("destroy", "return"), sign.replace("destroy", "retain")} <= set(links(page))
    sent = {"password": lab.cast["quentin"].password, "reason": "The patient did not come."}
    assert client.submit(sign, sent | {"reason": ""}, having="reason").status_code == 400
    answer = client.submit(sign, sent, having="reason")
    assert answer.status_code == 303, words(answer)
    assert lab.record(number).decisions[-1].decision == DESTROY
    assert 'id="expired"' not in lab.client("tess").get("/").text
    printed = text_of(client.get(f"/batches/{number}/documents/1.pdf").data)
    assert "EXPIRED PRODUCT: DESTROY" in printed
    assert "The patient did not come." in printed
