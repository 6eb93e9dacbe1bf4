"""The harvest of fat: site, cannula, tumescent solution, layers of the lipoaspirate, container (domain S4, S5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.registers.materials import Material
from labrecords.domain.rules.exclusions import ANSWERS
from labrecords.domain.rules.markers import marker_remarks
from labrecords.domain.steps.identity import unconfirmed_identity
from labrecords.domain.steps.order import weight_problems
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.results.remark import Remark

FAT_SITES = (
    "upper abdomen", "lower abdomen", "flank", "inner thigh", "outer thigh", "other",
)  # fmt: skip
FAT_SIDES = ("left", "right", "both sides", "midline")
METHODS = ("syringe", "powered", "water jet", "ultrasound")


@dataclass(frozen=True, kw_only=True)
class Liposuction(Entry):
    kind: ClassVar[str] = "liposuction"
    collects: ClassVar[bool] = True
    tissue: ClassVar[str] = "lipoaspirate"
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL
    derived_keys: ClassVar[tuple[str, ...]] = ("lidocaine_mg_per_kg",)

    site: str = facts.choice("Site", FAT_SITES)
    side: str = facts.choice("Side", FAT_SIDES, hint="From the patient's view")
    started_at: datetime | None = facts.moment("Started at", required=False)
    place: str = facts.place("Place", hint="Theatre or room")
    infused_volume_ml: Decimal = facts.number("Tumescent solution infused", "mL", hint="0 when there is none")
    lidocaine_mg_per_l: Decimal | None = facts.number("Lidocaine in the solution", "mg/L", required=False)
    adrenaline_mg_per_l: Decimal | None = facts.number("Adrenaline in the solution", "mg/L", required=False)
    tumescent_lot: str | None = facts.text("Lot of the solution", required=False)
    tumescent_expiry: date | None = facts.day("Expiry of the solution", required=False)
    dwell_min: Decimal | None = facts.number("Dwell time", "min", required=False)
    weight_kg: Decimal | None = facts.number("Patient's weight", "kg", required=False)
    weighed_on: date | None = facts.day("Weighed on", required=False, past=True)
    bmi_kg_per_m2: Decimal | None = facts.number("Body mass index", "kg/m²", required=False)
    previous_liposuction: str | None = facts.choice(
        "Liposuction before", ANSWERS, required=False, hint="At this site"
    )
    method: str = facts.choice("Method", METHODS)
    cannula_mm: Decimal = facts.number("Cannula", "mm", hint="Outer diameter")
    cannula_holes: int | None = facts.whole("Holes of the cannula", required=False)
    vacuum_kpa: Decimal | None = facts.number(
        "Vacuum", "kPa", required=False, hint="Below the pressure of the air, without a sign"
    )
    total_volume_ml: Decimal = facts.number("Lipoaspirate in the container", "mL")
    fat_volume_ml: Decimal | None = facts.number("Fat layer", "mL", required=False, hint="After settling")
    fluid_volume_ml: Decimal | None = facts.number("Fluid layer", "mL", required=False, hint="After settling")
    container_code: str = facts.code("Container", hint="Code on the canister or bag", new=True)
    seal_number: str | None = facts.code("Seal number", required=False)
    complications: str | None = facts.note("Complications", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        fat, fluid = values.get("fat_volume_ml"), values.get("fluid_volume_ml")
        found = {}
        if (fat or Decimal(0)) + (fluid or Decimal(0)) > values["total_volume_ml"]:
            found["fat_volume_ml"] = "The layers cannot be more than there is in the container."
        if values.get("lidocaine_mg_per_l") and not values["infused_volume_ml"]:
            found["infused_volume_ml"] = "Lidocaine is stated, so a volume of solution was infused."
        if values.get("bmi_kg_per_m2") == 0:
            found["bmi_kg_per_m2"] = "The body mass index is more than 0 kg/m²."
        return found | weight_problems(values)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = unconfirmed_identity(record, self)
        return (found,) if found else ()

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return marker_remarks(record, self)

    def holds(self) -> str | None:
        return self.container_code

    def harvested_ml(self) -> Decimal:
        """What was taken from the patient, in mL: fat with the fluid that came with it."""
        return self.total_volume_ml

    def began_at(self) -> datetime | None:
        return self.started_at

    def flow(self) -> Flow:
        return Flow(in_ml=Decimal(0), added_ml=self.total_volume_ml, out_ml=self.total_volume_ml)

    def materials(self) -> tuple[Material, ...]:
        if not self.infused_volume_ml:
            return ()
        solution = (self.tumescent_lot, self.tumescent_expiry, self.infused_volume_ml)
        return (Material("tumescent solution", *solution),)

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        if self.lidocaine_mg_per_l is None or self.weight_kg is None:
            return ()
        here = f"step {record.process.step(self.step_key).number}"
        used = record.formula("lidocaine")
        dose = used.compute(self.lidocaine_mg_per_l, self.infused_volume_ml, self.weight_kg)
        day = f"{here}, {self.weighed_on.isoformat()}" if self.weighed_on else here
        return (
            Derived(
                key="lidocaine_mg_per_kg",
                label="Lidocaine for each kg of the patient",
                value=dose,
                reported=plain(round_half_up(dose, 1)),
                unit="mg/kg",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("c", "lidocaine", plain(self.lidocaine_mg_per_l), "mg/L", here),
                    Input("V", "solution infused", plain(self.infused_volume_ml), "mL", here),
                    Input("m", "patient's weight", plain(self.weight_kg), "kg", day),
                ),
                rounding="rounded half-up to 1 decimal",
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        fat = f", fat {plain(self.fat_volume_ml)} mL" if self.fat_volume_ml is not None else ""
        return (
            f"{self.site}, {self.side}, {self.method}; {plain(self.total_volume_ml)} mL in "
            f"{self.container_code}{fat}"
        )
