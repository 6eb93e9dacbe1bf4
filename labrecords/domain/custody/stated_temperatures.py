"""What people measured on a container themselves: when it was given, received, inspected, put away or taken out.

A transport or a time in store has such values besides the readings of its loggers. Instants are UTC, temperatures °C.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.temperature_logs import Sample
from labrecords.domain.once import once
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.offer import Offer, Refusal
from labrecords.domain.steps.receipt import Receipt
from labrecords.domain.steps.storage import PUT_AWAY, Storage

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

Held = Handover | Offer | Refusal | Receipt | Storage
"""The acts at which somebody has the container, or the place that keeps it, before them."""


@dataclass(frozen=True)
class Stated:
    """One temperature that a person measured."""

    container: str
    sample: Sample
    person_id: str
    step_key: str
    when: str
    """At which act, in words: "when it was given"."""
    of_place: bool = False
    """Whether it was measured in the place that keeps the container."""
    begins: bool = False
    """Whether the place keeps it from then on."""


@once
def stated_temperatures(record: BatchRecord) -> tuple[Stated, ...]:
    """Every temperature that was stated of a container, in the order of time."""
    return tuple(sorted(_stated(record), key=lambda one: one.sample.at))


def _stated(record: BatchRecord) -> Iterator[Stated]:
    for act in record.of_kind(Handover):
        yield from _measured(act, act.given_at, act.giver, act.given_temperature_c, "when it was given")
        yield from _now(act, act.temperature_c, "when it was received")
    for offer in record.of_kind(Offer):
        yield from _now(offer, offer.temperature_c, "when it was offered")
    for refusal in record.of_kind(Refusal):
        yield from _now(refusal, refusal.temperature_c, "when it was refused")
    for receipt in record.of_kind(Receipt):
        yield from _now(receipt, receipt.temperature_c, "when it was inspected")
    for moved in record.of_kind(Storage):
        when = f"in {moved.place}, when it was {moved.movement}"
        for one in _now(moved, moved.temperature_c, when):
            yield replace(one, of_place=True, begins=moved.movement == PUT_AWAY)


def _now(act: Held, celsius: Decimal | None, when: str) -> Iterator[Stated]:
    return _measured(act, act.performed_at, act.performed_by, celsius, when)


def _measured(
    act: Held, at: datetime, person_id: str, celsius: Decimal | None, when: str
) -> Iterator[Stated]:
    if celsius is not None:
        yield Stated(act.container_code, Sample(at, celsius), person_id, act.step_key, when)
