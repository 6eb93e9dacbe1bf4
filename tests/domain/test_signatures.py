"""Signatures: every meaning has its words, and the bytes that a statement stands for never change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from labrecords.domain import entries
from labrecords.domain.evidence import signatures
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.signatures import MEANINGS, statement
from labrecords.domain.review import decisions
from tests.support.clean import clean

STATED: dict[str, Any] = {
    "chain": "batch/0123456789abcdef0123456789abcdef",
    "record_version": 47,
    "record_digest": "ab" * 32,
    "subject": "count_after",
    "meaning": "Verified as second person",
    "name": "Łukasz “Vic” Vermeer",
    "username": "vic",
    "role": "second operator",
    "instant": datetime(2026, 11, 23, 8, 30, 5, 123456, tzinfo=UTC),
    "zone": "Europe/Warsaw",
}


@pytest.mark.req("P11-50a", "P11-70")
def test_the_bytes_of_a_statement_are_these_for_ever() -> None:
    # Documents signed years ago are verified by these bytes: a change here breaks every one of them.
    assert (
        statement(**STATED)
        == (
            '{"chain":"batch/0123456789abcdef0123456789abcdef","instant":"2026-11-23T08:30:05.123456Z",'
            '"meaning":"Verified as second person","name":"Łukasz “Vic” Vermeer",'
            '"record_digest":"' + "ab" * 32 + '","record_version":47,"role":"second operator",'
            '"subject":"count_after","username":"vic","v":1,"zone":"Europe/Warsaw"}'
        ).encode()
    )
    assert (
        sha256_hex(statement(**STATED)) == "ef2d8bc6231439546e9976c210ce3b699728ec061c260a407ce446f6181b7b0a"
    )


def test_the_same_instant_in_another_zone_is_the_same_statement() -> None:
    instant = STATED["instant"].astimezone(timezone(timedelta(hours=1)))
    assert statement(**{**STATED, "instant": instant}) == statement(**STATED)


@pytest.mark.req("P11-70")
@pytest.mark.parametrize("part", list(STATED))
def test_whatever_is_changed_changes_the_statement(part: str) -> None:
    old = STATED[part]
    new: Any = f"{old}x"
    if isinstance(old, int):
        new = old + 1
    elif isinstance(old, datetime):
        new = old + timedelta(microseconds=1)
    assert statement(**{**STATED, part: new}) != statement(**STATED)


def test_an_instant_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="offset"):
        statement(**{**STATED, "instant": datetime(2026, 11, 23, 8, 30)})  # noqa: DTZ001


@pytest.mark.req("P11-50a")
@pytest.mark.parametrize(
    "meaning",
    [
        entries.VERIFIED, entries.ATTESTED, entries.GIVEN, entries.RECEIVED, decisions.RELEASED, decisions.REJECTED,
        decisions.ON_HOLD, signatures.ADMINISTERED, signatures.NOT_ADMINISTERED, signatures.VOIDED,
        signatures.RETRIED, signatures.ISSUE_WITHDRAWN,
    ],
)  # fmt: skip
def test_every_act_that_is_signed_has_words_for_its_meaning(meaning: str) -> None:
    assert MEANINGS[meaning]


def test_no_two_meanings_have_the_same_words() -> None:
    assert len(set(MEANINGS.values())) == len(MEANINGS)


@pytest.mark.req("P11-50a")
def test_a_signature_of_a_record_keeps_the_statement_of_its_name_role_meaning_time_and_zone() -> None:
    record = clean("residual")
    assert record.signatures
    for signature in record.signatures:
        made = statement(
            chain=record.head.chain,
            record_version=signature.record_version,
            record_digest=signature.record_digest,
            subject=signature.subject,
            meaning=signature.meaning,
            name=signature.name,
            username=signature.username,
            role=signature.role,
            instant=signature.signed_at,
            zone=signature.zone,
        )
        assert signature.statement.encode() == made
        assert signature.statement_sha256 == sha256_hex(made)


@pytest.mark.req("P11-10j")
def test_the_agreement_says_that_the_signature_binds() -> None:
    assert "binds me as my handwritten signature does" in signatures.AGREEMENT
    assert signatures.AGREEMENT_VERSION
