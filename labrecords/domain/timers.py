"""Timers of the bench: kept by the server, so that a dead tablet or another person does not lose them (domain 6.4).

A timer states nothing of a step. Its times are taken over into the step by whoever records it, or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

FINISHED, CANCELLED = "finished", "cancelled"
LONGEST_S = 14 * 24 * 3600
"""Nothing at the bench is timed for longer than two weeks."""


@dataclass(frozen=True)
class Timer:
    """A timer that was started for a step. `seconds` is the planned time; None where it only counts up."""

    id: str
    batch_id: str
    step_key: str
    label: str
    seconds: int | None
    started_by: str
    started_at: datetime

    @property
    def due_at(self) -> datetime | None:
        """When the planned time is over."""
        return None if self.seconds is None else self.started_at + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class TimerEnd:
    """How a timer ended: finished, or cancelled because it timed nothing."""

    id: str
    batch_id: str
    timer_id: str
    outcome: str
    ended_by: str
    ended_at: datetime


def timers_of(record: BatchRecord, step_key: str) -> tuple[Timer, ...]:
    """The timers of a step, the oldest first."""
    return tuple(timer for timer in record.timers if timer.step_key == step_key)


def end_of(record: BatchRecord, timer: Timer) -> TimerEnd | None:
    """How a timer ended; None while nobody ended it."""
    return next((end for end in record.timer_ends if end.timer_id == timer.id), None)


def running_timers(record: BatchRecord) -> tuple[Timer, ...]:
    """The timers that nobody ended, of steps that are still to be recorded: they matter to whoever works now."""
    return tuple(
        timer
        for timer in record.timers
        if end_of(record, timer) is None
        and record.current(timer.step_key) is None
        and record.not_done_reason(timer.step_key) is None
    )
