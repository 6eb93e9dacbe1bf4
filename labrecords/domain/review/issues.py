"""Document versions of a batch: asked for, and how each ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Issue:
    """A document version that was asked for: the record is frozen at this trail event until it is sealed."""

    id: str
    batch_id: str
    version: int
    cause: str
    """"decision" or "closure"."""
    cause_id: str
    frozen_seq: int
    requested_by: str
    requested_at: datetime


@dataclass(frozen=True)
class IssueEnd:
    """How an issue ended: sealed, failed (with the reason) or withdrawn. A failed one may be tried again."""

    id: str
    batch_id: str
    issue_id: str
    outcome: str
    reason: str
    document_sha256: str | None
    ended_at: datetime
