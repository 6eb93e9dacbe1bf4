"""The clock of a temperature logger: how its dates are written, and which instants its times are.

Nothing is guessed. What a file leaves open is asked back: the order of day and month where every day could be a month,
and the offset where the file shows an hour once that came twice, or one that never came. One line that stands there
twice is a doubled line and no change of the clock: that takes an hour's worth of times again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from statistics import median_low
from zoneinfo import ZoneInfo

from labrecords.domain.values.times import EARLIEST_YEAR, LATEST_YEAR

YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "year-month-day", "day-month-year", "month-day-year"
_MOMENT = re.compile(
    r"([0-9]{1,4})([-./])([0-9]{1,2})\2([0-9]{1,4})[T ,]+"
    r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]{1,6})?)?"
    r" ?(?:([AaPp])\.?[Mm]\.?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


class Doubt(ValueError):
    """What the file leaves open; `field` names the question, the message is a sentence for the user."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Stamp:
    """A date and time as it stands in a line; year, month and day not yet told apart."""

    __slots__ = ("fields", "half", "hour", "minute", "offset", "second")

    def __init__(self, matched: re.Match[str]) -> None:
        self.fields = (matched[1], matched[3], matched[4])
        self.hour, self.minute, self.second = int(matched[5]), int(matched[6]), int(matched[7] or 0)
        self.half, self.offset = (matched[8] or "").lower(), matched[9] or ""


def stamp_of(text: str) -> Stamp | None:
    """The date and time that a cell holds, or None where it holds none."""
    matched = _MOMENT.fullmatch(text.strip())
    return Stamp(matched) if matched else None


def order_of(stamps: Sequence[Stamp], stated: str) -> str:
    """How the dates are written: by the file itself where it leaves no choice, else as stated. Raises Doubt."""
    if all(len(item.fields[0]) == 4 for item in stamps):
        return YEAR_FIRST
    if not all(len(item.fields[2]) == 4 for item in stamps):
        raise Doubt("file", "The year has four digits in every line of a file that is read. Export it so.")
    above_first = any(int(item.fields[0]) > 12 for item in stamps)
    above_second = any(int(item.fields[1]) > 12 for item in stamps)
    if above_first and above_second:
        raise Doubt("file", "The dates of this file are written in two orders. Export it anew.")
    if above_first or above_second:
        found = DAY_FIRST if above_first else MONTH_FIRST
        if stated and stated != found:
            raise Doubt("date_order", f"The dates of this file are {found}: one of them allows nothing else.")
        return found
    if stated not in (DAY_FIRST, MONTH_FIRST):
        shown = "/".join(stamps[0].fields)
        raise Doubt(
            "date_order", f"“{shown}” can be read in two ways. Say whether the day or the month comes first."
        )
    return stated


def wall_time(stamp: Stamp, order: str) -> datetime:
    """What the clock showed. Raises ValueError where there is no such day or hour."""
    a, b, c = (int(part) for part in stamp.fields)
    year, month, day = {YEAR_FIRST: (a, b, c), DAY_FIRST: (c, b, a), MONTH_FIRST: (c, a, b)}[order]
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"the year {year} cannot be right")
    hour = stamp.hour
    if stamp.half:
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} {stamp.half}m is no hour")
        hour = hour % 12 + (12 if stamp.half == "p" else 0)
    return datetime(year, month, day, hour, stamp.minute, stamp.second)  # noqa: DTZ001 - what a clock shows


def offset_of(text: str) -> timezone:
    """The offset that "+01:00", "-0530" or Z says. Raises ValueError for one of a day or more."""
    if text == "Z":
        return timezone(timedelta(0))
    shift = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(shift if text[0] == "+" else -shift)


def instants(walls: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    """The instants, in UTC, of times shown by a clock that is switched with `zone`, in the order of the file.

    An hour that came twice is told by the file itself: its times go back once, and with that no reading is missing:
    none follows the one before by more than one and a half intervals. Raises Doubt where the file does not tell it, and
    for times that no clock there ever showed.
    """
    found: list[datetime] = []
    twice: list[datetime] = []
    most = _most_apart(walls)
    for wall in walls:
        early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if early > late:
            raise Doubt("clock", _never_came(wall, zone))
        if early < late:
            twice.append(wall)
            continue
        found += _told_apart(twice, zone, most, found[-1:], [early])
        twice = []
        found.append(early)
    return found + _told_apart(twice, zone, most, found[-1:], [])


def _most_apart(walls: Sequence[datetime]) -> timedelta:
    """How far apart two readings lie between which none is missing: one and a half of the usual interval."""
    steps = [after - before for before, after in pairwise(walls) if after > before]
    return median_low(steps) * 3 / 2 if steps else timedelta(0)


def _told_apart(
    walls: Sequence[datetime],
    zone: ZoneInfo,
    most: timedelta,
    before: Sequence[datetime],
    after: Sequence[datetime],
) -> list[datetime]:
    """The instants of times in an hour that came twice: what comes before they go back, and what comes after.

    `before` and `after` hold the readings around it, where there are any.
    """
    if not walls:
        return []
    back = [n for n in range(1, len(walls)) if walls[n] < walls[n - 1]]
    if not back:  # a logger that reads once an hour shows the same time again
        back = [n for n in range(1, len(walls)) if walls[n] == walls[n - 1]]
    if len(back) != 1:
        raise _came_twice(walls[0], zone)
    found = [
        wall.replace(tzinfo=zone, fold=int(n >= back[0])).astimezone(UTC) for n, wall in enumerate(walls)
    ]
    if any(later - earlier > most for earlier, later in pairwise([*before, *found, *after])):
        raise _came_twice(walls[0], zone)
    return found


def _came_twice(wall: datetime, zone: ZoneInfo) -> Doubt:
    return Doubt(
        "clock",
        f"In the night of {wall:%Y-%m-%d} the hour of {wall:%H:%M} came twice in {zone.key}, and this file does not "
        "tell them apart. Say the offset at which the clock of the logger ran, or export each time with its offset.",
    )


def _never_came(wall: datetime, zone: ZoneInfo) -> str:
    return (
        f"There was no {wall:%H:%M} on {wall:%Y-%m-%d} in {zone.key}: the clock of the logger was not put forward. "
        "Say the offset at which it ran."
    )
