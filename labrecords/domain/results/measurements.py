"""The measurements of a step: the first one with its corrections, then each repeat or next report with its own."""

from __future__ import annotations

from collections.abc import Sequence

from labrecords.domain.entries import REPEATED, REPORTED, Entry


def measurements(history: Sequence[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """The versions of a step, the oldest first, by measurement. The last version of each is its result."""
    found: list[tuple[Entry, ...]] = []
    for entry in history:
        if found and entry.follows_as not in (REPEATED, REPORTED):
            found[-1] += (entry,)
        else:
            found.append((entry,))
    return tuple(found)
