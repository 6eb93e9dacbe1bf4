"""Custody that is offered to somebody, and that somebody refuses to take (domain B8, B19; 1271.265)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Offer(Entry):
    """The giver's side of a hand-over, recorded before anybody has taken it: until then the giver holds it."""

    kind: ClassVar[str] = "offer"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY
    performer_label: ClassVar[str] = "Given by"
    ended_label: ClassVar[str] = "Offered at"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    receiver: str = facts.person("Offered to")
    place: str = facts.place("Place", hint="Where it waits for the receiver")
    transport_box: str | None = facts.code("Transport box", required=False)
    seal_number: str | None = facts.code("Seal number", required=False)
    temperature_c: Decimal | None = facts.number("Temperature when given", "°C", required=False, signed=True)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        alone = record.same_human(self.performed_by, self.receiver)
        itself = Stop("same person", "Giver and receiver are the same person.", "Name whom it is offered to.")
        return tuple(stop for stop in (wrong, itself if alone else None) if stop)

    def summary(self, record: BatchRecord) -> str:
        box = f", box {self.transport_box}" if self.transport_box else ""
        temperature = f", {plain(self.temperature_c)} °C" if self.temperature_c is not None else ""
        return (
            f"{self.container_code} offered to {record.name(self.receiver)}, {self.place}{box}{temperature}"
        )


@dataclass(frozen=True, kw_only=True)
class Refusal(Entry):
    """Who was to receive it did not take it: the giver goes on holding it."""

    kind: ClassVar[str] = "refusal"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY
    performer_label: ClassVar[str] = "Refused by"
    ended_label: ClassVar[str] = "Refused at"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    giver: str = facts.person("Offered by")
    why: str = facts.text("Why it was not taken", hint="Seal, label, temperature, appearance, papers")
    seal_number: str | None = facts.code("Seal number", required=False)
    temperature_c: Decimal | None = facts.number("Temperature found", "°C", required=False, signed=True)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        alone = record.same_human(self.performed_by, self.giver)
        itself = Stop("same person", "Nobody refuses what they offered themselves.", "Name who offered it.")
        return tuple(stop for stop in (wrong, itself if alone else None) if stop)

    def summary(self, record: BatchRecord) -> str:
        return f"{self.container_code} of {record.name(self.giver)} not taken: {self.why}"
