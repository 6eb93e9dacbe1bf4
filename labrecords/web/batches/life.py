"""The life bar: how much of the time from harvest to use-before has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from labrecords.domain.values import typography
from labrecords.web.batches.time_axis import percent
from labrecords.web.filters import offset


@dataclass(frozen=True)
class Life:
    """The product's life as the bar under the context bar shows it."""

    gone: str
    """The part that has passed, in per cent of the bar."""
    used: timedelta
    left: timedelta
    """Negative when the use-before time has passed."""
    over: bool
    sentence: str


def life(harvested_at: datetime, use_before: datetime, now: datetime, zone: ZoneInfo) -> Life:
    """How much of the time from harvest to use-before has passed at `now`, or at the injection."""
    span, used, left = use_before - harvested_at, now - harvested_at, use_before - now
    share = used / span if span > timedelta() else 1.0
    until = f"{use_before.astimezone(zone):%H:%M} {offset(use_before, zone)}"
    of = f"{typography.duration(used)} of {typography.duration(span)} used"
    over = left < timedelta()
    rest = f"past its use-before time {until} by {typography.duration(-left)}"
    return Life(
        gone=percent(100 * min(1.0, max(0.0, share))),
        used=used,
        left=left,
        over=over,
        sentence=f"{of}, {rest if over else f'{typography.duration(left)} left until {until}'}",
    )
