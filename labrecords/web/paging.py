"""Pages of lists: the key and the days that the address carries, as our own links and forms write them."""

from __future__ import annotations

import re
from datetime import date

from flask import abort, request

_MOMENT_KEY = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z/[0-9a-f]{32}")


def moment_key(name: str = "before") -> str:
    """The key of a page in a list by time: instant and id of the last row before it, or empty for the first page.

    Anything else is no link of ours: 400.
    """
    key = request.args.get(name, "")
    if key and not _MOMENT_KEY.fullmatch(key):
        abort(400)
    return key


def day_or_400(text: str) -> date | None:
    """A day as the entry of a day sends it; None where it is empty. Anything else is no form of ours: 400."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400)
    if not 1900 < day.year < 9000:
        abort(400)
    return day
