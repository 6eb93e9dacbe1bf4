"""The register of documents: whether a file is one of ours, and whether a newer one has taken its place."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labrecords.models.records import DocumentRow, IssueRow


def standing(session: Session, sha256: str) -> str | None:
    """ "current" for the newest document of its batch, "superseded" for an earlier one, None for an unknown file."""
    document, issue = DocumentRow.__table__, IssueRow.__table__
    query = (
        select(issue.c.batch_id, issue.c.version)
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
    return "current" if session.execute(newest).scalar() == found.version else "superseded"
