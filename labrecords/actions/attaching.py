"""Attaching a file to a step: its bytes, its picture and its SHA-256, in one transaction with the trail; and
withdrawing one that was attached by mistake."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import known_step, open_record
from labrecords.documents.drawing.pictures import NotAPicture, scaled
from labrecords.domain.attachments import (
    MISTAKES,
    PICTURES,
    Attachment,
    NotTaken,
    Withdrawal,
    media_type,
    withdrawal_of,
)
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.signatures import TRUE_COPY
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem, told
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import being_sealed
from labrecords.domain.review.release import Blocker, state_blockers
from labrecords.models.attachments import AttachmentFileRow
from labrecords.models.batch_record import load_record


@dataclass(frozen=True)
class File:
    """A file that can be attached: its bytes as they came, and the smaller picture made of them, if it is one."""

    name: str
    media_type: str
    data: bytes
    picture: bytes


def file_of(name: str, data: bytes) -> File:
    """Look into a file, and make its picture. It takes a while, and so comes before the write transaction.

    Raises Invalid for what is not taken.
    """
    try:
        kind = media_type(name, data)
        return File(name, kind, data, scaled(data) if kind in PICTURES else b"")
    except (NotTaken, NotAPicture) as error:
        raise Invalid({"file": str(error)}) from error


@action("file.attached", needs=Permission.ATTEST)
def attach_file(
    tx: Tx,
    *,
    batch: BatchRef,
    step_key: str,
    title: str,
    file: File,
    role: str | None = None,
    proof: Proof | None = None,
) -> str:
    """Attach a file to a step. With a proof the person signs that it is a true copy of the original. Returns its id.

    The original is kept as it came, and beside it the smaller picture that pages show. `role` is the `log_file` of the
    step's kind for the file that the machine wrote. Raises Invalid for a file that is attached to this batch already
    and was not withdrawn.
    """
    record = open_record(tx, batch.batch_id)
    if record.voids:
        raise Refused(*state_blockers(record))
    kind = KINDS[known_step(record, step_key).kind]
    found = {} if title else {"title": "Say what it shows."}
    if role is not None and role != (kind.log_file or None):
        found["is_log"] = "At this step no machine writes such a file."
    if found:
        raise Invalid(found)
    item = attachment_of(tx, record, step_key, title, file, role=role, proof=proof)
    tx.detail = {"file": file.name}
    return item.id


def attachment_of(
    tx: Tx,
    record: BatchRecord,
    step_key: str,
    title: str,
    file: File,
    *,
    role: str | None = None,
    proof: Proof | None = None,
    once_at: Collection[str] | None = None,
) -> Attachment:
    """Add a file with its bytes to a step, in the act that needs it.

    Raises Invalid for a file that is attached to this batch already and was not withdrawn. A file that serves several
    steps in one role, as that of a logger does, is refused only where it is attached to one of the steps `once_at`.
    """
    sha256 = sha256_hex(file.data)
    standing = (item for item in record.attachments if withdrawal_of(record, item) is None)
    twins = (item for item in standing if item.sha256 == sha256)
    twin = next(
        (item for item in twins if once_at is None or item.role != role or item.step_key in once_at), None
    )
    if twin:
        where = record.process.step(twin.step_key).number
        raise Invalid({"file": f"This file is attached already, to step {where} as “{twin.title}”."})
    signature = sign(tx, proof, record, step_key, TRUE_COPY) if proof else None
    item = Attachment(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step_key,
        name=file.name,
        title=title,
        media_type=file.media_type,
        size=len(file.data),
        sha256=sha256,
        picture_sha256=sha256_hex(file.picture) if file.picture else None,
        signature_id=signature.id if signature else None,
        role=role,
        person_id=tx.actor.person_id,
        added_at=tx.now,
    )
    tx.add(item)
    tx.add(AttachmentFileRow(attachment_id=item.id, original=file.data, picture=file.picture))
    return item


@action("file.withdrawn", needs=Permission.ATTEST)
def withdraw_file(tx: Tx, *, batch: BatchRef, attachment_id: str, cause: str, reason: str) -> str:
    """Withdraw a file that was attached by mistake: it stays, struck through, with who, when and why. Returns the id.

    `cause` is one of domain.attachments.MISTAKES, `reason` says it in words. Raises Invalid for a reason that says
    nothing, Refused where there is no such file or it was withdrawn already.
    """
    record = open_record(tx, batch.batch_id)
    if record.voids or being_sealed(record, tx.now):
        raise Refused(*state_blockers(record))
    item = next((item for item in record.attachments if item.id == attachment_id), None)
    if item is None or withdrawal_of(record, item):
        sentence = "There is no such file." if item is None else "This file was withdrawn already."
        raise Refused(Blocker("file", sentence, "Open the step again."))
    found = {} if cause in MISTAKES else {"cause": "Choose why it is withdrawn."}
    if problem := reason_problem(reason, cause):
        found["reason"] = problem
    if found:
        raise Invalid(found)
    row = Withdrawal(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=item.step_key,
        attachment_id=item.id,
        reason=told(cause, reason),
        person_id=tx.actor.person_id,
        withdrawn_at=tx.now,
    )
    tx.detail, tx.reason = {"file": item.name}, row.reason
    tx.add(row)
    project(tx.session, load_record(tx.session, record.batch))
    return row.id
