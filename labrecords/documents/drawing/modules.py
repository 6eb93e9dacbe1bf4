"""Square codes as a page draws them: the dark stretches of each row."""

from __future__ import annotations

from collections.abc import Iterable

Stretches = tuple[tuple[tuple[int, int], ...], ...]
"""For each row of a code its dark stretches: start and length in modules."""


def dark_stretches(rows: Iterable[Iterable[object]]) -> Stretches:
    """The dark stretches of a matrix in which dark modules are true."""
    found = []
    for row in rows:
        dark: list[tuple[int, int]] = []
        for column, value in enumerate(row):
            if not value:
                continue
            if dark and sum(dark[-1]) == column:
                dark[-1] = (dark[-1][0], dark[-1][1] + 1)
            else:
                dark.append((column, 1))
        found.append(tuple(dark))
    return tuple(found)
