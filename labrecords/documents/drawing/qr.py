"""QR codes as a page draws them: the dark stretches of each row."""

from __future__ import annotations

from functools import lru_cache

import segno


@lru_cache(16)
def dark_stretches(payload: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each row of the code its dark stretches: start and length in modules."""
    rows = []
    for row in segno.make(payload, error="m", micro=False).matrix:
        dark: list[tuple[int, int]] = []
        for column, value in enumerate(row):
            if not value:
                continue
            if dark and sum(dark[-1]) == column:
                dark[-1] = (dark[-1][0], dark[-1][1] + 1)
            else:
                dark.append((column, 1))
        rows.append(tuple(dark))
    return tuple(rows)
