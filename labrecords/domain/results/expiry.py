"""Until when the product may be used: the earliest of all limits, computed in UTC (domain 3.10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.containers import holding_now, last_filled, line_of
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
    """The instant before which the product must be used; None before the harvest or where no limit is defined.

    Where the product is in several containers, that of the one which expires first.
    """
    each = [limit for code in holding_now(record) if (limit := use_before_of(record, code))]
    return min(each, key=lambda limit: limit.until, default=None)


def use_before_of(record: BatchRecord, container_code: str) -> UseBefore | None:
    """The same of one container: the harvests that its material came from, and the last time it was filled over.

    What was divided, poured together or filled later goes on with the age it had, of several the oldest. A code that
    this batch never filled is judged as the container in use.
    """
    if not line_of(record, container_code) and (in_use := holding_now(record)):
        container_code = in_use[-1]
    limits = tuple(dict.fromkeys(_limits(record, container_code)))
    return _earliest(record, limits) if limits else None


def _limits(record: BatchRecord, container_code: str) -> Iterator[ExpiryLimit]:
    """The limits of every way that the material came, those of the harvests first, the first one first."""
    process = record.process
    if process.max_age_h is not None:
        for harvest in reversed([entry for entry in line_of(record, container_code) if entry.collects]):
            yield _limit(record, "end of harvest", harvest, process.max_age_h)
    if process.shelf_life_h is not None:
        for filled in reversed(last_filled(record, container_code)):
            yield _limit(record, "filling of the final container", filled, process.shelf_life_h)


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


def expiry_stop(record: BatchRecord, at: datetime, container_code: str = "") -> Stop | None:
    """A critical stop when the product, or this container of it, had expired at the given instant.

    The last instant itself is in date.
    """
    limit = use_before_of(record, container_code) if container_code else use_before(record)
    if limit is None or at <= limit.until:
        return None
    until = times.show(limit.until, ZoneInfo(record.laboratory.zone))
    what = f"{container_code} has expired" if container_code else "This product has expired"
    return Stop(
        rule="expired",
        sentence=f"{what}: it was to be used before {until}.",
        way_out="Set the product aside and call QA, who decide what becomes of it.",
        critical=True,
    )
