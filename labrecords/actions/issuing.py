"""Issuing a document, second half: what was decided is committed; now it is rendered, sealed, verified and stored.

The slow work happens between two short transactions. Whatever goes wrong leaves the issue as "failed" with its
reason, or open; trying again and withdrawing are signed acts.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from labrecords import __version__
from labrecords.actions.checkpoints import make_checkpoint, proof_for
from labrecords.actions.door import SYSTEM_ACTOR, Acting, BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.rights import roles_of
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.documents.issue import Issued, IssueFailed, issue
from labrecords.documents.package import DocumentFacts, build_package, pictures_taken
from labrecords.documents.sealing.authority import Authority
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.signatures import ISSUE_WITHDRAWN, RETRIED
from labrecords.domain.permissions import Permission, permissions_of
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import FAILED, SEALED, WITHDRAWN, being_sealed, open_issue
from labrecords.domain.review.issues import Issue as AskedFor
from labrecords.domain.review.issues import IssueEnd
from labrecords.domain.review.release import Blocker
from labrecords.models.attachments import AttachmentFileRow
from labrecords.models.batch_record import batch_chain, events_of, load_record, record_of
from labrecords.models.records import DocumentRow
from labrecords.models.store import Store
from labrecords.models.stored import as_bytes

log = logging.getLogger("labrecords")


@dataclass(frozen=True)
class Sealing:
    """What sealing needs: the store, the laboratory's keys, and the file for checkpoints."""

    store: Store
    authority: Authority
    checkpoint_file: Path


@dataclass(frozen=True)
class Sealed:
    """How sealing went: the document's SHA-256, or the reason why there is none."""

    sha256: str | None
    reason: str = ""


def seal_document(sealing: Sealing, batch_id: str, issue_id: str) -> Sealed:
    """Render, seal and verify the document that was asked for, and store it. Never raises for a failed sealing."""
    system = Acting(sealing.store, SYSTEM_ACTOR, key=f"seal-{issue_id}-{_tries(sealing, batch_id, issue_id)}")
    batch = BatchRef(batch_id)
    try:
        issued, sealed_from = _make(sealing, batch_id, issue_id)
    except Exception as failure:
        # A full disk, a lost database: the issue must not wait for ever for a document that nobody makes.
        log.exception("sealing failed")
        reason = str(failure)
        if not isinstance(failure, IssueFailed):
            reason = f"The document could not be made: {type(failure).__name__}. The log has the details."
        note_sealing_failed(system, batch=batch, issue_id=issue_id, reason=reason)
        return Sealed(None, reason)
    try:
        sha256 = store_document(system, batch=batch, issue_id=issue_id, issued=issued, frozen_seq=sealed_from)
    except Refused as refusal:
        return Sealed(None, str(refusal))
    try:
        # Once more, so that the sealing itself cannot be cut off unseen.
        make_checkpoint(sealing.store, sealing.authority, sealing.checkpoint_file)
    except Exception:
        log.exception("no checkpoint after the sealing; the next one anchors it")
    return Sealed(sha256)


def _tries(sealing: Sealing, batch_id: str, issue_id: str) -> int:
    with sealing.store.read() as session:
        record = record_of(session, batch_id)
    return sum(1 for end in record.issue_ends if end.issue_id == issue_id)


def _make(sealing: Sealing, batch_id: str, issue_id: str) -> tuple[Issued, int]:
    number = make_checkpoint(sealing.store, sealing.authority, sealing.checkpoint_file)
    with sealing.store.read() as session:
        record = record_of(session, batch_id)
        asked = next(item for item in record.issues if item.id == issue_id)
        chain = batch_chain(batch_id)
        events, proof = events_of(session, chain), proof_for(session, number, chain)
        pictures = pictures_taken(_pictures(session, record))
    package = build_package(
        record,
        events,
        proof,
        sealing.authority.certificates(),
        _document_facts(record, asked, sealing),
        pictures,
    )
    return issue(package, sealing.authority), record.head.seq


