"""A mix-up: in a step of one batch a code was given that belongs to another patient. Both products are locked.

A date of birth or a name that differs is one too: the product of the batch is locked, as nobody knows whose else it is.

Whose cells are where is then in doubt for both patients (domain 5.7). Nothing more is done with either product until
quality assurance has found out, and said so by signature in each of the two batches (domain/review/investigation.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Role
from labrecords.domain.processes.process import ADMINISTRATION, TESTING
from labrecords.domain.registers import stated
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

MIXED_UP, LOCKED = "mixed up", "locked"
ASIDE = (
    "order",
    "identity_check",
    "product_check",
    "line_clearance",
    "refusal",
    "storage",
    "adverse_event",
    "follow_up",
)
"""Kinds of steps that do nothing to the product: finding out whose it is, putting it aside, telling what became of
the patient."""
GIVEN_AWAY = {"handover": "performed_by", "offer": "receiver"}
"""Kinds of acts that give it to somebody, and the fact that names whom: only quality assurance is given it."""
_BOTH_ASIDE = (
    "Put both products aside, apart: they are put away, or given to quality assurance, and to nobody else. Quality "
    "assurance finds out what is whose, and signs what was found on the review page of each of the two batches; that "
    "lifts the lock of that batch."
)
_ONE_ASIDE = (
    "Put the product aside: it is put away, or given to quality assurance, and to nobody else. Quality assurance finds "
    "out what is whose, and signs what was found on the review page of the batch; that lifts the lock."
)


@dataclass(frozen=True)
class MixupLock:
    """That the product of a batch is locked, as part of that batch. The other batch has one of its own."""

    id: str
    batch_id: str
    step_key: str
    """Of this batch, where one looks first: where the code was given, or the first step of the other batch."""
    found: str
    """The code that was given, or which second identifier differs."""
    happened_in: str
    """Number of the batch in which it was given."""
    belongs_to: str
    """Number of the batch that it belongs to; empty for a patient of whom there is no batch yet."""
    person_id: str
    locked_at: datetime


def way_out(two: bool) -> str:
    """What is done next, with the products of two batches or with that of one."""
    return _BOTH_ASIDE if two else _ONE_ASIDE


def way_out_of(lock: MixupLock) -> str:
    """What is done next about one lock: without a batch of the other patient there is one product."""
    return way_out(two=bool(lock.belongs_to))


def foreign_codes(stops: Iterable[Stop]) -> tuple[str, ...]:
    """What was given and is not this batch's, as stops about identity name it: codes, and second identifiers."""
    given = (stop.found for stop in stops if stop.rule == "identity" and stop.critical and stop.found)
    return tuple(dict.fromkeys(given))


def sentence_of(record: BatchRecord, lock: MixupLock) -> str:
    """What happened, as both batches say it."""
    number = record.batch.number
    if lock.happened_in == number:
        whose = f"batch {lock.belongs_to}" if lock.belongs_to else "another patient"
        step = record.process.step(lock.step_key).title
        if stated.is_other(lock.found):
            return (
                f"Mix-up: in step “{step}” the {stated.kind_of(lock.found)} that was stated is not that of "
                f"{record.batch.patient_code}. The product is locked."
            )
        both = "Both products are" if lock.belongs_to else "The product is"
        return f"Mix-up: in step “{step}” {lock.found} was given, which belongs to {whose}. {both} locked."
    return (
        f"Mix-up: in a step of batch {lock.happened_in} {lock.found} was given, which belongs to this batch. "
        "Both products are locked."
    )


def mixup_findings(record: BatchRecord) -> list[Finding]:
    """A critical finding for each lock; review/investigation.py says what becomes of it."""
    return [
        Finding(
            MIXED_UP,
            Severity.CRITICAL,
            sentence_of(record, lock),
            lock.step_key,
            lock.locked_at,
            way_out=way_out_of(lock),
        )
        for lock in record.locks
    ]


def lifted_at(record: BatchRecord, lock: MixupLock) -> datetime | None:
    """When the lock was lifted by signature, or None while it stands.

    The same mistake twice is two locks with one sentence: what was signed before a lock was made says nothing of it.
    """
    sentence = sentence_of(record, lock)
    signed = (
        one.recorded_at
        for one in record.investigations
        if (one.rule, one.sentence) == (MIXED_UP, sentence) and one.recorded_at > lock.locked_at
    )
    return min(signed, default=None)


def lock_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Why nothing may be done with the product of this batch: it was locked when the act was first recorded."""
    step = record.process.step(entry.step_key)
    if step.phase == TESTING or step.kind in ASIDE or to_quality_assurance(record, step.kind, entry):
        return ()
    at = record.first_recorded_at(entry)
    return tuple(
        Stop(
            rule=LOCKED,
            sentence=said_of(record, lock),
            way_out=way_out_of(lock),
            critical=step.phase == ADMINISTRATION,
        )
        for lock in record.locks
        if lock.locked_at < at and ((lifted := lifted_at(record, lock)) is None or at < lifted)
    )


def to_quality_assurance(record: BatchRecord, kind: str, entry: Entry) -> bool:
    """Whether the act gives the product to quality assurance, who look into it and say what becomes of it."""
    receiver = getattr(entry, GIVEN_AWAY[kind], None) if kind in GIVEN_AWAY else None
    roles = next((who.roles for who in record.people if who.id == receiver), ())
    return Role.QA.value in roles


def said_of(record: BatchRecord, lock: MixupLock) -> str:
    """Why a lock stops what was to be done, in one sentence and what had happened."""
    return f"The product is locked. {sentence_of(record, lock)}"


def standing(record: BatchRecord) -> tuple[MixupLock, ...]:
    """The locks that are not lifted."""
    return tuple(lock for lock in record.locks if lifted_at(record, lock) is None)


def stands(record: BatchRecord, found: str, belongs_to: str) -> bool:
    """Whether a lock for this code and batch stands already."""
    return any(
        codes.normalise(lock.found) == codes.normalise(found) and lock.belongs_to == belongs_to
        for lock in standing(record)
    )
