"""The status of a batch, derived from what was recorded (domain 6.1)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from labrecords.domain.processes.process import AFTER, PROCESSING
from labrecords.domain.review.decisions import (
    ON_HOLD,
    REJECTED,
    RELEASED,
    SEALED,
    issue_of,
    open_issue,
    standing_decision,
)
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.residual import Residual

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


class Status(Enum):
    OPEN = "open"
    IN_PROCESS = "in process"
    UNDER_REVIEW = "under review"
    SEALING = "sealing"
    SEALING_FAILED = "sealing failed"
    RELEASED = "released"
    REJECTED = "rejected"
    ON_HOLD = "on hold"
    ADMINISTERED = "administered"
    NOT_ADMINISTERED = "not administered"
    CLOSED = "closed"
    VOIDED = "voided"


_DECIDED = {RELEASED: Status.RELEASED, REJECTED: Status.REJECTED, ON_HOLD: Status.ON_HOLD}

TO_CLOSE = (Status.ADMINISTERED, Status.NOT_ADMINISTERED)
"""What happened to the product is known; the physician's signature closes the record."""

OVER = (Status.CLOSED, Status.VOIDED)
"""Nothing of the batch is in anybody's hands any more."""


def status(record: BatchRecord) -> Status:
    """The one word for where a batch stands."""
    if record.voids:
        return Status.VOIDED
    issue = open_issue(record)
    if issue:
        return Status.SEALING if record.ending(issue) is None else Status.SEALING_FAILED
    if closed(record):
        return Status.CLOSED
    if record.of_kind(Injection):
        return Status.ADMINISTERED
    decision = standing_decision(record)
    if decision and decision.decision == RELEASED and not_administered(record):
        return Status.NOT_ADMINISTERED
    if decision:
        return _DECIDED[decision.decision]
    if not record.entries and not record.not_done:
        return Status.OPEN
    steps = record.process.phase(PROCESSING)
    answered = (record.current(step.key) or record.not_done_reason(step.key) for step in steps)
    return Status.UNDER_REVIEW if all(answered) else Status.IN_PROCESS


def not_administered(record: BatchRecord) -> bool:
    """Whether the product was not injected for good: of every injection it was said that it was not done, and why."""
    steps = [step for step in record.process.steps if step.kind == Injection.kind]
    return bool(steps) and all(record.not_done_reason(step.key) for step in steps)


def product_ended_at(record: BatchRecord) -> datetime | None:
    """When the product came to its end: at the last injection, or, when there was none, when it was disposed of."""
    injections, residuals = record.of_kind(Injection), record.of_kind(Residual)
    if injections:
        return injections[-1].last_injected_at()
    return residuals[-1].performed_at if residuals and not_administered(record) else None


def closed(record: BatchRecord) -> bool:
    """Whether the administration is closed, with nothing recorded after the closure but late results of tests."""
    for closure in reversed(record.closures):
        issue = issue_of(record, closure.id)
        end = record.ending(issue) if issue else None
        if end and end.outcome == SEALED:
            return not recorded_after(record, closure.closed_at)
    return False


def recorded_after(record: BatchRecord, instant: datetime) -> bool:
    """Whether anything about a step was recorded after an instant. That a late test came back does not count, nor what
    became of the patient."""
    late = {step.key for step in record.process.late_tests} | {
        step.key for step in record.acts if step.phase == AFTER
    }
    instants = [entry.recorded_at for entry in record.entries if entry.step_key not in late]
    instants += [item.recorded_at for item in record.not_done if item.step_key not in late]
    return any(at > instant for at in instants)
