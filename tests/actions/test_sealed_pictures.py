"""Attached pictures in a sealed document: as the trail has them, or the document is not valid."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from labrecords.documents.drawing.pictures import scaled
from labrecords.documents.verifying.pdf_contents import read_contents
from labrecords.documents.verifying.verdict import CHANGED, VALID
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.models.records import DocumentRow
from tests.support.clean import REVIEWED
from tests.support.lab import Lab
from tests.support.sealed import sealed_package, with_change


def photo(colour: str = "#336699") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), colour).save(out, "JPEG")
    return out.getvalue()


def sealed_with_a_picture(lab: Lab) -> bytes:
    """The document of a release whose receipt has a photo."""
    number = lab.play(REVIEWED)
    lab.attach(number, "receipt", "bag.jpg", photo())
    sealed = lab.decide(number)
    with lab.store.read() as session:
        return bytes(session.get_one(DocumentRow, sealed.sha256).pdf)


def test_a_document_with_a_picture_is_sealed_and_verifies(lab: Lab) -> None:
    pdf = sealed_with_a_picture(lab)
    verdict = verify(pdf, [lab.installation.authority.root])
    assert verdict.kind == VALID, verdict.sentence
    assert "1 of the attached pictures, as the trail names them." in [
        check.sentence for check in verdict.checks
    ]
    assert list(json.loads(read_contents(pdf))["pictures"]) == [
        item["picture_sha256"] for item in json.loads(read_contents(pdf))["record"]["attachments"]
    ]


@pytest.mark.parametrize("under", ["its own digest", "the digest of the first"])
def test_a_picture_that_is_not_the_attached_one_is_found(lab: Lab, under: str) -> None:
    other = scaled(photo("#ff0000"))

    def exchange(plain: dict[str, Any]) -> None:
        digest = next(iter(plain["pictures"])) if under != "its own digest" else sha256_hex(other)
        plain["pictures"] = {digest: base64.b64encode(other).decode()}

    package = with_change(exchange, read_contents(sealed_with_a_picture(lab)))
    verdict = verify(sealed_package(package, lab.installation.authority), [lab.installation.authority.root])
    assert verdict.kind == CHANGED
    assert "is not the one that was attached" in verdict.sentence
