"""The inspection of the harvest on receipt in the laboratory (domain B9; 21 CFR 1271.265(a))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

APPEARANCES = ("normal", "haemolysed", "clotted", "other")
ACCEPT, QUARANTINE, REJECT = "accept", "quarantine", "reject"


@dataclass(frozen=True, kw_only=True)
class Receipt(Entry):
    kind: ClassVar[str] = "receipt"
    performer_label: ClassVar[str] = "Inspected by"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    volume_ml: Decimal | None = facts.number("Volume received", "mL", required=False, one_of="amount")
    weighed_g: Decimal | None = facts.number(
        "Mass received", "g", required=False, one_of="amount", hint="Without the container"
    )
    density_g_per_ml: Decimal | None = facts.number(
        "Density", "g/mL", required=False, hint="Where it was weighed; marrow has about 1.06"
    )
    balance: str | None = facts.equipment("Balance", "balance", required=False, hint="Where it was weighed")
    temperature_c: Decimal = facts.number("Temperature", "°C", signed=True)
    appearance: str = facts.choice("Appearance", APPEARANCES)
    colour: str | None = facts.text("Colour", required=False)
    haemolysis: bool | None = facts.yesno("Haemolysis seen", required=False)
    clots: bool = facts.yesno("Clots seen")
    leaks: bool = facts.yesno("Leaks seen")
    label_legible: bool = facts.yesno("Label legible")
    decision: str = facts.choice("Decision", (ACCEPT, QUARANTINE, REJECT))

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if values.get("weighed_g") is not None and not values.get("density_g_per_ml"):
            return {"density_g_per_ml": "Fill in the density: the volume is computed from the mass with it."}
        return {}

    def received_ml(self, record: BatchRecord) -> Decimal | None:
        """The volume received in mL: as it was read, or computed from the mass."""
        if self.volume_ml is not None or self.weighed_g is None or not self.density_g_per_ml:
            return self.volume_ml
        volume: Decimal = record.formula("weighed-volume").compute(self.weighed_g, self.density_g_per_ml)
        return volume

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        volume = self.received_ml(record)
        if self.weighed_g is None or self.density_g_per_ml is None or volume is None:
            return ()
        here, used = f"step {record.process.step(self.step_key).number}", record.formula("weighed-volume")
        return (
            Derived(
                key="volume_ml",
                label="Volume received",
                value=volume,
                reported=plain(volume),
                unit="mL",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("m", "mass received", plain(self.weighed_g), "g", here),
                    Input("ρ", "density, as stated", plain(self.density_g_per_ml), "g/mL", here),
                ),
                rounding="rounded half-up to 1 decimal; this is the volume that counts",
            ),
        )

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
            ("haemolysis", bool(self.haemolysis)),
            ("leaks", self.leaks),
            ("label not legible", not self.label_legible),
        )
        return tuple(words for words, present in found if present)

    def summary(self, record: BatchRecord) -> str:
        seen = ", ".join(self.defects()) or "no defects"
        volume = self.received_ml(record)
        amount = f"{plain(volume)} mL" if volume is not None else "no volume"
        return f"{amount}, {plain(self.temperature_c)} °C, {seen}; decision: {self.decision}"
