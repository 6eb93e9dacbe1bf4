"""The digestion of fat by an enzyme: what was weighed, how active it is, how long and how warm it worked (domain S8a).

Makers declare activity in units of their own assay (Wunsch, PZ, CDU). They are not interchangeable, so the unit is
recorded as declared and nothing is ever converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.materials import Material
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

OTHER = "other"
ACTIVITY_UNITS = ("Wunsch U/mg", "PZ U/mg", "CDU/mg", OTHER)
NEUTRALISERS = ("human albumin", "autologous plasma", "autologous serum", "buffer only", OTHER)


@dataclass(frozen=True, kw_only=True)
class EnzymaticDigestion(Entry):
    kind: ClassVar[str] = "enzymatic_digestion"
    derived_keys: ClassVar[tuple[str, ...]] = (
        "duration_min", "enzyme_percent", "enzyme_units_per_ml", "enzyme_ratio",
    )  # fmt: skip

    source_container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    enzyme: str = facts.text("Enzyme", hint="Maker and product")
    enzyme_lot: str = facts.text("Enzyme lot")
    enzyme_expiry: date | None = facts.day("Enzyme expiry", required=False)
    activity: Decimal = facts.number("Declared activity", "", hint="As on the certificate of this lot")
    activity_unit: str = facts.choice("Unit of the activity", ACTIVITY_UNITS, hint="As the maker declares it")
    activity_unit_text: str | None = facts.text(
        "Other unit, for each mg", required=False, hint="In the maker's words"
    )
    enzyme_mass_mg: Decimal = facts.number("Enzyme weighed", "mg")
    solution: str = facts.text("Dissolved in")
    solution_lot: str | None = facts.text("Lot of the fluid", required=False)
    solution_expiry: date | None = facts.day("Expiry of the fluid", required=False)
    solution_volume_ml: Decimal = facts.number("Enzyme solution added", "mL")
    tissue_volume_ml: Decimal = facts.number("Volume of the tissue", "mL")
    fat_mass_g: Decimal | None = facts.number("Mass of the tissue", "g", required=False, hint="Weighed")
    balance: str | None = facts.equipment(
        "Balance", "balance", required=False, hint="Where the enzyme was weighed"
    )
    incubator: str | None = facts.equipment("Incubator or shaker", "incubator", required=False)
    temperature_c: Decimal = facts.number("Temperature", "°C", signed=True)
    agitation_rpm: Decimal | None = facts.number("Agitation", "rpm", required=False)
    started_at: datetime = facts.moment("Digestion started at")
    stopped_at: datetime = facts.moment("Digestion stopped at", hint="When the neutraliser was added")
    neutraliser: str = facts.choice("Neutralised with", NEUTRALISERS)
    neutraliser_lot: str | None = facts.text("Lot of the neutraliser", required=False)
    neutraliser_expiry: date | None = facts.day("Expiry of the neutraliser", required=False)
    neutraliser_volume_ml: Decimal = facts.number("Volume of the neutraliser", "mL")
    collected_volume_ml: Decimal = facts.number("Volume after the digestion", "mL")
    discarded_volume_ml: Decimal = facts.number("Volume discarded", "mL", hint="0 when there is none")
    container_code: str | None = facts.code(
        "Into container", required=False, new=True, hint="Only where another container is filled"
    )

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if values["stopped_at"] < values["started_at"]:
            found["stopped_at"] = "The digestion cannot stop before it started."
        if values["activity_unit"] == OTHER and not values.get("activity_unit_text"):
            found["activity_unit_text"] = "Write the unit as the maker declares it."
        if values["activity_unit"] != OTHER and values.get("activity_unit_text"):
            found["activity_unit_text"] = "A unit is chosen above: leave this empty, or choose “other”."
        for name in ("solution_volume_ml", "tissue_volume_ml", "fat_mass_g"):
            if values.get(name) == 0:
                found[name] = "This is more than 0. If nothing was digested, say not done."
        return found

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def holds(self) -> str | None:
        return self.container_code

    def began_at(self) -> datetime:
        return self.started_at

    def flow(self) -> Flow:
        return Flow(
            in_ml=self.tissue_volume_ml,
            added_ml=self.solution_volume_ml + self.neutraliser_volume_ml,
            out_ml=self.collected_volume_ml,
            waste_ml=self.discarded_volume_ml,
        )

    def materials(self) -> tuple[Material, ...]:
        return (
            Material(self.enzyme, self.enzyme_lot, self.enzyme_expiry),
            Material(self.solution, self.solution_lot, self.solution_expiry, self.solution_volume_ml),
            Material(
                self.neutraliser, self.neutraliser_lot, self.neutraliser_expiry, self.neutraliser_volume_ml
            ),
        )

    def unit_words(self) -> str:
        """The unit of activity for each mg, as declared."""
        return self.activity_unit_text or self.activity_unit

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        mass = Input("m", "enzyme weighed", plain(self.enzyme_mass_mg), "mg", here)
        volume = Input("V", "enzyme solution", plain(self.solution_volume_ml), "mL", here)
        tissue = Input("Vt", "tissue", plain(self.tissue_volume_ml), "mL", here)
        activity = Input("A", f"activity, {self.unit_words()}", plain(self.activity), "", here)
        per_ml = self.unit_words().removesuffix("/mg") + "/mL"
        return (
            self._duration(record, here),
            _number(record, "enzyme-percent", "enzyme_percent", "Enzyme in the solution", "%", 3, mass, volume),
            _number(
                record, "enzyme-units", "enzyme_units_per_ml", "Activity of the solution", per_ml, 3,
                activity, mass, volume,
            ),
            _number(
                record, "enzyme-ratio", "enzyme_ratio", "Enzyme solution for each mL of tissue", "mL/mL", 2,
                volume, tissue,
            ),
        )  # fmt: skip

    def _duration(self, record: BatchRecord, here: str) -> Derived:
        used = record.formula("minutes")
        value = used.compute(self.started_at, self.stopped_at)
        return Derived(
            key="duration_min",
            label="Duration of the digestion",
            value=value,
            reported=plain(round_half_up(value, 1)),
            unit="min",
            formula=used.text,
            formula_id=used.id,
            inputs=(
                Input("t1", "started", f"{self.started_at:%Y-%m-%d %H:%M:%S}", "UTC", here),
                Input("t2", "stopped", f"{self.stopped_at:%Y-%m-%d %H:%M:%S}", "UTC", here),
            ),
            rounding="rounded half-up to 1 decimal",
        )

    def summary(self, record: BatchRecord) -> str:
        minutes = plain(round_half_up(record.formula("minutes").compute(self.started_at, self.stopped_at), 1))
        return (
            f"{plain(self.enzyme_mass_mg)} mg {self.enzyme}, lot {self.enzyme_lot}; "
            f"{minutes} min at {plain(self.temperature_c)} °C"
        )


def _number(
    record: BatchRecord, formula: str, key: str, label: str, unit: str, decimals: int, *inputs: Input
) -> Derived:
    used = record.formula(formula)
    value = used.compute(*(Decimal(item.value) for item in inputs))
    return Derived(
        key=key,
        label=label,
        value=value,
        reported=plain(round_half_up(value, decimals)),
        unit=unit,
        formula=used.text,
        formula_id=used.id,
        inputs=inputs,
        rounding=f"rounded half-up to {decimals} decimals",
    )
