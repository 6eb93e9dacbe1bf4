"""Taking up the concentrate and filling the final container (domain B13, B14, B17)."""

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
from labrecords.domain.processes.process import PATHWAYS
from labrecords.domain.registers.materials import Material
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

UNITS = ("mL", "IU", "mg", "µg")


@dataclass(frozen=True, kw_only=True)
class Additive:
    """Something that was added to the cells besides the diluent."""

    name: str = facts.text("Name")
    lot: str | None = facts.text("Lot", required=False)
    expiry: date | None = facts.day("Expiry", required=False)
    amount: Decimal = facts.number("Amount", "")
    amount_unit: str = facts.choice("Unit", UNITS)


DILUENTS = ("autologous plasma", "saline", "Ringer's solution", "none")


@dataclass(frozen=True, kw_only=True)
class Resuspension(Entry):
    kind: ClassVar[str] = "resuspension"

    source_container_code: str = facts.code("From container", hint="Scan or type the code on the tube")
    diluent: str = facts.choice("Diluent", DILUENTS)
    diluent_volume_ml: Decimal = facts.number("Diluent volume", "mL", hint="0 when there is none")
    diluent_lot: str | None = facts.text("Diluent lot", required=False)
    diluent_expiry: date | None = facts.day("Diluent expiry", required=False)
    additives: tuple[Additive, ...] = facts.rows("Additives", Additive, required=False)
    final_volume_ml: Decimal = facts.number("Final volume", "mL")
    container_code: str = facts.code(
        "Final container", hint="Code on the syringe or bag that is filled", new=True
    )

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if not values["final_volume_ml"]:
            return {
                "final_volume_ml": "A filled container holds more than 0 mL. If nothing was filled, say not done."
            }
        if values["diluent"] == "none" and values["diluent_volume_ml"]:
            return {"diluent_volume_ml": "Without diluent its volume is 0."}
        return {}

    def doubts(self, record: BatchRecord) -> dict[str, str]:
        """What is not on the list of the process is asked back with a reason (21 CFR 1271.10(a)(3))."""
        allowed = record.process.additives
        known = {name.casefold() for name in allowed}
        others = [row.name for row in self.additives if row.name.strip().casefold() not in known]
        if not others:
            return {}
        listed = ", ".join(allowed) or "nothing"
        return {
            "additives": f"Outside the list of additives of this pathway ({PATHWAYS[record.process.pathway]}): "
            f"{', '.join(others)}. On the list: {listed}."
        }

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def holds(self) -> str | None:
        return self.container_code

    def flow(self) -> Flow:
        return Flow(added_ml=self.diluent_volume_ml, out_ml=self.final_volume_ml, waste_ml=None)

    def materials(self) -> tuple[Material, ...]:
        used = []
        if self.diluent != "none":
            used.append(Material(self.diluent, self.diluent_lot, self.diluent_expiry, self.diluent_volume_ml))
        for row in self.additives:
            volume = row.amount if row.amount_unit == "mL" else None
            amount = "" if row.amount_unit == "mL" else f"{plain(row.amount)} {row.amount_unit}"
            used.append(Material(row.name, row.lot, row.expiry, volume, amount))
        return tuple(used)

    def summary(self, record: BatchRecord) -> str:
        return (
            f"{plain(self.final_volume_ml)} mL in {self.container_code}, "
            f"{plain(self.diluent_volume_ml)} mL {self.diluent}"
        )
