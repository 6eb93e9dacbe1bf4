"""Instants: typed in the laboratory's zone, stored and computed in UTC.

Adding hours to a local time in Python is wall-clock arithmetic and goes wrong when the clocks change, so
nothing here computes with local times: they are read, converted to UTC, and shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

EARLIEST_YEAR, LATEST_YEAR = 1980, 2199
EXAMPLE = "2026-11-22 14:30"

_TYPED = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ ]|T)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(?:[ ]?(Z|[+−-][0-9]{2}:?[0-9]{2}))?"
)
_STORED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_TIME_OF_DAY = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
RECENT = timedelta(hours=12)
"""So far back a time of day without a date is understood as today's."""
_DATE_ONLY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 40


class NotATime(ValueError):
    """The text is no clear instant; the message is a sentence for the user, with what to write instead."""


def parse_local(text: str, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, that `text` says on the clocks of `zone`.

    Accepted: "2026-11-22 14:30", with seconds, with T instead of the space, and with an offset ("+01:00" or
    Z), which then counts instead of the zone. Raises `NotATime` for anything else, for a local time that the
    clocks skipped, and for one that they showed twice: the sentence then names both offsets as ways out.
    """
    typed = text.strip()
    match = _TYPED.fullmatch(typed)
    if not match:
        raise NotATime(_what_is_wrong(typed))
    wall = _wall_time(match)
    if offset := match.group(7):
        return _with_offset(wall, offset)
    earlier = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if earlier == later:
        return earlier
    if _on_the_wall(earlier, zone) != wall:
        raise NotATime(_skipped(wall, _on_the_wall(earlier, zone), zone))
    raise NotATime(_twice(earlier, later, zone))


def parse_recent(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Like `parse_local`, and a time of day alone is that of today on the clocks of `zone`: "14:30".

    Only where no other day can be meant: raises `NotATime` also for a time of day that would be still to come, or
    that would be more than `RECENT` ago.
    """
    typed = text.strip()
    if not is_time_of_day(typed):
        return parse_local(text, zone)
    here = local(now, zone)
    stated = f"{typed:0>5}" if typed.count(":") == 1 else f"{typed:0>8}"
    moment = parse_local(f"{here:%Y-%m-%d} {stated}", zone)
    if moment > now:
        before = f"{here.date() - timedelta(days=1)} {stated}"
        raise NotATime(
            f"It is {here:%H:%M} now, so {stated} would be in the future. Write the date, for example {before}."
        )
    if now - moment > RECENT:
        raise NotATime(
            f"{stated} today would be more than 12 h ago. Write the date: {here:%Y-%m-%d} {stated} if it was today."
        )
    return moment


def is_time_of_day(text: str) -> bool:
    """Whether the text says a time of day and no date."""
    return _TIME_OF_DAY.fullmatch(text.strip()) is not None


def to_text(moment: datetime) -> str:
    """The one stored form of an instant: "2026-11-22T14:30:00.000000Z".

    Raises `ValueError` for a naive datetime.
    """
    return f"{_utc(moment).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def from_text(text: str) -> datetime:
    """The instant, in UTC, of a stored text. Raises `NotATime` for any other form than that of `to_text`."""
    if not _STORED.fullmatch(text):
        raise NotATime("This is no stored time: it should look like 2026-11-22T14:30:00.000000Z.")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NotATime("This is no stored time: there is no such day or hour.") from error


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant on the clocks of `zone`, to be shown, never computed with.

    Raises `ValueError` for a naive datetime.
    """
    return _utc(moment).astimezone(zone)


def show(moment: datetime, zone: ZoneInfo) -> str:
    """The instant on the clocks of `zone`, to the second begun: "2026-11-22 14:30:05 +01:00"."""
    text = local(moment, zone).isoformat(sep=" ", timespec="seconds")
    return f"{text[:19]} {text[19:]}"


def days_between(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants, in UTC, with which the first day begins and the last one ends on the clocks of `zone`."""
    begins, after = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return begins.astimezone(UTC), after.astimezone(UTC)


def minute(moment: datetime) -> datetime:
    """The beginning of the minute of an instant. Times are stated to the minute, so they are compared by it."""
    return moment.replace(second=0, microsecond=0)


def end_of_minute(moment: datetime) -> datetime:
    """The last instant of the minute of an instant."""
    return moment.replace(second=59, microsecond=999999)


def add_hours(moment: datetime, hours: Decimal) -> datetime:
    """The instant `hours` later (earlier for a negative number), in UTC, exact to the microsecond.

    Raises `ValueError` for a naive datetime, or when there is no such date any more.
    """
    microseconds = (hours * 3_600_000_000).to_integral_value(ROUND_HALF_UP)
    try:
        return _utc(moment) + timedelta(microseconds=int(microseconds))
    except OverflowError as error:
        raise ValueError(f"there is no date {hours} hours from {moment}") from error


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset from UTC: this one has none")
    return moment.astimezone(UTC)


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _wall_time(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise NotATime(f"The year {match.group(1)} cannot be right. Check it; a time looks like {EXAMPLE}.")
    if not 1 <= month <= 12:
        raise NotATime(f"There is no month {month}. Write year, month, day: {EXAMPLE}.")
    if (hour, minute, second) == (24, 0, 0):
        raise NotATime("Write midnight as 00:00 of the next day.")
    if hour > 23 or minute > 59 or second > 59:
        raise NotATime(
            "There is no such time of day. Hours go from 00 to 23, minutes and seconds from 00 to 59."
        )
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - what a clock on the wall shows
    except ValueError as error:
        raise NotATime(f"There is no day {day} in month {month} of {year}. Check the date.") from error


def _with_offset(wall: datetime, offset: str) -> datetime:
    if offset == "Z":
        return wall.replace(tzinfo=UTC)
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if minutes > 59 or (hours, minutes) > (14, 0):
        raise NotATime(f"There is no offset {offset}. Offsets go from -14:00 to +14:00, for example +01:00.")
    shift = timedelta(hours=hours, minutes=minutes)
    return wall.replace(tzinfo=timezone(shift if offset[0] == "+" else -shift)).astimezone(UTC)


def _skipped(wall: datetime, moved: datetime, zone: ZoneInfo) -> str:
    return (
        f"There was no {wall:%H:%M} on {wall:%Y-%m-%d} in {zone.key}: the clocks were put forward. "
        f"Write {moved:%Y-%m-%d %H:%M} if your clock had not been put forward yet, or check the time."
    )


def _twice(earlier: datetime, later: datetime, zone: ZoneInfo) -> str:
    first, second = show(earlier, zone), show(later, zone)
    return (
        f"The clocks in {zone.key} showed {first[11:16]} twice on {first[:10]}. "
        f"Write {first} for the first time or {second} for the second."
    )


def _what_is_wrong(typed: str) -> str:
    if not typed:
        return f"Write date and time, for example {EXAMPLE}."
    if len(typed) > _LONGEST:
        return f"This is too long for a date and time. Write it like {EXAMPLE}."
    if any(character.isdecimal() and not character.isascii() for character in typed):
        return f"Use the digits 0 to 9, for example {EXAMPLE}."
    if _DATE_ONLY.fullmatch(typed):
        return f"The time of day is missing. Write, for example, {typed} 14:30."
    if re.search(r"[ap]\.?m\.?$", typed, re.IGNORECASE):
        return f"Write the time with 24 hours, without am and pm: 2:30 pm is 14:30. For example {EXAMPLE}."
    return f"Write year-month-day and the time with 24 hours, for example {EXAMPLE}."


def hours_left(end: datetime, since: datetime) -> Decimal:
    """The hours from an instant to an end, to the second; negative when the end has passed."""
    return Decimal(int((end - since).total_seconds())) / 3600


def hours_until_first_end(begins: Sequence[datetime], hours: Sequence[Decimal]) -> Decimal:
    """The hours from the first of these beginnings to the first end, where each has so many hours of its own.

    Exact enough to give the end back to the microsecond. Raises `ValueError` where there is none.
    """
    ends = [add_hours(begin, allowed) for begin, allowed in zip(begins, hours, strict=True)]
    return Decimal((min(ends) - min(begins)) // timedelta(microseconds=1)) / 3_600_000_000
