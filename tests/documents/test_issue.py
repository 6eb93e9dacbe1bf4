"""Issuing: a document that counts, or a sentence that says why there is none."""

from __future__ import annotations

import pytest

from labrecords.documents import batch_record
from labrecords.documents.issue import IssueFailed, issue
from labrecords.documents.sealing import seal
from labrecords.documents.verifying import verifier
from labrecords.documents.verifying.verdict import CHANGED, VALID, Verdict
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.review.decisions import RELEASED
from tests.support.example import example_authority, example_package, hostile_record, stopped_record
from tests.support.sealed import another_authority, issued, packed, sealed_package, with_change


@pytest.mark.parametrize("until", [RELEASED, "closed"])
def test_issued(until: str) -> None:
    document = issued(until)
    assert document.verdict.kind == VALID
    assert document.sha256 == sha256_hex(document.pdf) == document.verdict.sha256
    assert document.record_sha256 == sha256_hex(packed(until))
    assert document.pages > 2
    assert f"version {2 if until == 'closed' else 1}" in document.verdict.sentence


def test_hostile_texts_are_issued_like_any_others() -> None:
    assert issue(example_package(hostile_record()), example_authority()).verdict.kind == VALID


def test_an_act_that_should_not_have_begun_is_issued() -> None:
    assert issue(example_package(stopped_record()), example_authority()).verdict.kind == VALID


@pytest.mark.parametrize("package", [b"", b"{}", b"\xff", b"[1, 2]", packed()[:-1]])
def test_what_is_no_package(package: bytes) -> None:
    with pytest.raises(IssueFailed, match="could not be drawn"):
        issue(package, example_authority())


def test_a_letter_that_no_font_has() -> None:
    package = with_change(lambda plain: plain["record"]["laboratory"].update(name="Laboratory \U0001f9ec"))
    with pytest.raises(IssueFailed, match=r"could not be drawn: .*U\+1F9EC"):
        issue(package, example_authority())


@pytest.mark.parametrize(
    "error",
    [
        ValueError("the page is too small"),
        MemoryError(),
        KeyError("x"),
        OSError(28, "No space left on device"),
    ],
)
def test_any_fault_while_drawing_keeps_its_reason(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> None:
        raise error

    monkeypatch.setattr(batch_record, "render", fail)
    with pytest.raises(IssueFailed) as failed:
        issue(packed(), example_authority())
    assert str(failed.value).startswith("The document could not be drawn: ")
    assert str(failed.value).endswith(".")
    assert str(error) in str(failed.value)
    assert type(error).__name__ in str(failed.value)
    assert failed.value.__cause__ is error


def test_any_fault_while_sealing_keeps_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("The key store is away.")

    monkeypatch.setattr(seal, "seal", fail)
    with pytest.raises(IssueFailed, match=r"could not be sealed: The key store is away\."):
        issue(packed(), example_authority())


def test_what_does_not_verify_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "verify", lambda *_: Verdict(CHANGED, "NOT VALID: a page is missing.", ()))
    with pytest.raises(IssueFailed, match=r"did not pass its verification: NOT VALID: a page is missing\."):
        issue(packed(), example_authority())


def test_a_package_of_another_laboratory_is_not_sealed_by_us() -> None:
    """Its certificates are named in the record, and they are not those of the seal."""
    assert sealed_package(packed(), another_authority())
    with pytest.raises(IssueFailed, match="did not pass its verification"):
        issue(packed(), another_authority())


def test_a_record_that_does_not_agree_with_itself_is_not_given_out() -> None:
    package = with_change(lambda plain: plain["record"]["entries"][0].update(note="added by SQL"))
    with pytest.raises(IssueFailed, match="differs from event"):
        issue(package, example_authority())
