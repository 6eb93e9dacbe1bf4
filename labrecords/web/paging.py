"""Pages of lists by key: the key that the address carries, as our own links write it."""

from __future__ import annotations

import re

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
