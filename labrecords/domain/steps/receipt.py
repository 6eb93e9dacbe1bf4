"""The inspection of the harvest on receipt in the laboratory (domain B9; 21 CFR 1271.265(a))."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.flow import Flow
from labrecords.domain.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

APPEARANCES = ("normal", "haemolysed", "clotted", "other")
ACCEPT, QUARANTINE, REJECT = "accept", "quarantine", "reject"


@dataclass(frozen=True, kw_only=True)
class Receipt(Entry):
    kind: ClassVar[str] = "receipt"
    performer_label: ClassVar[str] = "Inspected by"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    volume_ml: Decimal = facts.number("Volume received", "mL")
    temperature_c: Decimal = facts.number("Temperature", "°C", signed=True)
    appearance: str = facts.choice("Appearance", APPEARANCES)
    clots: bool = facts.yesno("Clots seen")
    leaks: bool = facts.yesno("Leaks seen")
    label_legible: bool = facts.yesno("Label legible")
    decision: str = facts.choice("Decision", (ACCEPT, QUARANTINE, REJECT))

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        return (wrong,) if wrong else ()

    def flow(self) -> Flow:
        return Flow(out_ml=self.volume_ml)

    def defects(self) -> tuple[str, ...]:
        """What the inspection found wrong, in words."""
        found = (
            ("appearance " + self.appearance, self.appearance != "normal"),
            ("clots", self.clots),
            ("leaks", self.leaks),
            ("label not legible", not self.label_legible),
        )
        return tuple(words for words, present in found if present)

    def summary(self, record: BatchRecord) -> str:
        seen = ", ".join(self.defects()) or "no defects"
        return (
            f"{plain(self.volume_ml)} mL, {plain(self.temperature_c)} °C, {seen}; decision: {self.decision}"
        )
