"""Until when the product may be used: the earliest of all limits, computed in UTC (domain 3.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.once import once
from labrecords.domain.values import times
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class ExpiryLimit:
    """One limit: an event, the hours allowed after it, and the instant that gives."""

    label: str
    since: datetime
    hours: Decimal
    until: datetime
    step_number: int
    """Of the step whose end it begins with."""


@dataclass(frozen=True)
class UseBefore:
    """The earliest limit counts; the others are shown as its derivation."""

    until: datetime
    limits: tuple[ExpiryLimit, ...]
    derived: Derived
    """The same as a number: the hours from the first event to `until`."""


@once
def use_before(record: BatchRecord) -> UseBefore | None:
    """The instant before which the product must be used; None before the harvest or where no limit is defined."""
    from labrecords.domain.custody.collection import Collection, collections

    process, limits = record.process, []
    for harvest in collections(record):
        if process.max_age_h is not None:
            limits.append(_limit(record, "end of harvest", harvest, process.max_age_h))
    filled = [
        entry for entry in record.current_entries() if entry.holds() and not isinstance(entry, Collection)
    ]
    if filled and process.shelf_life_h is not None:
        limits.append(_limit(record, "filling of the final container", filled[-1], process.shelf_life_h))
    if not limits:
        return None
    return _earliest(record, tuple(limits))


def _earliest(record: BatchRecord, limits: tuple[ExpiryLimit, ...]) -> UseBefore:
    used, zone = record.formula("use-before"), ZoneInfo(record.laboratory.zone)
    first = min(limit.since for limit in limits)
    hours = used.compute([limit.since for limit in limits], [limit.hours for limit in limits])
    until = times.add_hours(first, hours)
    inputs: list[Input] = []
    for number, limit in enumerate(limits, start=1):
        begin = times.show(limit.since, zone)
        inputs.append(Input(f"B{number}", limit.label, begin, "", f"step {limit.step_number}"))
        inputs.append(Input(f"h{number}", "allowed after it", plain(limit.hours), "h", "process definition"))
    derived = Derived(
        key="use_before_h",
        label=f"Use before {times.show(until, zone)}: hours from the first event to then",
        value=hours,
        reported=plain(round_half_up(hours, 2)),
        unit="h",
        formula=used.text,
        formula_id=used.id,
        inputs=tuple(inputs),
        rounding="rounded half-up to 2 decimals; the time itself to the second",
    )
    return UseBefore(until, limits, derived)


def _limit(record: BatchRecord, label: str, entry: Entry, hours: Decimal) -> ExpiryLimit:
    since, number = entry.performed_at, record.process.step(entry.step_key).number
    return ExpiryLimit(label, since, hours, times.add_hours(since, hours), number)


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
