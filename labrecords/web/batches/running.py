"""What runs in a batch while people work: time limits between its steps, timers, and steps that are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from labrecords.domain.pauses import Pause, paused
from labrecords.domain.processes.process import Step
from labrecords.domain.rules.time_limits import intervals, limit_words
from labrecords.domain.timers import Timer, running_timers
from labrecords.web.batches.batch import BatchPage


@dataclass(frozen=True)
class Countdown:
    """A clock that runs for a step: `until` is when its time is over, None where it only counts up."""

    title: str
    words: str
    """What is counted, and from when on: "at most 60 min from the end of step 5"."""
    step: Step
    url: str
    began_at: datetime
    until: datetime | None
    not_before: datetime | None
    """The step may not end before."""
    now: datetime

    @property
    def span(self) -> timedelta:
        """What is left, negative when it is over; or what has been counted up to now."""
        return self.now - self.began_at if self.until is None else self.until - self.now

    @property
    def over(self) -> bool:
        return self.until is not None and self.now > self.until

    @property
    def early(self) -> bool:
        return self.not_before is not None and self.now < self.not_before


def running_limits(page: BatchPage, step: Step | None = None) -> list[Countdown]:
    """The time limits that run in a batch, or only those within which this step must end; none where all is over."""
    found = []
    for interval in () if page.barred else intervals(page.record):
        limit = interval.limit
        if interval.began_at is None or not interval.running or (step and limit.end != step.key):
            continue
        start, end = page.record.process.step(limit.start), page.record.process.step(limit.end)
        found.append(
            Countdown(
                title=limit.label,
                words=f"{limit_words(limit)} from the end of step {start.number}",
                step=end,
                url=page.step_url(end.key),
                began_at=interval.began_at,
                until=interval.latest,
                not_before=interval.earliest,
                now=page.now,
            )
        )
    return found


def timer_countdown(page: BatchPage, timer: Timer) -> Countdown:
    """A timer as it stands now."""
    step = page.record.process.step(timer.step_key)
    return Countdown(
        title=timer.label,
        words=f"Timer of step {step.number}, started by {page.record.name(timer.started_by)}",
        step=step,
        url=page.step_url(step.key),
        began_at=timer.started_at,
        until=timer.due_at,
        not_before=None,
        now=page.now,
    )


def running_now(page: BatchPage) -> list[Countdown]:
    """Everything that runs in a batch: its timers, then its time limits."""
    timers = () if page.barred else running_timers(page.record)
    return [*(timer_countdown(page, timer) for timer in timers), *running_limits(page)]


@dataclass(frozen=True)
class PausedStep:
    """A step that somebody paused and nobody went on with."""

    step: Step
    url: str
    name: str
    pause: Pause


def paused_steps(page: BatchPage) -> list[PausedStep]:
    """The paused steps of a batch, in the order of the process."""
    return [
        PausedStep(step, page.step_url(step.key), page.record.name(pause.person_id), pause)
        for step in page.record.process.steps
        if (pause := paused(page.record, step.key)) is not None
    ]
