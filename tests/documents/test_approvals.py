"""The two signatures on the master record, checked from the document alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from labrecords.documents.verifying.approvals import approval_problems
from labrecords.domain.record import Approval, BatchRecord
from labrecords.domain.record_form import record_from_plain, record_to_plain
from tests.support.clean import clean

RECORD = clean()
PREPARED, APPROVED = RECORD.approvals


def signed(item: Approval, **changes: object) -> Approval:
    return replace(item, signature=replace(item.signature, **changes))  # type: ignore[arg-type]


def test_two_genuine_signatures_agree() -> None:
    assert approval_problems(RECORD) == []


def test_the_approvals_travel_with_the_record() -> None:
    assert record_from_plain(record_to_plain(RECORD)).approvals == RECORD.approvals


LATE = RECORD.batch.opened_at + timedelta(days=2)
TAMPERED: list[tuple[str, Callable[[], BatchRecord], str]] = [
    ("none", lambda: replace(RECORD, approvals=()), "was not prepared and approved by one signature each"),
    ("one", lambda: replace(RECORD, approvals=(APPROVED,)), "was not prepared and approved"),
    ("order", lambda: replace(RECORD, approvals=(APPROVED, PREPARED)), "was not prepared and approved"),
    (
        "one person",
        lambda: replace(
            RECORD, approvals=(signed(PREPARED, person_id=APPROVED.signature.person_id), APPROVED)
        ),
        "by the same person",
    ),
    (
        "later day",
        lambda: replace(RECORD, approvals=(PREPARED, replace(APPROVED, effective_from=LATE.date()))),
        "was not effective when the batch was opened",
    ),
    (
        "later signature",
        lambda: replace(RECORD, approvals=(PREPARED, signed(APPROVED, signed_at=LATE))),
        "and used in this order",
    ),
    (
        "other text",
        lambda: replace(RECORD, process=replace(RECORD.process, digest="0" * 64)),
        "it stands for another text or another day",
    ),
    (
        "other name",
        lambda: replace(RECORD, approvals=(PREPARED, signed(APPROVED, name="Somebody Else"))),
        "its statement says something else",
    ),
    (
        "other meaning",
        lambda: replace(RECORD, approvals=(signed(PREPARED, meaning="Put on hold"), APPROVED)),
        "its meaning is another",
    ),
    (
        "of a batch",
        lambda: replace(RECORD, approvals=(signed(PREPARED, batch_id=RECORD.batch.id), APPROVED)),
        "it belongs to a batch",
    ),
    (
        "other hash",
        lambda: replace(RECORD, approvals=(PREPARED, signed(APPROVED, statement_sha256="0" * 64))),
        "its statement has another SHA-256",
    ),
]


@pytest.mark.req("GMP-186", "GMP-188a")
@pytest.mark.parametrize(
    ("record", "sentence"), [case[1:] for case in TAMPERED], ids=[case[0] for case in TAMPERED]
)
def test_what_is_wrong_with_an_approval_is_named(record: Callable[[], BatchRecord], sentence: str) -> None:
    assert sentence in " ".join(approval_problems(record()))
