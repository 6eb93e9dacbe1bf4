"""A check that is relied on: which of its versions count, and that they found nothing wrong (domain B2, B20).

A check that stopped can be recorded as having happened. It is confirmed then as well, and opens the way to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from labrecords.domain.entries import Entry, Stop

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

Check = TypeVar("Check", bound=Entry)


def last_confirmed(record: BatchRecord, checks: Iterable[Check], at: datetime) -> tuple[Check, ...]:
    """Of the versions of one check the last that had been confirmed by an instant; none where none had been."""
    return tuple(one for one in checks if one.recorded_at <= at and not record.outstanding(one, at))[-1:]


def found_wrong(
    record: BatchRecord,
    checks: Iterable[Check],
    at: datetime,
    judged: Callable[[Check], Iterable[Stop]],
) -> tuple[Stop, ...]:
    """What one check found critically wrong, as its versions stood at an instant, each once.

    Judged are the last confirmed version and the last one recorded: a correction that finds the wrong patient
    counts before anybody has confirmed it, and one that finds the right patient only afterwards.
    """
    known = [one for one in checks if one.recorded_at <= at]
    relied_on = {one.id: one for one in (*last_confirmed(record, known, at), *known[-1:])}
    wrong = (stop for one in relied_on.values() for stop in judged(one) if stop.critical)
    return tuple(dict.fromkeys(wrong))
