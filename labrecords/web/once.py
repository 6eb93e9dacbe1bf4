"""Values of a request that must be there once: two of one name are refused, never one of them picked."""

from __future__ import annotations

from flask import abort, request


def one(name: str) -> str:
    """A value of the query, or "" when it is not there. Two of them end the request with 400."""
    values = request.args.getlist(name)
    if len(values) > 1:
        abort(400)
    return values[0] if values else ""
