"""The timers of the step in hand, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.timers import Timer, TimerEnd, end_of, timers_of
from labrecords.domain.values.numbers import plain
from labrecords.web.batches.running import Countdown, timer_countdown
from labrecords.web.steps.in_hand import StepPage


@dataclass(frozen=True)
class TimerLine:
    """A timer of the step in hand: running, or with its end."""

    timer: Timer
    by: str
    running: Countdown | None
    end: TimerEnd | None
    ended_by: str


def timer_lines(at: StepPage) -> list[TimerLine]:
    """The timers of the step, the oldest first."""
    found = []
    for timer in timers_of(at.record, at.step.key):
        end = end_of(at.record, timer)
        running = timer_countdown(at.batch, timer) if end is None else None
        ended_by = at.record.name(end.ended_by) if end else ""
        found.append(TimerLine(timer, at.record.name(timer.started_by), running, end, ended_by))
    return found


def planned_min(at: StepPage) -> str:
    """The target of the step's duration, as one would type it."""
    for fact in facts_of(at.kind):
        limit = at.step.limits.get(fact.name)
        if fact.type is FactType.NUMBER and fact.unit == "min" and limit and limit.target is not None:
            return plain(limit.target)
    return ""
