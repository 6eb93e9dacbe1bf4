"""Locking the products of two patients after a mix-up: both batches in one act, each with a record of its own."""

from __future__ import annotations

from labrecords.actions.door import BatchRef, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.steps import open_record
from labrecords.domain.custody.mixups import MixupLock, stands
from labrecords.domain.permissions import Permission
from labrecords.domain.review.release import Blocker
from labrecords.models.batch_record import load_record


@action("material.locked", needs=Permission.ATTEST)
def lock_products(tx: Tx, *, batch: BatchRef, other: BatchRef | None, step_key: str, found: str) -> list[str]:
    """Lock the batch in which a foreign code was given, and the batch that the code belongs to, if there is one.

    Locked whatever their state, also when injected already: who got what must then be found out at once. Refused where
    the lock stands already in all of them; where it was lifted in one, that one is locked again. Returns the numbers of
    the batches in question, which are all locked now.
    """
    records = [open_record(tx, ref.batch_id) for ref in (batch, other) if ref is not None]
    happened_in = records[0].batch.number
    belongs_to = records[1].batch.number if len(records) > 1 else ""
    if all(stands(record, found, belongs_to) for record in records):
        raise Refused(Blocker("locked", "This lock stands already.", ""))
    tx.detail = {"batch": happened_in, "other": belongs_to}
    for number, record in enumerate(records):
        if stands(record, found, belongs_to):
            continue
        lock = MixupLock(
            id=tx.new_id(),
            batch_id=record.batch.id,
            step_key=step_key if number == 0 else record.process.steps[0].key,
            found=found,
            happened_in=happened_in,
            belongs_to=belongs_to,
            person_id=tx.actor.person_id,
            locked_at=tx.now,
        )
        tx.add(lock)
        project(tx.session, load_record(tx.session, record.batch))
    return [record.batch.number for record in records]
