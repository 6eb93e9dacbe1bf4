"""Pages of lists: the key and the days that the address carries, as our own links and forms write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, request

from labrecords.domain.values import times

_MOMENT_KEY = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z/[0-9a-f]{32}")


def moment_key(name: str = "before") -> str:
    """The key of a page in a list by time: instant and id of the last row before it, or empty for the first page.

    Anything else is no link of ours: 400.
    """
    key = request.args.get(name, "")
    if key and not _MOMENT_KEY.fullmatch(key):
        abort(400)
    return key


def days_typed(
    begins: str, ends: str, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None, dict[str, str]]:
    """From when to when the days that were typed are on the clocks of the zone, and what is wrong with them."""
    found = {name: _day(text) for name, text in (("begins", begins), ("ends", ends)) if text.strip()}
    wrong = {name: "Type the day as 2026-11-23." for name, day in found.items() if day is None}
    first, last = found.get("begins"), found.get("ends")
    return (
        times.days_between(first, first, zone)[0] if first else None,
        times.days_between(last, last, zone)[1] if last else None,
        wrong,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if 1900 < day.year < 9000 else None
