"""Bypassing a stop: where the master allows it, with a reason and a second person's signature.

A bypass is for exactly the stops that were shown, rule and sentence, of one step, for the person who asked, and for an
hour. A run that this person begins in that hour with a timer is the act that was authorised: the bypass holds for it
until an hour after its timer has ended. It never covers identity, the order of steps, expiry of the product, or
anything else than the registers' rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.timers import FINISHED, Timer, end_of, timers_of

if TYPE_CHECKING:
    from labrecords.domain.processes.process import Step
    from labrecords.domain.record import BatchRecord

BYPASSABLE = ("equipment", "lot", "expired lot", "training")
LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class BypassedStop:
    rule: str
    sentence: str


@dataclass(frozen=True)
class Bypass:
    """That a second person authorised an act in spite of these stops."""

    id: str
    batch_id: str
    step_key: str
    stops: tuple[BypassedStop, ...]
    reason: str
    requested_by: str
    """Who asked, and records the step."""
    person_id: str
    """Who authorised it, by signature."""
    signature_id: str
    granted_at: datetime


def may_be_bypassed(step: Step, stops: Iterable[Stop]) -> bool:
    """Whether the master allows it for this step, and every stop is one of the registers."""
    return step.bypass and all(stop.rule in BYPASSABLE for stop in stops)


def bypass_of(record: BatchRecord, entry: Entry, stop: Stop) -> Bypass | None:
    """The bypass that covers this stop of an entry, or None. A correction keeps that of the version before it."""
    versions = (*record.history(entry.step_key), entry)

    def covers(bypass: Bypass) -> bool:
        return any(
            version.recorded_by == bypass.requested_by and _holds_at(record, bypass, version.recorded_at)
            for version in versions
        )

    given = BypassedStop(stop.rule, stop.sentence)
    return next(
        (
            bypass
            for bypass in record.bypasses
            if bypass.step_key == entry.step_key and given in bypass.stops and covers(bypass)
        ),
        None,
    )


def _holds_at(record: BatchRecord, bypass: Bypass, at: datetime) -> bool:
    """Whether a bypass still holds at an instant: within its hour, or for the run that was begun in it."""
    if bypass.granted_at <= at <= bypass.granted_at + LASTS:
        return True
    return any(_is_its_run(record, bypass, timer, at) for timer in timers_of(record, bypass.step_key))


def _is_its_run(record: BatchRecord, bypass: Bypass, timer: Timer, at: datetime) -> bool:
    """Whether a timer was started under the bypass by who asked, and runs at this instant or ended within the hour."""
    begun = bypass.granted_at <= timer.started_at <= min(at, bypass.granted_at + LASTS)
    if not begun or timer.started_by != bypass.requested_by:
        return False
    end = end_of(record, timer)
    if end is None or end.ended_at > at:
        return True
    return end.outcome == FINISHED and at <= end.ended_at + LASTS


def not_bypassed(record: BatchRecord, entry: Entry, stops: Collection[Stop]) -> tuple[Stop, ...]:
    """The stops that nobody bypassed."""
    return tuple(stop for stop in stops if bypass_of(record, entry, stop) is None)


def words(record: BatchRecord, bypass: Bypass) -> str:
    """Who bypassed it and why, in one sentence."""
    return (
        f"Bypassed by {record.name(bypass.requested_by)}, authorised by {record.name(bypass.person_id)}: "
        f"{bypass.reason}"
    )
