"""Checking a document that somebody brings: the file is verified apart and not kept; that it was checked is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.actions.door import Acting, note_access
from labrecords.documents.verifying.apart import Busy, prepare, verify_apart
from labrecords.documents.verifying.verdict import (
    CHANGED,
    FAILED,
    NOT_SIGNED,
    PASSED,
    SIGNER_UNKNOWN,
    SUPERSEDED,
    VALID,
    Verdict,
)
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.models.register import Registered, registered, standing

__all__ = [
    "CHANGED",
    "FAILED",
    "NOT_SIGNED",
    "PASSED",
    "SIGNER_UNKNOWN",
    "SUPERSEDED",
    "VALID",
    "Busy",
    "Checked",
    "Verdict",
    "check_document",
    "prepare",
]


@dataclass(frozen=True)
class Checked:
    """What came out. `document` is what the register holds of a genuine file; nothing of the file itself is told."""

    verdict: Verdict
    document: Registered | None


def check_document(by: Acting, *, data: bytes, trusted_roots: Sequence[str]) -> Checked:
    """Verify the bytes of a PDF against the laboratory's roots (PEM texts) and its register.

    An access event holds the SHA-256 and the verdict, never the file. Raises Busy.
    """
    sha256 = sha256_hex(data)
    with by.store.read() as session:
        place, document = standing(session, sha256), registered(session, sha256)
    verdict = verify_apart(data, trusted_roots, place)
    note_access(by, "document checked", sha256=sha256, verdict=verdict.kind)
    genuine = verdict.kind in (VALID, SUPERSEDED)
    return Checked(verdict, document if genuine else None)
