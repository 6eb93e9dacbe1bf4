"""Attaching a file to a step: its bytes, its picture and its SHA-256, in one transaction with the trail."""

from __future__ import annotations

from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.documents.drawing.pictures import NotAPicture, scaled
from labrecords.domain.attachments import PICTURES, NotTaken, media_type
from labrecords.domain.canonical import sha256_hex
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Attachment
from labrecords.domain.release import Blocker, state_blockers
from labrecords.domain.signatures import TRUE_COPY
from labrecords.models.records import AttachmentFileRow


@action("file.attached", needs=Permission.ATTEST)
def attach_file(
    tx: Tx,
    *,
    batch: BatchRef,
    step_key: str,
    name: str,
    title: str,
    data: bytes,
    proof: Proof | None = None,
) -> str:
    """Attach a file to a step. With a proof the person signs that it is a true copy of the original. Returns its id.

    The original is kept as it came; of a picture a smaller one is made, which pages and documents show. Raises Invalid
    for what is not taken, and for a file that is attached to this batch already.
    """
    record = open_record(tx, batch.batch_id)
    if record.voids:
        raise Refused(*state_blockers(record))
    if step_key not in {step.key for step in record.process.steps}:
        raise Refused(Blocker("step", "This process has no such step.", "Open the batch again."))
    found = {} if title else {"title": "Say what it shows."}
    try:
        kind = media_type(name, data)
        picture = scaled(data) if kind in PICTURES else b""
    except (NotTaken, NotAPicture) as error:
        raise Invalid(found | {"file": str(error)}) from error
    sha256 = sha256_hex(data)
    twin = next((item for item in record.attachments if item.sha256 == sha256), None)
    if twin:
        where = record.process.step(twin.step_key).number
        found["file"] = f"This file is attached already, to step {where} as “{twin.title}”."
    if found:
        raise Invalid(found)
    signature = sign(tx, proof, record, step_key, TRUE_COPY) if proof else None
    item = Attachment(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step_key,
        name=name,
        title=title,
        media_type=kind,
        size=len(data),
        sha256=sha256,
        picture_sha256=sha256_hex(picture) if picture else None,
        signature_id=signature.id if signature else None,
        person_id=tx.actor.person_id,
        added_at=tx.now,
    )
    tx.detail = {"file": name}
    tx.add(item)
    tx.add(AttachmentFileRow(attachment_id=item.id, original=data, picture=picture))
    return item.id
