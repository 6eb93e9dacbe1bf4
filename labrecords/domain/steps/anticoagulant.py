"""Preparing the anticoagulant before the harvest: what it is, how much, for how much marrow (domain B5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input, exact
from labrecords.domain.entries import Entry
from labrecords.domain.permissions import Permission
from labrecords.domain.registers.materials import Material
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

ANTICOAGULANTS = ("ACD-A", "heparin", "CPD", "none")


@dataclass(frozen=True, kw_only=True)
class AnticoagulantPreparation(Entry):
    kind: ClassVar[str] = "anticoagulant_preparation"
    derived_keys: ClassVar[tuple[str, ...]] = ("ratio", "heparin_iu")
    performer_label: ClassVar[str] = "Prepared by"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    anticoagulant: str = facts.choice("Anticoagulant", ANTICOAGULANTS)
    maker: str | None = facts.text("Maker", required=False)
    lot: str | None = facts.text("Lot", required=False)
    expiry: date | None = facts.day("Expiry", required=False)
    volume_ml: Decimal = facts.number("Volume", "mL", hint="0 when there is none")
    heparin_iu_per_ml: Decimal | None = facts.number(
        "Heparin concentration", "IU/mL", required=False, hint="Where it is heparin"
    )
    planned_marrow_ml: Decimal = facts.number("Marrow planned", "mL", hint="Without the anticoagulant")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        chosen = values["anticoagulant"]
        if chosen == "none":
            if values["volume_ml"]:
                found["volume_ml"] = "Without anticoagulant its volume is 0."
        else:
            if not values["volume_ml"]:
                found["volume_ml"] = f"More than 0 mL of {chosen} is prepared. If there is none, choose none."
            if not values.get("lot"):
                found["lot"] = f"Fill in the lot of the {chosen}."
        if chosen == "heparin" and values.get("heparin_iu_per_ml") is None:
            found["heparin_iu_per_ml"] = "Fill in how many units the heparin has in each mL."
        if chosen != "heparin" and values.get("heparin_iu_per_ml") is not None:
            found["heparin_iu_per_ml"] = (
                "Units are stated of heparin only, and another anticoagulant is chosen."
            )
        if not values["planned_marrow_ml"]:
            found["planned_marrow_ml"] = "Some marrow is planned: more than 0 mL."
        return found

    def materials(self) -> tuple[Material, ...]:
        if self.anticoagulant == "none":
            return ()
        return (Material(self.anticoagulant, self.lot, self.expiry, self.volume_ml, maker=self.maker or ""),)

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        if not self.volume_ml:
            return ()
        volume = Input("Va", "anticoagulant", plain(self.volume_ml), "mL", here)
        used = record.formula("anticoagulant-ratio")
        ratio = used.compute(self.planned_marrow_ml, self.volume_ml)
        found = [
            Derived(
                key="ratio",
                label="Marrow to one part of anticoagulant",
                value=ratio,
                reported=f"1 : {plain(round_half_up(ratio, 1))}",
                unit="",
                formula=used.text,
                formula_id=used.id,
                inputs=(Input("Vm", "marrow planned", plain(self.planned_marrow_ml), "mL", here), volume),
                rounding="rounded half-up to 1 decimal",
            )
        ]
        if self.heparin_iu_per_ml is not None:
            used = record.formula("heparin")
            units = used.compute(self.volume_ml, self.heparin_iu_per_ml)
            strength = Input("c", "heparin concentration", plain(self.heparin_iu_per_ml), "IU/mL", here)
            found.append(exact(used, "heparin_iu", "Heparin in all", units, "IU", (volume, strength)))
        return tuple(found)

    def summary(self, record: BatchRecord) -> str:
        if self.anticoagulant == "none":
            return f"none, for {plain(self.planned_marrow_ml)} mL of marrow"
        strength = f", {plain(self.heparin_iu_per_ml)} IU/mL" if self.heparin_iu_per_ml is not None else ""
        return (
            f"{plain(self.volume_ml)} mL {self.anticoagulant}{strength}, lot {self.lot}, "
            f"for {plain(self.planned_marrow_ml)} mL of marrow"
        )
