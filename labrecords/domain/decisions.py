"""Which decision of QA stands at an instant, and whether the product may leave because of it (domain 6.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from labrecords.domain import times
from labrecords.domain.entries import Stop
from labrecords.domain.process import PROCESSING

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Decision, Issue

RELEASED, REJECTED, ON_HOLD = "released", "rejected", "on hold"
SEALING_LASTS = timedelta(minutes=2)
"""Sealing takes a second; after this time nobody is at it any more."""
SEALED, FAILED, WITHDRAWN = "sealed", "failed", "withdrawn"


def issue_of(record: BatchRecord, cause_id: str) -> Issue | None:
    """The document version that a decision or closure caused."""
    return next((issue for issue in record.issues if issue.cause_id == cause_id), None)


def open_issue(record: BatchRecord) -> Issue | None:
    """The document version that is being sealed, or whose sealing failed; None when nothing is open."""
    for issue in reversed(record.issues):
        end = record.ending(issue)
        if end is None or end.outcome == FAILED:
            return issue
    return None


def being_sealed(record: BatchRecord, now: datetime) -> bool:
    """Whether a document is being made at this moment. One that takes longer was interrupted."""
    issue = open_issue(record)
    if issue is None:
        return False
    end = record.ending(issue)
    begun = max([issue.requested_at, *(item.signed_at for item in record.signatures)])
    return end is None and now - begun < SEALING_LASTS


def sealed_decisions(record: BatchRecord) -> tuple[tuple[Decision, datetime], ...]:
    """Decisions whose document is sealed, each with the instant since which it stands, the oldest first."""
    standing = []
    for decision in record.decisions:
        issue = issue_of(record, decision.id)
        end = record.ending(issue) if issue else None
        if end and end.outcome == SEALED:
            standing.append((decision, end.ended_at))
    return tuple(standing)


def changed_after(record: BatchRecord, decision: Decision, until: datetime | None = None) -> bool:
    """Whether something of the processing was recorded after the decision (and before `until`)."""
    keys = {step.key for step in record.process.phase(PROCESSING)}
    instants = [entry.recorded_at for entry in record.entries if entry.step_key in keys]
    instants += [item.recorded_at for item in record.not_done if item.step_key in keys]
    return any(at > decision.decided_at and (until is None or at <= until) for at in instants)


def standing_decision(record: BatchRecord, at: datetime | None = None) -> Decision | None:
    """The decision that stood at an instant (now, when none is given), or None.

    A decision stands from the sealing of its document. It no longer stands once something of the processing was
    recorded after it: QA then decides anew (P11-70: a changed record invalidates its signature). Rejection is final:
    whatever is recorded later, the product stays rejected.
    """
    made = [decision for decision, since in sealed_decisions(record) if at is None or since <= at]
    final = next((decision for decision in made if decision.decision == REJECTED), None)
    if final or not made or changed_after(record, made[-1], at):
        return final
    return made[-1]


def release_stop(record: BatchRecord, at: datetime) -> Stop | None:
    """A critical stop when the product may not be used at the given instant for want of a release."""
    decision = standing_decision(record, times.end_of_minute(at))
    if decision and decision.decision == RELEASED:
        return None
    if decision:
        return Stop(
            rule="release",
            sentence=f"This product is {decision.decision}: it must not be used.",
            way_out="Set the product aside and call QA.",
            critical=True,
        )
    if not record.process.release_required:
        return None
    return Stop(
        rule="release",
        sentence="This product is not released.",
        way_out="Wait for the release by QA.",
        critical=True,
    )
