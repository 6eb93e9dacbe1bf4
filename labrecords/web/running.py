"""What runs in a batch while people work: time limits between its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from labrecords.domain.process import Step
from labrecords.domain.time_limits import intervals, limit_words
from labrecords.web.batch_page import BatchPage


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
