"""A container put into a place that keeps it, or taken out again: a fridge may hold it overnight (1271.260)."""

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

PUT_AWAY, TAKEN_OUT = "put away", "taken out"


@dataclass(frozen=True, kw_only=True)
class Storage(Entry):
    kind: ClassVar[str] = "storage"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY
    performer_label: ClassVar[str] = "Moved by"
    ended_label: ClassVar[str] = "Moved at"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    movement: str = facts.choice("Movement", (PUT_AWAY, TAKEN_OUT))
    place: str = facts.place("Place", hint="The fridge, freezer or cabinet that keeps it")
    position: str | None = facts.text("Position", required=False, hint="Shelf, box or slot")
    temperature_c: Decimal | None = facts.number(
        "Temperature of the place", "°C", required=False, signed=True
    )

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        return (wrong,) if wrong else ()

    def summary(self, record: BatchRecord) -> str:
        way = "into" if self.movement == PUT_AWAY else "out of"
        position = f", {self.position}" if self.position else ""
        temperature = f", {plain(self.temperature_c)} °C" if self.temperature_c is not None else ""
        return f"{self.container_code} {way} {self.place}{position}{temperature}"
