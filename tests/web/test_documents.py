"""Giving sealed documents away."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import select, update

from labrecords.actions.door import ACCESS
from labrecords.models.batch_record import events_of
from labrecords.models.records import DocumentRow
from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.tampering import intruder


def accesses(lab: Lab) -> list[dict[str, object]]:
    """The events of the access chain, the newest last."""
    with lab.store.read() as session:
        return [json.loads(payload) for payload in events_of(session, ACCESS)]


@pytest.mark.parametrize("username", ["tess", "vic", "paula", "quentin", "ada"])
def test_a_document_is_given_away_as_it_was_sealed(lab: Lab, username: str) -> None:
    number = lab.play("released")
    answer = lab.client(username).get(f"/batches/{number}/documents/1.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}-v1.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert hashlib.sha256(answer.data).hexdigest() == lab.record(number).issue_ends[-1].document_sha256


def test_every_download_is_an_event_with_the_digest(lab: Lab) -> None:
    number = lab.play("closed")
    before = lab.record(number).head.seq
    lab.client("ada").get(f"/batches/{number}/documents/2.pdf")
    event = accesses(lab)[-1]
    assert event["act"] == "document.downloaded"
    assert event["actor"]["username"] == "ada"  # type: ignore[index]
    assert event["detail"] == {
        "batch": number,
        "sha256": lab.record(number).issue_ends[-1].document_sha256,
        "source": "127.0.0.1",
        "version": "2",
    }
    assert lab.record(number).head.seq == before, "reading a batch does not change its chain"


@pytest.mark.parametrize("path", ["1.pdf", "0.pdf", "99999999999999999999.pdf", "-1.pdf", "one.pdf"])
def test_a_version_that_does_not_exist_is_not_found(lab: Lab, path: str) -> None:
    number = lab.play("order")
    assert lab.client("ada").get(f"/batches/{number}/documents/{path}").status_code == 404


def test_a_batch_that_does_not_exist_has_no_documents(lab: Lab) -> None:
    assert lab.client("ada").get("/batches/KRK-26-0009/documents/1.pdf").status_code == 404


def test_the_administrator_gets_no_documents(lab: Lab) -> None:
    number = lab.play("released")
    assert lab.client("ivan").get(f"/batches/{number}/documents/1.pdf").status_code == 403
    assert accesses(lab)[-1]["act"] == "page refused"


def test_a_document_that_was_changed_in_the_database_is_not_given_away(lab: Lab) -> None:
    number = lab.play("released")
    lab.tampered = True
    with intruder(lab) as connection:
        pdf = connection.execute(select(DocumentRow.pdf)).scalar_one()
        connection.execute(update(DocumentRow.__table__).values(pdf=pdf + b" "))
        connection.commit()
    answer = lab.client("ada").get(f"/batches/{number}/documents/1.pdf")
    assert answer.status_code == 403
    assert "is not the one that was sealed, and is not given out" in words(answer)
    assert [event["act"] for event in accesses(lab)][-1] == "document refused"
