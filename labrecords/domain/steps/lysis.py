"""The lysis of red cells: reagent, how much, how long, how warm (domain S10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.materials import Material
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Lysis(Entry):
    kind: ClassVar[str] = "lysis"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    reagent: str = facts.text("Reagent", hint="Maker and product")
    reagent_lot: str = facts.text("Reagent lot")
    reagent_expiry: date | None = facts.day("Reagent expiry", required=False)
    ammonium_chloride_mm: Decimal | None = facts.number("Ammonium chloride", "mmol/L", required=False)
    volume_in_ml: Decimal = facts.number("Volume before the lysis", "mL")
    reagent_volume_ml: Decimal = facts.number("Reagent added", "mL")
    duration_min: Decimal = facts.number("Duration", "min")
    temperature_c: Decimal = facts.number("Temperature", "°C", signed=True)
    collected_volume_ml: Decimal = facts.number("Volume after the lysis", "mL")
    discarded_volume_ml: Decimal = facts.number("Volume discarded", "mL", hint="0 when there is none")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if not values["reagent_volume_ml"]:
            return {"reagent_volume_ml": "A lysis needs reagent. If nothing was added, say not done."}
        return {}

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        return (wrong,) if wrong else ()

    def flow(self) -> Flow:
        return Flow(
            in_ml=self.volume_in_ml,
            added_ml=self.reagent_volume_ml,
            out_ml=self.collected_volume_ml,
            waste_ml=self.discarded_volume_ml,
        )

    def materials(self) -> tuple[Material, ...]:
        return (Material(self.reagent, self.reagent_lot, self.reagent_expiry, self.reagent_volume_ml),)

    def summary(self, record: BatchRecord) -> str:
        return (
            f"{plain(self.reagent_volume_ml)} mL {self.reagent}, lot {self.reagent_lot}; "
            f"{plain(self.duration_min)} min at {plain(self.temperature_c)} °C"
        )
