"""The time axis that every plot of a batch shares: positions in per cent, and where its ticks stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LEFT, RIGHT = 1.7, 98.3
"""The ends of the axis, in per cent of the width of the plot."""
TICKS_AT_MOST = 10
_MINUTES = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200)
STEPS = tuple(timedelta(minutes=minutes) for minutes in _MINUTES)


@dataclass(frozen=True)
class Axis:
    start: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        """The position in per cent; moments beyond the axis stand at its end."""
        share = (moment - self.start) / (self.end - self.start)
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share))

    def x(self, moment: datetime) -> str:
        return percent(self.at(moment))


def ticks(axis: Axis, zone: ZoneInfo) -> list[tuple[datetime, str]]:
    """Whole local times along the axis, as close as they fit; midnight shows the date."""
    span = axis.end - axis.start
    step = next((step for step in STEPS if span / step <= TICKS_AT_MOST), STEPS[-1])
    midnight = axis.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = axis.start - midnight.astimezone(axis.start.tzinfo)
    at = axis.start + (-since % step)
    found = []
    while at <= axis.end:
        shown = at.astimezone(zone)
        dated = step.days or (shown.hour, shown.minute) == (0, 0)
        found.append((at, f"{shown:%m-%d}" if dated else f"{shown:%H:%M}"))
        at += step
    return found


def percent(value: float) -> str:
    return f"{value:.2f}%"
