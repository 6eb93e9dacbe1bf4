"""How an installation is, as findings: what was looked at, what was found, and what to do.

Limits: a backup older than 26 hours is looked at, older than 3 days is wrong; a verification of the trail likewise with
8 and 31 days; EU GMP Annex 11, 7.2 and 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class State(Enum):
    """`WRONG`: records are in danger, or nobody can work. `LOOK`: somebody should see to it soon."""

    GOOD = "good"
    LOOK = "to look at"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `todo` says what to do; empty where it is good."""

    subject: str
    state: State
    sentence: str
    todo: str = ""


BACKUP_LOOK, BACKUP_WRONG = timedelta(hours=26), timedelta(days=3)
VERIFIED_LOOK, VERIFIED_WRONG = timedelta(days=8), timedelta(days=31)
DRIFT_LOOK, DRIFT_WRONG = timedelta(seconds=2), timedelta(seconds=60)
FSYNC_LOOK, FSYNC_WRONG = timedelta(milliseconds=100), timedelta(seconds=2)
FREE_LOOK, FREE_WRONG = 2 * 1024**3, 256 * 1024**2
EXPIRY_LOOK = timedelta(days=90)


def by_age(age: timedelta | None, look: timedelta, wrong: timedelta) -> State:
    """How an age is judged: at the limit itself it is still good. None, what never happened, is wrong."""
    if age is None or age > wrong:
        return State.WRONG
    return State.LOOK if age > look else State.GOOD


def by_space(free: int, needed: int) -> State:
    """How much room a disk has, in bytes. `needed` is what a copy of the database takes."""
    if free < max(FREE_WRONG, needed):
        return State.WRONG
    return State.LOOK if free < max(FREE_LOOK, 3 * needed) else State.GOOD


def worst(findings: Sequence[Finding]) -> State:
    """The worst of all; good where nothing was found."""
    states = {item.state for item in findings}
    return next((state for state in (State.WRONG, State.LOOK) if state in states), State.GOOD)


def age_words(age: timedelta) -> str:
    """An age as people say it: minutes up to two hours, hours up to two days, then days."""
    minutes = age // timedelta(minutes=1)
    if minutes < 120:
        return f"{max(minutes, 0)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def size_words(size: int) -> str:
    """A size as people say it, with the unit: whole kilobytes, then tenths."""
    if size < 1_000_000:
        return f"{size} bytes" if size < 1000 else f"{(size + 500) // 1000} kB"
    unit, word = (1_000_000, "MB") if size < 1_000_000_000 else (1_000_000_000, "GB")
    tenths = (size * 10 + unit // 2) // unit
    return f"{tenths // 10}.{tenths % 10} {word}"
