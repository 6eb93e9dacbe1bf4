"""A wash of fat or of cells: buffer, volume and number of washes, what was poured off, and the mass (domain S7, S12).

Fat is weighed after its wash, never converted from its volume. After a digestion the wash dilutes the enzyme, and by
how much is computed from what stays in the tube before each wash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.materials import Material
from labrecords.domain.steps.digestion import EnzymaticDigestion
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

MOST_WASHES = 99


@dataclass(frozen=True, kw_only=True)
class Wash(Entry):
    kind: ClassVar[str] = "wash"
    derived_keys: ClassVar[tuple[str, ...]] = ("dilution_factor",)

    source_container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    buffer: str = facts.text("Buffer")
    buffer_lot: str = facts.text("Buffer lot")
    buffer_expiry: date | None = facts.day("Buffer expiry", required=False)
    volume_in_ml: Decimal = facts.number("Volume before the wash", "mL")
    washes: int = facts.whole("Washes")
    wash_volume_ml: Decimal = facts.number("Buffer for each wash", "mL")
    kept_volume_ml: Decimal | None = facts.number(
        "Left in the tube before each wash", "mL", required=False, hint="Pellet and fluid, after pouring off"
    )
    settle_min: Decimal | None = facts.number("Settling time", "min", required=False)
    spins: int = facts.whole("Spins", hint="0 when it only settled")
    centrifuge: str | None = facts.equipment(
        "Centrifuge", "centrifuge", required=False, hint="Where it was spun"
    )
    discarded_volume_ml: Decimal = facts.number("Volume poured off", "mL", hint="In all washes together")
    collected_volume_ml: Decimal = facts.number("Volume after the wash", "mL")
    fat_mass_g: Decimal | None = facts.number("Mass of the washed fat", "g", required=False, hint="Weighed")
    balance: str | None = facts.equipment("Balance", "balance", required=False, hint="Where it was weighed")
    clear: bool = facts.yesno("Last wash fluid clear")
    container_code: str | None = facts.code(
        "Into container", required=False, new=True, hint="Only where another container is filled"
    )

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if not values["washes"]:
            found["washes"] = "A wash is done at least once. If nothing was washed, say not done."
        elif values["washes"] > MOST_WASHES:
            found["washes"] = f"More than {MOST_WASHES} washes cannot be: check the number."
        for name in ("collected_volume_ml", "kept_volume_ml", "fat_mass_g"):
            if values.get(name) == 0:
                found[name] = "This is more than 0, or it is left empty."
        return found

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def holds(self) -> str | None:
        return self.container_code

    def buffer_volume_ml(self) -> Decimal:
        """All the buffer that was used, in mL."""
        return self.washes * self.wash_volume_ml

    def flow(self) -> Flow:
        return Flow(
            in_ml=self.volume_in_ml,
            added_ml=self.buffer_volume_ml(),
            out_ml=self.collected_volume_ml,
            waste_ml=self.discarded_volume_ml,
        )

    def materials(self) -> tuple[Material, ...]:
        return (Material(self.buffer, self.buffer_lot, self.buffer_expiry, self.buffer_volume_ml()),)

    def after_digestion(self, record: BatchRecord) -> bool:
        """Whether the cells were digested before, so that this wash takes the enzyme away."""
        mine = record.process.step(self.step_key).number
        return any(
            step.number < mine and step.kind == EnzymaticDigestion.kind for step in record.process.steps
        )

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        if self.kept_volume_ml is None or not self.after_digestion(record):
            return ()
        here, used = f"step {record.process.step(self.step_key).number}", record.formula("wash-dilution")
        factor = used.compute(self.kept_volume_ml, self.wash_volume_ml, self.washes)
        return (
            Derived(
                key="dilution_factor",
                label="Dilution of the enzyme",
                value=factor,
                reported=plain(round_half_up(factor, 0)),
                unit="×",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("Vk", "left before each wash", plain(self.kept_volume_ml), "mL", here),
                    Input("Vw", "buffer for each wash", plain(self.wash_volume_ml), "mL", here),
                    Input("k", "washes", str(self.washes), "", here),
                ),
                rounding="rounded half-up to 0 decimals",
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        mass = f", {plain(self.fat_mass_g)} g" if self.fat_mass_g is not None else ""
        return (
            f"{self.washes} × {plain(self.wash_volume_ml)} mL {self.buffer}, lot {self.buffer_lot}; "
            f"{plain(self.collected_volume_ml)} mL{mass}"
        )
