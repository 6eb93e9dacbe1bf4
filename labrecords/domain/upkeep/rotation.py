"""Which backups are kept: of the last days, weeks and months one each. The others may go.

Source: EU GMP Annex 11, 7.2 (regular backups); NIST SP 800-34 (rotation by generations).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

_TYPED = re.compile(r"([0-9]{1,4}),([0-9]{1,4}),([0-9]{1,4})")


@dataclass(frozen=True)
class Keep:
    """Of so many days, weeks and months on which there is a backup, the newest one is kept."""

    daily: int = 14
    weekly: int = 8
    monthly: int = 24


def read_keep(text: str) -> Keep:
    """ "14,8,24" as days, weeks and months. Raises ValueError with a sentence for anything else."""
    match = _TYPED.fullmatch(text.replace(" ", ""))
    keep = Keep(*map(int, match.groups())) if match else None
    if keep is None or keep.daily < 1:
        raise ValueError("Write how many daily, weekly and monthly backups are kept, like 14,8,24.")
    return keep


def kept(instants: Iterable[datetime], keep: Keep) -> frozenset[datetime]:
    """Which of these backups are kept, by the UTC instant of each.

    Days without a backup do not count: a laboratory that was closed for a month loses none for it. The newest is
    always kept.
    """
    newest_first = sorted(set(instants), reverse=True)
    rules: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (keep.daily, lambda instant: instant.date()),
        (keep.weekly, lambda instant: instant.isocalendar()[:2]),
        (keep.monthly, lambda instant: (instant.year, instant.month)),
    )
    found = set(newest_first[:1])
    for count, period in rules:
        seen: dict[object, datetime] = {}
        for instant in newest_first:
            seen.setdefault(period(instant), instant)
        found |= set(list(seen.values())[:count])
    return frozenset(found)
