"""Locking the products of two patients after a mix-up: both batches in one act, each with a record of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from labrecords.actions.door import Acting, BatchRef, Refused, StepRef, Tx, action
from labrecords.actions.projections import project
from labrecords.domain.custody.mixups import MixupLock, foreign_codes, stands
from labrecords.domain.entries import Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Batch, BatchRecord
from labrecords.domain.registers.stated import is_other
from labrecords.domain.review.reentry import as_read_again
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.findings import stops_of
from labrecords.domain.values.codes import normalise
from labrecords.models.batch_record import batch_by_id, find_batch, load_record
from labrecords.models.codes import batches_with
from labrecords.models.patients import patient_carrying

P = ParamSpec("P")
R = TypeVar("R")


class Stopped(Refused):
    """The act must not begin. If it has happened already, the same form records it with the reason."""

    def __init__(self, stops: tuple[Stop, ...], step_key: str) -> None:
        super().__init__(*(Blocker(stop.rule, stop.sentence, stop.way_out, step_key) for stop in stops))
        self.stops = stops
        self.locked: tuple[str, ...] = ()
        """Numbers of the batches that are locked since, as a code of another patient was given."""


@action("material.locked", needs=Permission.ATTEST)
def lock_products(tx: Tx, *, batch: BatchRef, other: BatchRef | None, step_key: str, found: str) -> list[str]:
    """Lock the batch in which a foreign code was given, and the batch that the code belongs to, if there is one.

    Locked whatever their state, also when injected already: who got what must then be found out at once. Refused where
    the lock stands already in all of them; where it was lifted in one, that one is locked again. Returns the numbers of
    the batches in question, which are all locked now.
    """
    records = [_record(tx.session, ref.batch_id) for ref in (batch, other) if ref is not None]
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


def lock_mixed_up(by: Acting, batch_id: str, step_key: str, stops: tuple[Stop, ...]) -> tuple[str, ...]:
    """Lock this batch and those of the other patient whose code was given. Returns the numbers that are locked now.

    A code that nobody here has is a misreading: it stops the act, and locks nothing. A second identifier that differs
    locks this batch, unless a code has told already whose it is. Raises Refused where who acts may not lock.
    """
    locked: dict[str, None] = {}
    for found in sorted(foreign_codes(stops), key=is_other):
        if is_other(found) and locked:
            continue
        with by.store.read() as session:
            batch = _record(session, batch_id).batch
            others: list[Batch | None] = [*_others(session, batch, found)]
            if not others and (is_other(found) or _another_patient(session, batch, found)):
                others = [None]
        for other in others:
            locked |= dict.fromkeys(_lock(by, batch, other, step_key, found))
    return tuple(locked)


def locks_mixed_up(act: Callable[Concatenate[Acting, P], R]) -> Callable[Concatenate[Acting, P], R]:
    """For the acts by which a step is recorded: a foreign code locks both products, wherever the act is called from.

    Also where the act was stopped by it, as what was scanned was at hand. In an act of its own, which needs the chain
    of the other batch. The same form sent again makes up for a lock that a crash between the two has left out.
    """

    @wraps(act)
    def run(by: Acting, *args: P.args, **given: P.kwargs) -> R:
        about: Any = given
        step: StepRef = about["step"]
        try:
            result = act(by, *args, **given)
        except Stopped as stopped:
            stopped.locked = lock_mixed_up(by, step.batch_id, step.step_key, stopped.stops)
            raise
        if about["reading"].happened_reason:
            lock_recorded(by, step.batch_id, step.step_key)
        return result

    return cast("Callable[Concatenate[Acting, P], R]", run)


def locks_reentered(act: Callable[Concatenate[Acting, P], bool]) -> Callable[Concatenate[Acting, P], bool]:
    """The same for what a second person enters again, unseen: a foreign code that they read locks both products too."""

    @wraps(act)
    def run(by: Acting, *args: P.args, **given: P.kwargs) -> bool:
        agree = act(by, *args, **given)
        if not agree:
            about: Any = given
            step: StepRef = about["step"]
            with by.store.read() as session:
                record = _record(session, step.batch_id)
            if entry := record.current(step.step_key):
                stops = stops_of(record, as_read_again(record, entry))
                lock_mixed_up(by, step.batch_id, step.step_key, stops)
        return agree

    return cast("Callable[Concatenate[Acting, P], bool]", run)


def lock_recorded(by: Acting, batch_id: str, step_key: str) -> tuple[str, ...]:
    """Lock what a step recorded as having happened has mixed up. Returns the numbers of the batches locked."""
    with by.store.read() as session:
        record = _record(session, batch_id)
    entry = record.current(step_key)
    if entry is None or not entry.happened_reason:
        return ()
    return lock_mixed_up(by, batch_id, step_key, stops_of(record, entry))


def _lock(by: Acting, batch: Batch, other: Batch | None, step_key: str, found: str) -> list[str]:
    both = [batch] + ([other] if other else [])
    if not _all_locked(by, both, found, other):
        # The form's own key stays free: the form is sent again once the mistake is put right.
        try:
            lock_products(
                Acting(by.store, by.actor, source=by.source),
                batch=BatchRef(batch.id),
                other=BatchRef(other.id) if other else None,
                step_key=step_key,
                found=found,
            )
        except Refused:
            # Somebody else may have locked both at the same moment. Nothing else makes it true that they are locked.
            if not _all_locked(by, both, found, other):
                raise
    return [one.number for one in both]


def _all_locked(by: Acting, batches: list[Batch], found: str, other: Batch | None) -> bool:
    with by.store.read() as session:
        records = [load_record(session, batch) for batch in batches]
    return all(stands(record, found, other.number if other else "") for record in records)


def _record(session: Any, batch_id: str) -> BatchRecord:
    batch = batch_by_id(session, batch_id)
    if batch is None:
        raise Refused(Blocker("batch", "There is no such batch.", "Open it from the list of batches."))
    return load_record(session, batch)


def _others(session: Any, batch: Batch, found: str) -> list[Batch]:
    """The batches of other patients that carry the code."""
    known = (find_batch(session, number) for number in batches_with(session, normalise(found)))
    return [
        other
        for other in known
        if other is not None
        and other.id != batch.id
        and normalise(other.patient_code) != normalise(batch.patient_code)
    ]


def _another_patient(session: Any, batch: Batch, found: str) -> bool:
    patient = patient_carrying(session, normalise(found))
    return patient is not None and normalise(patient.pseudonym) != normalise(batch.patient_code)
