"""The register of lots in the browser: receiving, releasing by a second person, rejecting, and following a lot."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from labrecords.domain.evidence.canonical import sha256_hex
from tests.support.lab import Lab
from tests.support.pages import forms_of
from tests.support.reading import words
from tests.support.scanning import scanned
from tests.support.statements import counted

PACK = {
    "material": "ACD-A",
    "maker": "Maker of anticoagulants",
    "catalogue_number": "A-100",
    "lot": "AC-778",
    "expiry": "2027-05-31",
    "quantity": "100",
    "unit": "mL",
    "place": "Fridge 1",
}


def received(lab: Lab, by: str = "tess", **changes: str) -> str:
    """Receive a delivery on the page. Returns its address."""
    lab.clock.tick(1)
    answer = lab.client(by).submit("/lots/receive", PACK | changes, having="material")
    assert answer.status_code == 303, words(answer)
    return str(answer.location)


def signed(lab: Lab, page: str, by: str, **changes: str) -> int:
    client = lab.client(by)
    given = {"username": by, "password": lab.cast[by].password} | changes
    return client.submit(page, given, having="password").status_code


def test_a_lot_is_received_as_it_was_typed_and_stands_in_quarantine(lab: Lab) -> None:
    here = received(lab)
    page = words(lab.client("ada").get(here))
    for part in ("AC-778", "ACD-A", "Maker of anticoagulants", "A-100", "2027-05-31", "100 mL", "quarantine"):
        assert part in page, part
    assert "Tess Tamm" in page


@pytest.mark.req("GMP-101d")
def test_the_second_person_releases_it_and_the_first_cannot(lab_on_both: Lab) -> None:
    lab = lab_on_both
    here = received(lab, by="quentin")
    assert "You received this delivery" in lab.client("quentin").get(f"{here}/release").text
    assert signed(lab, f"{here}/release", "quentin") == 403
    assert signed(lab, f"{here}/release", "vic", password="not the password") == 400
    assert signed(lab, f"{here}/release", "vic") == 303
    page = words(lab.client("tess").get(here))
    assert "released signed" in page
    assert "Vic Vermeer" in page


def test_a_second_person_signs_on_the_screen_of_the_first(lab: Lab) -> None:
    here = received(lab)
    client = lab.client("tess")
    given = {"username": "vic", "password": lab.cast["vic"].password}
    assert client.submit(f"{here}/release", given, having="password").status_code == 303
    assert "Vic Vermeer" in client.get(here).text


def test_a_lot_is_rejected_with_a_reason_that_says_something(lab: Lab) -> None:
    here = received(lab)
    assert signed(lab, f"{here}/reject", "vic", reason="error") == 400
    assert signed(lab, f"{here}/reject", "vic", reason="The seal is broken.") == 303
    page = lab.client("tess").get(here).text
    assert "The seal is broken." in page
    assert "/release" not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"material": ""}, "Enter the name of the material."),
        ({"maker": ""}, "Enter the maker."),
        ({"lot": ""}, "Enter the lot number."),
        ({"lot": "---"}, "Enter the lot number as it is printed"),
        ({"expiry": "31.5.2027"}, "Write the day as year-month-day"),
        ({"quantity": ""}, "Enter how much was received: more than 0"),
        ({"quantity": "0"}, "more than 0"),
        ({"quantity": "2,500"}, "Write the one that you mean."),
        ({"quantity": "NaN"}, "is not a number"),
        ({"unit": "spoons"}, "Choose one of: mL"),
        ({"maker": "M\u202e"}, "invisible character"),
    ],
)
def test_what_cannot_be_is_asked_back_and_everything_typed_stays(
    lab: Lab, changes: dict[str, str], sentence: str
) -> None:
    sent = PACK | changes
    answer = lab.client("tess").submit("/lots/receive", sent, having="material")
    assert answer.status_code == 400
    assert sentence in answer.text
    form = next(form for form in forms_of(answer.text) if "material" in form.names)
    for name, value in sent.items():
        assert name == "unit" or form.values[name][0] == value


COA = b"%PDF-1.7 a certificate\n%%EOF\n"


def with_file(lab: Lab, name: str, data: bytes, **changes: str) -> TestResponse:
    """Send the form of a delivery with a file."""
    sent = PACK | changes | {"file": (BytesIO(data), name)}
    return lab.client("tess").submit("/lots/receive", sent, having="material")


@pytest.mark.req("DI-ORI")
def test_the_certificate_is_kept_with_the_lot_and_given_back_as_it_came(lab: Lab) -> None:
    here = str(with_file(lab, "certificate.pdf", COA).location)
    client = lab.client("ada")
    page = client.get(here).text
    link = f"{here}/certificates/{sha256_hex(COA)}"
    assert f'href="{link}"' in page
    given = client.get(link)
    assert given.data == COA
    assert given.mimetype == "application/octet-stream"
    assert given.headers["Content-Disposition"] == "attachment; filename=certificate.pdf"
    assert given.headers["Content-Security-Policy"].startswith("sandbox")
    assert client.get(f"{here}/certificates/{'0' * 64}").status_code == 404
    other = received(lab, lot="AC-779")
    assert client.get(f"{other}/certificates/{sha256_hex(COA)}").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.pdf", b"", "This file is empty"),
        ("page.pdf", b"<script>alert(1)</script>", "What this file holds is none of them."),
        ("cut.pdf", COA[:20], "What this file holds is none of them."),
        ("photo.jpg", COA, "The name says JPEG picture, and the content is a PDF."),
        ("two.pdf", COA + b"PK" + b" " * 2000, "What this file holds is none of them."),
    ],
)
def test_a_certificate_is_told_by_its_content(lab: Lab, name: str, data: bytes, sentence: str) -> None:
    answer = with_file(lab, name, data)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert "No lot has been received yet" in lab.client("tess").get("/lots").text


def test_a_file_is_asked_for_again_when_something_else_is_asked_back(lab: Lab) -> None:
    answer = with_file(lab, "certificate.pdf", COA, quantity="")
    assert answer.status_code == 400
    assert "Choose the file again: it is not kept while something else is asked back." in words(answer)


def test_a_change_is_a_version_and_needs_a_new_release(lab: Lab) -> None:
    here = received(lab)
    signed(lab, f"{here}/release", "vic")
    changes = {"place": "Fridge 2", "reason": "Moved to the other fridge."}
    client = lab.client("tess")
    late = client.get(f"{here}/change")
    assert client.submit(f"{here}/change", changes, having="reason").location == here
    page = words(client.get(here))
    assert "3 versions" in page
    assert "Moved to the other fridge." in page
    answer = client.submit(f"{here}/change", changes | {"place": "Fridge 3"}, having="reason", response=late)
    assert answer.status_code == 409
    assert "Fridge 3" in answer.text


@pytest.mark.req("GMP-184", "HCT-210")
def test_the_page_of_a_lot_leads_to_every_batch_and_says_what_is_left(lab: Lab) -> None:
    here = received(lab)
    signed(lab, f"{here}/release", "vic")
    number = lab.play("harvest", lab.open_batch())
    page = lab.client("quentin").get(here)
    assert f"/batches/{number}/steps/anticoagulant" in page.text
    used = lab.record(number).current("harvest").materials()[0].volume_ml  # type: ignore[union-attr]
    assert used is not None
    assert re.search(rf"Received 100 mL Used {used} mL, in 1 act Left {100 - used} mL", words(page))


def test_a_step_offers_released_lots_and_stops_at_one_in_quarantine(lab: Lab) -> None:
    number = lab.play("identity_harvest", lab.open_batch())
    here = received(lab)
    step = f"/batches/{number}/steps/harvest"
    assert "lots-offered" not in lab.client("tess").get(step).text.replace('list="lots-offered"', "")
    signed(lab, f"{here}/release", "vic")
    page = lab.client("tess").get(step).text
    assert '<datalist id="lots-offered"><option value="AC-778">ACD-A, Maker of anticoagulants' in page
    assert 'list="lots-offered"' in page


def test_a_scanned_lot_number_leads_to_its_lot(lab: Lab) -> None:
    here = received(lab)
    client = lab.client("tess")
    assert scanned(client, "ac778").location == here
    received(lab)
    assert scanned(client, "AC-778").location == "/lots?q=AC-778"


def test_the_list_is_searched_and_sends_as_many_statements_for_many_lots_as_for_few(lab: Lab) -> None:
    here = received(lab)
    counts = []
    for more in range(2):
        for number in range(12 * more):
            received(lab, lot=f"L-{number}")
        client = lab.client("tess")
        for path in ("/lots", here):
            client.get(path)
            with counted() as seen:
                assert client.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    client = lab.client("tess")
    assert "L-11" in client.get("/lots?q=l11").text
    assert "AC-778" not in client.get("/lots?q=l11").text
    assert "None. Lot number" in client.get("/lots?q=%25").text
    for query in ("status=spoon", "before=x"):
        assert client.get(f"/lots?{query}").status_code == 400


@pytest.mark.parametrize("act", ["", "/change", "/release", "/reject"])
def test_a_delivery_that_is_not_there_is_not_found(lab: Lab, act: str) -> None:
    assert lab.client("quentin").get(f"/lots/{'0' * 32}{act}").status_code == 404


def test_who_only_reads_cannot_receive(lab: Lab) -> None:
    for username in ("ada", "paula"):
        assert lab.client(username).get("/lots/receive").status_code == 403
        assert "/lots/receive" not in lab.client(username).get("/lots").text
