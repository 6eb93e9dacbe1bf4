"""After a stop about identity: whose code it was, and the lock on both products. Called by the pages of a step."""

from __future__ import annotations

from contextlib import suppress

from labrecords.actions.door import Acting, BatchRef, Refused
from labrecords.actions.mixups import lock_products
from labrecords.domain.custody.mixups import foreign_codes, stands
from labrecords.domain.entries import Stop
from labrecords.domain.record import Batch, BatchRecord
from labrecords.domain.values.codes import normalise
from labrecords.models.batch_record import find_batch, load_record
from labrecords.models.codes import batches_with
from labrecords.models.patients import patient_carrying
from labrecords.models.session import db
from labrecords.web.batch_page import batch_or_404
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.step_page import StepPage


def lock_mixed_up(at: StepPage, stops: tuple[Stop, ...]) -> tuple[str, ...]:
    """Lock this batch and those of the other patient whose code was given. Returns the numbers that are locked now.

    A code that nobody here has is a misreading: it stops the act, and locks nothing.
    """
    locked: dict[str, None] = {}
    for found in foreign_codes(stops):
        others = _others(at.record.batch, found)
        unknown: list[Batch | None] = (
            [None] if not others and _another_patient(at.record.batch, found) else []
        )
        for other in [*others, *unknown]:
            locked |= dict.fromkeys(_lock(at, found, other))
    return tuple(locked)


def _others(batch: Batch, found: str) -> list[Batch]:
    """The batches of other patients that carry the code."""
    db.session.rollback()
    known = (find_batch(db.session(), number) for number in batches_with(db.session(), normalise(found)))
    return [
        other
        for other in known
        if other is not None
        and other.id != batch.id
        and normalise(other.patient_code) != normalise(batch.patient_code)
    ]


def _another_patient(batch: Batch, found: str) -> bool:
    patient = patient_carrying(db.session(), normalise(found))
    return patient is not None and normalise(patient.pseudonym) != normalise(batch.patient_code)


def _lock(at: StepPage, found: str, other: Batch | None) -> list[str]:
    batch = at.record.batch
    numbers = [batch.number] + ([other.number] if other else [])
    if stands(_fresh(batch), found, other.number if other else ""):
        return numbers
    by = acting()
    # The form's own key stays free: the form is sent again once the mistake is put right.
    fresh = Acting(by.store, signed_in_actor(), source=by.source)
    with suppress(Refused):  # somebody else locked both at the same moment
        lock_products(
            fresh,
            batch=BatchRef(batch.id),
            other=BatchRef(other.id) if other else None,
            step_key=at.step.key,
            found=found,
        )
    return numbers


def _fresh(batch: Batch) -> BatchRecord:
    db.session.rollback()
    return load_record(db.session(), batch)


def lock_recorded(at: StepPage) -> tuple[str, ...]:
    """The same after a step was recorded as it had happened, with a foreign code in it."""
    record = batch_or_404(at.record.batch.number).record
    entry = record.current(at.step.key)
    return lock_mixed_up(at, entry.stops(record)) if entry is not None else ()
