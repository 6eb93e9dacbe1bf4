"""Who must be told when something is wrong with a product, and who was: by whom, when, how (domain 6.1, P4-14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.registers.place_tree import owner_of
from labrecords.domain.review.decisions import RELEASED
from labrecords.domain.rules.assay_findings import alarms
from labrecords.domain.status import OVER, status
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.order import Order

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

RECALL, TEST = "recall", "test"
PATIENT, PHYSICIAN, HOLDER, OTHER = "patient", "physician", "holder", "other"
ROLES = (PATIENT, PHYSICIAN, HOLDER, OTHER)
WAYS = ("in person", "by telephone", "in writing", "by electronic message")


@dataclass(frozen=True)
class Notice:
    """That somebody was told. The patient stands here by the pseudonym."""

    id: str
    batch_id: str
    cause: str
    """RECALL, or TEST for one that failed after the product had left or was used."""
    cause_id: str
    """Id of the recall, or key of the step of the test."""
    role: str
    whom: str
    how: str
    note: str
    """What was said and answered, as far as it matters; may be empty."""
    told_at: datetime
    person_id: str
    """Who told it."""
    recorded_at: datetime


@dataclass(frozen=True)
class Receipt:
    """A physician's own word that a notice has come, and what was done for the patient."""

    id: str
    batch_id: str
    notice_id: str
    done: str
    person_id: str
    recorded_at: datetime


@dataclass(frozen=True)
class ToTell:
    """Somebody who must be told, and why."""

    role: str
    whom: str
    why: str
    notice: Notice | None = None
    """That they were told, if they were."""
    receipt: Receipt | None = None
    """That it has come, as the physician says."""


@dataclass(frozen=True)
class Task:
    """A physician who must be told of a failed test, or has still to say that the word has come."""

    cause_id: str
    sentence: str
    line: ToTell
    since: datetime
    """When the result was reported."""


@dataclass(frozen=True)
class Use:
    """One injection, as those who must tell of it read it."""

    by: str
    at: datetime


def uses(record: BatchRecord) -> tuple[Use, ...]:
    """Who injected the product, and when."""
    return tuple(Use(record.name(one.performed_by), one.performed_at) for one in record.of_kind(Injection))


@dataclass(frozen=True)
class Held:
    """Containers of a batch in somebody's hands, or kept by a place."""

    by: str
    """The person, or the place that keeps them."""
    owner: str
    """Who answers for the place now, a person's name or a role; empty where nobody is registered, and of a person."""
    containers: tuple[str, ...]
    where: str

    @property
    def said(self) -> str:
        return f"{self.by} (owner: {self.owner})" if self.owner else self.by

    @property
    def whom(self) -> str:
        """Who can be told of it: of a place the one who answers for it."""
        return self.owner or self.by

    @property
    def why(self) -> str:
        what = ", ".join(self.containers)
        return f"answers for {self.by}, which keeps {what}" if self.owner else f"holds {what}, {self.where}"


def holders_now(record: BatchRecord) -> tuple[Held, ...]:
    """Who or what holds containers of the batch at this moment, and which: none once the batch is over."""
    if status(record) in OVER:
        return ()
    held: dict[tuple[str, str], Held] = {}
    newest = max((item.registered_at for item in record.equipment), default=None)
    for segment in segments(record):
        if segment.end is None and segment.holder:
            by = segment.place if segment.kept else segment.holder
            owner = owner_of(record.equipment, by, newest) if segment.kept and newest else ""
            before = held.get((by, segment.place), Held(by, owner, (), segment.place))
            containers = (*before.containers, segment.container)
            held[by, segment.place] = replace(before, containers=containers)
    return tuple(held.values())


def to_tell(record: BatchRecord, cause: str, cause_id: str) -> tuple[ToTell, ...]:
    """Who must be told of a cause: patient and physicians of a product that was used, and who holds what is left."""
    told = {
        (item.role, item.whom): item
        for item in record.notices
        if (item.cause, item.cause_id) == (cause, cause_id)
    }
    found: dict[tuple[str, str], ToTell] = {}
    reasons: dict[tuple[str, str], list[str]] = {}
    for role, whom, why in _concerned(record):
        reasons.setdefault((role, whom), []).append(why)
    for (role, whom), whys in reasons.items():
        said = " and ".join(dict.fromkeys(whys))
        found[role, whom] = _line(record, role, whom, said, told.get((role, whom)))
    for (role, whom), item in told.items():
        found.setdefault((role, whom), _line(record, role, whom, "was told besides", item))
    return tuple(found.values())


def _line(record: BatchRecord, role: str, whom: str, why: str, notice: Notice | None) -> ToTell:
    came = (one for one in record.receipts if notice is not None and one.notice_id == notice.id)
    return ToTell(role, whom, why, notice, next(came, None))


def open_tasks(record: BatchRecord) -> tuple[Task, ...]:
    """What is still to be done so that every physician knows of a test that failed after the product was used."""
    return tuple(
        Task(alarm.step_key, alarm.sentence, line, alarm.at)
        for alarm in alarms(record)
        for line in to_tell(record, TEST, alarm.step_key)
        if line.role == PHYSICIAN and line.receipt is None
    )


@dataclass(frozen=True)
class Cause:
    """Something that must be told: what, and since when it is known."""

    sentence: str
    known_at: datetime


def cause_of(record: BatchRecord, cause: str, cause_id: str) -> Cause | None:
    """What there is to tell; None where the batch has no such cause."""
    if cause == RECALL:
        known = [one for one in record.recalls if one.recall.id == cause_id]
        return Cause(known[0].said(), known[0].recall.recalled_at) if known else None
    failed = [one for one in alarms(record) if cause == TEST and one.step_key == cause_id]
    return Cause(failed[0].sentence, failed[0].at) if failed else None


def _concerned(record: BatchRecord) -> Iterator[tuple[str, str, str]]:
    injected = uses(record)
    for use in injected:
        yield PHYSICIAN, use.by, "injected it"
    if injected or any(made.decision == RELEASED for made in record.decisions):
        # Who waits for a product that was released can still stop the injection, and what prepares it.
        for order in record.orders:
            yield PHYSICIAN, order.prescriber, "prescribed it"
        for stated in () if record.orders else record.of_kind(Order):
            yield PHYSICIAN, stated.prescriber or record.name(stated.performed_by), "prescribed it"
    if injected:
        yield PATIENT, record.batch.patient_code, "it was injected"
    for held in holders_now(record):
        yield HOLDER, held.whom, held.why
