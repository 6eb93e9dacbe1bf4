"""Giving a sealed document away, as the bytes that were sealed."""

from __future__ import annotations

import hashlib

from flask import Response, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from labrecords.actions.door import Refused, note_access
from labrecords.domain.permissions import Permission
from labrecords.domain.review.release import Blocker
from labrecords.models.batch_record import find_batch
from labrecords.models.records import DocumentRow, IssueRow
from labrecords.models.session import db
from labrecords.models.stored import as_bytes
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting

pages = Pages("documents", __name__)


@pages.page("/batches/<number>/documents/<int(max=999999):version>.pdf", needs=Permission.DOWNLOAD_DOCUMENTS)
def download(number: str, version: int) -> ResponseReturnValue:
    batch = find_batch(db.session(), number)
    if batch is None:
        abort(404)
    document, issue = DocumentRow.__table__, IssueRow.__table__
    query = (
        select(document.c.sha256, document.c.pdf)
        .join(issue, issue.c.id == document.c.issue_id)
        .where(issue.c.batch_id == batch.id, issue.c.version == version)
    )
    found = db.session.execute(query).first()
    if found is None:
        abort(404)
    pdf, name = as_bytes(found.pdf), f"{number}-v{version}.pdf"
    if hashlib.sha256(pdf).hexdigest() != found.sha256:
        note_access(acting(), "document refused", reason="changed since it was sealed", sha256=found.sha256)
        raise Refused(
            Blocker(
                "document",
                f"The stored document {name} is not the one that was sealed, and is not given out.",
                "Tell an administrator: the database was changed. Run the verification of the trail.",
            )
        )
    note_access(acting(), "document.downloaded", sha256=found.sha256, batch=number, version=str(version))
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
