"""The chain of custody: who held the material where, from the harvest to the injection (domain 5.7, 8.2 section 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.collection import collections
from labrecords.domain.once import once
from labrecords.domain.status import product_ended_at
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.handover import Handover
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Segment:
    """One holder, or nobody, for one stretch of time. `end` is None while it lasts."""

    start: datetime
    end: datetime | None
    holder: str
    place: str
    container: str
    temperature_c: Decimal | None = None
    """Temperature measured when this holder received the material, in °C."""
    seal: str = ""
    gap: bool = False
    note: str = ""


@dataclass(frozen=True)
class CustodyBreak:
    """A place where the chain of custody does not hold."""

    rule: str
    sentence: str
    step_key: str
    start: datetime
    end: datetime


def handovers(record: BatchRecord) -> tuple[Handover, ...]:
    """The hand-overs that count, in the order of time."""
    return tuple(sorted(record.of_kind(Handover), key=lambda handover: handover.performed_at))


@once
def segments(record: BatchRecord) -> tuple[Segment, ...]:
    """The holders in the order of time, with a gap segment wherever nobody held the material.

    Giving and receiving within the tolerance of the process counts as one act.
    """
    harvests = collections(record)
    if not harvests:
        return ()
    harvest, tolerance = harvests[0], _tolerance(record)
    start, holder, place = harvest.performed_at, record.name(harvest.performed_by), harvest.place
    container, temperature, seal = harvest.container_code, None, harvest.seal_number or ""
    found: list[Segment] = []
    for handover in handovers(record):
        # A time that was typed to the minute may lie some seconds before one that was taken from the clock.
        given = (
            max(start, handover.given_at) if times.minute(start) <= handover.given_at else handover.given_at
        )
        found.append(Segment(start, given, holder, place, container, temperature, seal))
        if handover.performed_at - handover.given_at > tolerance:
            found.append(
                Segment(
                    handover.given_at,
                    handover.performed_at,
                    "nobody",
                    f"between {handover.place_from} and {handover.place_to}",
                    handover.container_code,
                    gap=True,
                    note="given, and received later by the next holder",
                )
            )
        start, holder, place = handover.performed_at, record.name(handover.performed_by), handover.place_to
        container, temperature = handover.container_code, handover.temperature_c
        whole = "whole" if handover.seal_whole else "broken"
        seal = f"{handover.seal_number}, {whole}" if handover.seal_number else whole
    injections = record.of_kind(Injection)
    end = injections[-1].performed_at if injections else product_ended_at(record)
    found.append(Segment(start, end, holder, place, container, temperature, seal))
    return tuple(found)


@once
def breaks(record: BatchRecord) -> tuple[CustodyBreak, ...]:
    """Every gap, and every hand-over or injection by somebody who did not hold the material."""
    harvests = collections(record)
    if not harvests:
        return ()
    holder, since, found = harvests[0].performed_by, harvests[0].performed_at, []
    for handover in handovers(record):
        start, end = handover.given_at, handover.performed_at
        if handover.giver != holder:
            found.append(
                CustodyBreak(
                    "holder",
                    f"{record.name(handover.giver)} gave what {record.name(holder)} held.",
                    handover.step_key,
                    start,
                    end,
                )
            )
        if start < times.minute(since):
            found.append(
                CustodyBreak(
                    "overlap", "It was given before its giver had it.", handover.step_key, start, since
                )
            )
        if end - start > _tolerance(record):
            minutes = int((end - start).total_seconds() // 60)
            found.append(
                CustodyBreak(
                    "gap", f"Nobody held the material for {minutes} min.", handover.step_key, start, end
                )
            )
        if not handover.seal_whole:
            found.append(
                CustodyBreak("seal", "Seal or container was broken at receipt.", handover.step_key, end, end)
            )
        holder, since = handover.performed_by, end
    for injection in record.of_kind(Injection):
        if injection.performed_by != holder:
            found.append(
                CustodyBreak(
                    "holder",
                    f"{record.name(injection.performed_by)} injected what {record.name(holder)} held.",
                    injection.step_key,
                    injection.performed_at,
                    injection.performed_at,
                )
            )
    return tuple(found)


def _tolerance(record: BatchRecord) -> timedelta:
    return timedelta(seconds=int(record.process.custody_gap_min * 60))