def _pictures(session: Session, record: BatchRecord) -> Iterator[tuple[str, bytes]]:
    """The attached pictures with their SHA-256, read one by one. Raises IssueFailed for one that was changed."""
    table = AttachmentFileRow.__table__
    for item in record.attachments:
        if item.picture_sha256 is None:
            continue
        query = select(table.c.picture).where(table.c.attachment_id == item.id)
        data = as_bytes(session.execute(query).scalar())
        if sha256_hex(data) != item.picture_sha256:
            raise IssueFailed(
                f"The stored picture of {item.name} is not the one that was attached. Tell an administrator."
            )
        yield item.picture_sha256, data


def _document_facts(record: BatchRecord, asked: AskedFor, sealing: Sealing) -> DocumentFacts:
    return DocumentFacts(
        id=asked.id,
        version=asked.version,
        issued_at=sealing.store.clock(),
        issued_by=record.name(asked.requested_by),
        software=f"labrecords {__version__}",
    )


@action("document.sealed", needs=None)
def store_document(tx: Tx, *, batch: BatchRef, issue_id: str, issued: Issued, frozen_seq: int) -> str:
    """Keep a sealed and verified document. Refused when the record moved on while it was made."""
    record = open_record(tx, batch.batch_id)
    asked = open_issue(record)
    if asked is None or asked.id != issue_id or record.head.seq != frozen_seq:
        raise Refused(Blocker("sealing", "The record changed while the document was made.", "Try again."))
    tx.add(
        DocumentRow(
            sha256=issued.sha256,
            batch_id=record.batch.id,
            issue_id=issue_id,
            record_sha256=issued.record_sha256,
            pages=issued.pages,
            pdf=issued.pdf,
            sealed_at=tx.now,
        )
    )
    _end(tx, record, issue_id, SEALED, "", issued.sha256)
    return issued.sha256


@action("document.sealing_failed", needs=None)
def note_sealing_failed(tx: Tx, *, batch: BatchRef, issue_id: str, reason: str) -> None:
    """Record why no document came out. The decision does not stand until one does."""
    tx.reason = reason
    _end(tx, open_record(tx, batch.batch_id), issue_id, FAILED, reason, None)


@action("document.sealing_retried", needs=Permission.ATTEST)
def retry_sealing(tx: Tx, *, batch: BatchRef, proof: Proof) -> str:
    """Sign that the sealing is tried again. Returns the issue's id; call seal_document with it afterwards."""
    record = open_record(tx, batch.batch_id)
    asked = _unsealed(record, tx.now)
    sign(tx, proof, record, "", RETRIED)
    return asked.id


@action("document.withdrawn", needs=Permission.ATTEST)
def withdraw_issue(tx: Tx, *, batch: BatchRef, reason: str, proof: Proof) -> str:
    """Sign that a document that could not be sealed is withdrawn, and with it the decision or closure behind it."""
    record = open_record(tx, batch.batch_id)
    asked = _unsealed(record, tx.now)
    needs = Permission.DECIDE_RELEASE if asked.cause == "decision" else Permission.CLOSE_ADMINISTRATION
    if needs not in permissions_of(roles_of(tx.session, tx.actor.person_id, tx.now)):
        raise Refused(
            Blocker(
                "permission",
                "What is withdrawn here is not yours to decide.",
                f"Who may: {needs.value.lower()}.",
            )
        )
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    sign(tx, proof, record, "", ISSUE_WITHDRAWN)
    tx.reason = reason
    _end(tx, record, asked.id, WITHDRAWN, reason, None)
    return asked.id


def _unsealed(record: BatchRecord, now: datetime) -> AskedFor:
    asked = open_issue(record)
    if being_sealed(record, now):
        raise Refused(Blocker("sealing", "The document is being sealed at this moment.", "Wait two minutes."))
    if asked is None:
        raise Refused(
            Blocker("sealing", "No document of this batch waits to be sealed.", "Open the batch again.")
        )
    return asked


def _end(tx: Tx, record: BatchRecord, issue_id: str, outcome: str, reason: str, sha256: str | None) -> None:
    tx.add(IssueEnd(tx.new_id(), record.batch.id, issue_id, outcome, reason, sha256, tx.now))
    project(tx.session, load_record(tx.session, record.batch))
