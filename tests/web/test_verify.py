"""Verify in the browser: anybody drops a file and gets a plain verdict, and nothing of the file is kept or shown."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from labrecords.documents.batch_record import render
from labrecords.documents.package import read_package
from labrecords.documents.sealing.authority import create_authority, load_authority
from labrecords.documents.sealing.seal import reason_of, seal
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.models.batch_record import events_of
from labrecords.models.records import DocumentRow
from labrecords.web.verify import _shown_name
from tests.support.lab import CLOSED, RELEASED, Lab
from tests.support.pages import forms_of


def documents(lab: Lab) -> list[bytes]:
    """The sealed documents, the oldest first."""
    with lab.store.read() as session:
        query = select(DocumentRow.pdf).order_by(DocumentRow.sealed_at)
        return [bytes(pdf) for pdf in session.execute(query).scalars()]


def drop(lab: Lab, data: bytes, filename: str = "record.pdf", username: str | None = None) -> TestResponse:
    """Send a file as a browser does. The body is made here: the test client would put a large one into a file."""
    client = lab.client(username)
    form = next(form for form in forms_of(client.get("/verify").text) if "file" in form.names)
    token, name = form.values["csrf_token"][0].encode(), filename.encode()
    body = b'--xyz\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token
    body += b'\r\n--xyz\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n'
    body += b"Content-Type: application/pdf\r\n\r\n" + data + b"\r\n--xyz--\r\n"
    return client.post("/verify", data=body, content_type="multipart/form-data; boundary=xyz")


def checked_events(lab: Lab) -> list[dict[str, object]]:
    with lab.store.read() as session:
        events = [json.loads(payload) for payload in events_of(session, "access")]
    return [event for event in events if event["act"] == "document checked"]


def headline(answer: TestResponse) -> str:
    assert answer.status_code == 200
    return answer.text.partition('<h2 id="verdict">')[2].partition("<")[0]


def assert_nothing_of_the_file_is_shown(lab: Lab, answer: TestResponse, number: str) -> None:
    batch = lab.record(number).batch
    for told in (number, batch.patient_code, batch.identity_code, "Paula Pereira", "From our register"):
        assert told not in answer.text
    assert "note pass" not in answer.text


def test_the_page_is_open_to_anybody_and_says_what_happens_to_the_file(lab: Lab) -> None:
    page = lab.client().get("/verify").text
    assert "You need no account, and the file is not kept." in page
    assert "data-drop" in page
    assert "At most 32 MB" in page


def test_a_genuine_document_is_valid_and_what_is_shown_comes_from_the_register(lab: Lab) -> None:
    number = lab.play(CLOSED)
    first, last = documents(lab)
    answer = drop(lab, last)
    assert headline(answer) == "Valid"
    for told in (
        number,
        "From our register",
        "version 2 of 2",
        "the record after the injection",
        "not shown here",
    ):
        assert told in answer.text, told
    for layer in ("Unchanged", "Signer", "Contents", "Record", "Pages", "Register"):
        assert f"<h3>{layer}</h3>" in answer.text
    record = lab.record(number)
    for personal in (record.batch.patient_code, record.batch.identity_code):
        assert personal not in answer.text
    superseded = drop(lab, first)
    assert headline(superseded) == "Genuine, and superseded"
    for told in ("version 1 of 2", "the decision “released”", "Version 2, sealed", "has taken its place"):
        assert told in superseded.text, told
    assert "note pass" not in superseded.text
    assert "Superseded</span>" in superseded.text
    assert "Fail</span>" not in superseded.text


def test_a_file_in_which_one_byte_was_changed_is_not_valid(lab: Lab) -> None:
    number = lab.play(RELEASED)
    bad = bytearray(documents(lab)[0])
    bad[len(bad) // 2] ^= 1
    answer = drop(lab, bytes(bad))
    assert headline(answer) == "Not valid: changed or damaged"
    assert_nothing_of_the_file_is_shown(lab, answer, number)


def test_bytes_after_the_end_make_a_document_not_valid(lab: Lab) -> None:
    number = lab.play(RELEASED)
    answer = drop(lab, documents(lab)[0] + b"\n")
    assert headline(answer) == "Not valid: changed or damaged"
    assert_nothing_of_the_file_is_shown(lab, answer, number)


def test_a_seal_of_another_laboratory_is_unknown(lab: Lab, tmp_path: Path) -> None:
    number = lab.play(RELEASED)
    good = documents(lab)[0]
    create_authority(tmp_path / "keys", "Somebody Else", lab.clock())
    with pikepdf.open(io.BytesIO(good)) as opened:
        package = next(iter(opened.attachments.values())).get_file().read_bytes()
    reason = reason_of(read_package(package), package)
    foreign = seal(render(package).pdf, load_authority(tmp_path / "keys"), reason=reason, at=lab.clock())
    answer = drop(lab, foreign)
    assert headline(answer) == "Not valid: the signer is unknown"
    assert_nothing_of_the_file_is_shown(lab, answer, number)


def test_a_document_sealed_with_the_key_but_missing_from_the_register_is_not_valid(lab: Lab) -> None:
    lab.play(RELEASED)
    sealed = documents(lab)[0]
    lab.bench.put_back("")
    answer = drop(lab, sealed)
    assert headline(answer) == "Not valid: the signer is unknown"
    assert "register" in answer.text
    assert "From our register" not in answer.text


def unsigned_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(made)
    return made.getvalue()


def encrypted_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(made, encryption=pikepdf.Encryption(user="x", owner="y"))
    return made.getvalue()


STRANGE = {
    "no PDF": b"This is a letter.",
    "unsigned": unsigned_pdf(),
    "encrypted": encrypted_pdf(),
    "truncated": unsigned_pdf()[:300],
    "nested": b"%PDF-1.7\n" + b"[" * 200_000,
    "a page of markup": b"<html><script>alert(1)</script></html>",
    "false seal": b"%PDF-1.7\n1 0 obj<</Type/Sig/ByteRange[0 0 0 0]/Contents<00>>>endobj trailer<</Root 1 0 R>>%%EOF",
}


@pytest.mark.parametrize("name", STRANGE)
def test_whatever_is_dropped_gets_a_verdict_with_its_reason(lab: Lab, name: str) -> None:
    answer = drop(lab, STRANGE[name])
    assert headline(answer).startswith("Not valid:")
    assert '<ol class="layers">' in answer.text
    assert "<script>alert" not in answer.text
    assert "note pass" not in answer.text


def test_an_unsigned_file_is_called_that(lab: Lab) -> None:
    assert headline(drop(lab, unsigned_pdf())) == "Not valid: not signed"


def test_nothing_sent_is_asked_for(lab: Lab) -> None:
    client = lab.client()
    answer = client.submit("/verify", having="file")
    assert answer.status_code == 400
    assert "Choose a PDF file first." in answer.text
    empty = drop(lab, b"")
    assert empty.status_code == 400
    assert "This file is empty." in empty.text


def test_more_than_32_mb_are_not_taken(lab: Lab) -> None:
    sent = b"--x" + b"\x00" * 32 * 1024 * 1024
    answer = lab.client().post("/verify", data=sent, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "It has 32.1 MB, and this page takes at most 32 MB. Nothing was kept." in answer.text


def test_the_name_of_the_file_is_shown_as_what_the_person_entered(lab: Lab) -> None:
    page = drop(lab, b"no record", "<b>Valid</b>.pdf").text
    assert 'You sent <span class="ink">“&lt;b&gt;Valid&lt;/b&gt;.pdf”</span>' in page


@pytest.mark.parametrize("filename", ["fdp.\u202edilaV", "x" * 200 + ".pdf", "a\nb.pdf", "", None])
def test_a_name_that_could_play_with_the_page_is_not_shown(filename: str | None) -> None:
    assert _shown_name(filename) == ""


@pytest.mark.parametrize("username", [None, "ada"])
def test_the_check_is_an_access_event_with_digest_and_verdict_only(lab: Lab, username: str | None) -> None:
    drop(lab, b"a secret letter", "the name of a patient.pdf", username)
    (event,) = checked_events(lab)
    assert event["detail"] == {
        "sha256": sha256_hex(b"a secret letter"),
        "source": "127.0.0.1",
        "verdict": "not signed",
    }
    assert event["actor"]["username"] == (username or "system")  # type: ignore[index]
    assert event["rows"] == []


def test_the_bytes_are_kept_nowhere(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.delattr(f"tempfile.{name}")
    monkeypatch.delattr("werkzeug.formparser.SpooledTemporaryFile")
    data = b"a letter that nobody may keep " * 40_000
    assert headline(drop(lab, data)).startswith("Not valid")
    lab.disconnect()
    for path in lab.folder.rglob("*"):
        assert not path.is_file() or data[:60] not in path.read_bytes()


def test_with_too_many_checks_at_once_one_is_asked_to_wait(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr("labrecords.documents.verifying.apart._SLOTS", threading.BoundedSemaphore(1))
    monkeypatch.setattr("labrecords.documents.verifying.apart.LONGEST_WAIT_S", 0.01)
    from labrecords.documents.verifying import apart

    with apart._SLOTS:
        answer = drop(lab, b"anything")
    assert answer.status_code == 503
    assert "Wait half a minute, then send it again." in answer.text
    assert checked_events(lab) == []
