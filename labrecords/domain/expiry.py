"""Until when the product may be used: the earliest of all limits, computed in UTC (domain 3.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain import times
from labrecords.domain.entries import Stop

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class ExpiryLimit:
    """One limit: an event, the hours allowed after it, and the instant that gives."""

    label: str
    since: datetime
    hours: Decimal
    until: datetime


@dataclass(frozen=True)
class UseBefore:
    """The earliest limit counts; the others are shown as its derivation."""

    until: datetime
    limits: tuple[ExpiryLimit, ...]


def use_before(record: BatchRecord) -> UseBefore | None:
    """The instant before which the product must be used; None before the harvest or where no limit is defined."""
    from labrecords.domain.collection import Collection, collections

    process, limits = record.process, []
    for harvest in collections(record):
        if process.max_age_h is not None:
            limits.append(_limit("end of harvest", harvest.performed_at, process.max_age_h))
    filled = [
        entry for entry in record.current_entries() if entry.holds() and not isinstance(entry, Collection)
    ]
    if filled and process.shelf_life_h is not None:
        limits.append(_limit("filling of the final container", filled[-1].performed_at, process.shelf_life_h))
    if not limits:
        return None
    return UseBefore(min(limit.until for limit in limits), tuple(limits))


def _limit(label: str, since: datetime, hours: Decimal) -> ExpiryLimit:
    return ExpiryLimit(label, since, hours, times.add_hours(since, hours))


def expiry_stop(record: BatchRecord, at: datetime) -> Stop | None:
    """A critical stop when the product had expired at the given instant; the last instant itself is in date."""
    limit = use_before(record)
    if limit is None or at <= limit.until:
        return None
    return Stop(
        rule="expired",
        sentence="This product has expired: its use-before time has passed.",
        way_out="Set the product aside and call QA.",
        critical=True,
    )
