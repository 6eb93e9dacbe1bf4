"""The register of documents: whether a file is one of ours, and whether a newer one has taken its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labrecords.domain.review.outdated import lacking
from labrecords.models.batch_record import record_of
from labrecords.models.overview import BatchOverview
from labrecords.models.records import BatchRow, DecisionRow, DocumentRow, IssueRow


@dataclass(frozen=True)
class Registered:
    """What the register holds of a document. `newest` and `newest_at` tell the document that counts now."""

    number: str
    product: str
    version: int
    decision: str
    """QA's decision that the document was made for; empty for the one after the injection."""
    pages: int
    sealed_at: datetime
    newest: int
    newest_at: datetime


def standing(session: Session, sha256: str) -> str | None:
    """ "current", "superseded", or None for an unknown file.

    Superseded is a document with a newer one beside it, and one that lacks what was recorded after its cause.
    """
    document, issue = DocumentRow.__table__, IssueRow.__table__
    query = (
        select(issue.c.batch_id, issue.c.version, issue.c.cause_id)
        .join(document, document.c.issue_id == issue.c.id)
        .where(document.c.sha256 == sha256)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    newest = (
        select(func.max(issue.c.version))
        .join(document, document.c.issue_id == issue.c.id)
        .where(issue.c.batch_id == found.batch_id)
    )
    if session.execute(newest).scalar() != found.version:
        return "superseded"
    record = record_of(session, found.batch_id)
    return "superseded" if lacking(record, found.cause_id) else "current"


def registered(session: Session, sha256: str) -> Registered | None:
    """What the register holds of the document with this digest, or None for an unknown file."""
    document, issue, decision = DocumentRow.__table__, IssueRow.__table__, DecisionRow.__table__
    batch, overview = BatchRow.__table__, BatchOverview.__table__
    query = (
        select(
            batch.c.id,
            batch.c.number,
            overview.c.product,
            issue.c.version,
            decision.c.decision,
            document.c.pages,
            document.c.sealed_at,
        )
        .select_from(document)
        .join(issue, issue.c.id == document.c.issue_id)
        .join(batch, batch.c.id == document.c.batch_id)
        .outerjoin(overview, overview.c.batch_id == batch.c.id)
        .outerjoin(decision, decision.c.id == issue.c.cause_id)
        .where(document.c.sha256 == sha256)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    newest = (
        select(issue.c.version, document.c.sealed_at)
        .join(document, document.c.issue_id == issue.c.id)
        .where(issue.c.batch_id == found.id)
        .order_by(issue.c.version.desc())
        .limit(1)
    )
    last = session.execute(newest).one()
    return Registered(
        number=found.number,
        product=found.product or "",
        version=found.version,
        decision=found.decision or "",
        pages=found.pages,
        sealed_at=found.sealed_at,
        newest=last.version,
        newest_at=last.sealed_at,
    )
