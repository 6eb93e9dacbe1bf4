"""Electronic signatures: which acts are signed, with which meaning, and the bytes of the statement.

Attribution (who is signed in) is enough for recording a value. The acts named here need a fresh proof of identity
each time (21 CFR 11.50, 11.70, 11.200; EU GMP Annex 11 section 14).
"""

from __future__ import annotations

from datetime import date, datetime

from labrecords.domain.entries import ATTESTED, GIVEN, INVALIDATED, RECEIVED, VERIFIED
from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.review.decisions import (
    CONFORM,
    DESTROY,
    NOT_CONFORM,
    ON_HOLD,
    REJECTED,
    RELEASED,
    RESULTS_ADDED,
    RETAIN,
    RETURN,
)
from labrecords.domain.values import times

CONDITIONAL = "released, late tests pending"
ADMINISTERED, NOT_ADMINISTERED, VOIDED, RETRIED, ISSUE_WITHDRAWN, TRUE_COPY = (
    "administered",
    "not administered",
    "voided",
    "sealing tried again",
    "document withdrawn",
    "true copy",
)
BYPASSED, INVESTIGATED = "bypassed", "investigated"
LOT_WAS_RELEASED, LOT_WAS_REJECTED = "lot released", "lot rejected"
WAS_RECALLED, RECALL_WAS_ENDED = "recalled", "recall ended"
LOG_REVIEWED = "temperature log reviewed"
ACCESS_REVIEWED = "access reviewed"
PREPARED, APPROVED, RETIRED = "prepared", "approved", "retired"
"""What is signed of a master record."""

MEANINGS: dict[str, str] = {
    VERIFIED: "Verified as second person",
    ATTESTED: "Performed by me as recorded by another",
    GIVEN: "Handed over by me",
    RECEIVED: "Received by me",
    RELEASED: "Reviewed, and approved for release",
    CONDITIONAL: "Reviewed, and approved for release; late tests are pending",
    REJECTED: "Reviewed, and rejected",
    ON_HOLD: "Put on hold",
    CONFORM: "Late results reviewed: the product conforms",
    NOT_CONFORM: "Late results reviewed: the product does not conform",
    RESULTS_ADDED: "Late results reviewed, and added to the record",
    DESTROY: "Expired product: to be destroyed",
    RETURN: "Expired product: to be returned",
    RETAIN: "Expired product: to be retained for test",
    INVALIDATED: "Result of the test invalidated",
    ADMINISTERED: "Administered as recorded",
    NOT_ADMINISTERED: "Not administered, as recorded",
    VOIDED: "Voided: opened by mistake",
    RETRIED: "Sealing of the document tried again",
    ISSUE_WITHDRAWN: "Document withdrawn before it was sealed",
    TRUE_COPY: "True copy of the original, compared by me",
    BYPASSED: "Bypass of a stop authorised as second person",
    INVESTIGATED: "Discrepancy investigated, and accepted with the reason given",
    LOT_WAS_RELEASED: "Lot checked as second person, and released for use",
    LOT_WAS_REJECTED: "Lot rejected: not to be used",
    WAS_RECALLED: "Recalled: not to be used, with the reason given",
    RECALL_WAS_ENDED: "Recall ended, with the reason given",
    LOG_REVIEWED: "Temperature log of the place reviewed, with the comment given",
    ACCESS_REVIEWED: "Every account that may sign in reviewed, with the comment given",
    PREPARED: "Master record prepared",
    APPROVED: "Master record checked and approved",
    RETIRED: "Master record retired",
}

AGREEMENT = (
    "My electronic signature in this system binds me as my handwritten signature does. "
    "I keep my password to myself, and I sign only what I have read."
)
"""Accepted once by every person before the first signature (21 CFR 11.10(j), 11.100(c))."""
AGREEMENT_VERSION = "1"


def statement(
    *,
    chain: str,
    record_version: int,
    record_digest: str,
    subject: str,
    meaning: str,
    name: str,
    username: str,
    role: str,
    instant: datetime,
    zone: str,
) -> bytes:
    """The canonical bytes that a signature stands for.

    They bind the meaning, the printed name and the instant (UTC) with its zone to one version of one chain: the
    number and hash of its last event. RFC 8785; the keys and their order never change.
    """
    return canonical_bytes(
        {
            "chain": chain,
            "instant": times.to_text(instant),
            "meaning": meaning,
            "name": name,
            "record_digest": record_digest,
            "record_version": record_version,
            "role": role,
            "subject": subject,
            "username": username,
            "v": 1,
            "zone": zone,
        }
    )


def master_subject(digest: str, effective_from: date | None = None) -> str:
    """What a signature on a master record is about: the digest of its text and, when approved, its first day."""
    return f"{digest} from {effective_from.isoformat()}" if effective_from else digest
