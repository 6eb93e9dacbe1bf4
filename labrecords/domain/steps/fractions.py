"""Collecting the fractions after a spin: plasma off, buffy layer into its container, red cells left (domain B13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input, exact
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

METHODS = ("automated", "manual", "extraction port")


@dataclass(frozen=True, kw_only=True)
class FractionCollection(Entry):
    kind: ClassVar[str] = "fraction_collection"
    derived_keys: ClassVar[tuple[str, ...]] = ("left_volume_ml", "collected_per_60_ml")
    performer_label: ClassVar[str] = "Collected by"

    source_container_code: str = facts.code("From container", hint="Scan or type the code on the container")
    method: str = facts.choice("Method", METHODS)
    volume_in_ml: Decimal = facts.number("Volume before the fractions were parted", "mL")
    plasma_removed_ml: Decimal = facts.number("Plasma removed", "mL", hint="0 when there is none")
    buffy_layer_ml: Decimal = facts.number(
        "Buffy layer collected", "mL", hint="What goes on to the next step"
    )
    red_cells_retained_ml: Decimal = facts.number("Red cells retained", "mL", hint="0 when there are none")
    discarded_ml: Decimal = facts.number(
        "Discarded besides these", "mL", hint="Not plasma or red cells above; 0 when nothing was"
    )
    haematocrit_percent: Decimal | None = facts.number("Haematocrit of the product", "%", required=False)
    container_code: str = facts.code("Into container", hint="Code on the container that is filled", new=True)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if not values["volume_in_ml"]:
            found["volume_in_ml"] = "There was more than 0 mL before the fractions were parted."
        if not values["buffy_layer_ml"]:
            found["buffy_layer_ml"] = (
                "More than 0 mL goes on to the next step. If nothing was collected, say not done."
            )
        haematocrit = values.get("haematocrit_percent")
        if haematocrit is not None and haematocrit > 100:
            found["haematocrit_percent"] = "A haematocrit is not above 100 %."
        return found

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def holds(self) -> str | None:
        return self.container_code

    def flow(self) -> Flow:
        return Flow(
            in_ml=self.volume_in_ml,
            out_ml=self.buffy_layer_ml,
            waste_ml=self.discarded_ml,
            retained_ml=self.plasma_removed_ml + self.red_cells_retained_ml,
        )

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        used = record.formula("fractions-left")
        left = used.compute(
            self.volume_in_ml,
            self.plasma_removed_ml,
            self.buffy_layer_ml,
            self.red_cells_retained_ml,
            self.discarded_ml,
        )
        before = Input("Vi", "volume before", plain(self.volume_in_ml), "mL", here)
        buffy = Input("Vb", "buffy layer", plain(self.buffy_layer_ml), "mL", here)
        inputs = (
            before,
            Input("Vp", "plasma", plain(self.plasma_removed_ml), "mL", here),
            buffy,
            Input("Vr", "red cells", plain(self.red_cells_retained_ml), "mL", here),
            Input("Vd", "discarded", plain(self.discarded_ml), "mL", here),
        )
        found = [exact(used, "left_volume_ml", "Left in device and tubing", left, "mL", inputs)]
        if self.volume_in_ml:
            used = record.formula("collected-per-60")
            share = used.compute(self.buffy_layer_ml, self.volume_in_ml)
            found.append(
                Derived(
                    key="collected_per_60_ml",
                    label="Collected from each 60 mL",
                    value=share,
                    reported=plain(round_half_up(share, 1)),
                    unit="mL",
                    formula=used.text,
                    formula_id=used.id,
                    inputs=(buffy, before),
                    rounding="rounded half-up to 1 decimal",
                )
            )
        return tuple(found)

    def summary(self, record: BatchRecord) -> str:
        return (
            f"{plain(self.buffy_layer_ml)} mL in {self.container_code}, {self.method}; "
            f"{plain(self.plasma_removed_ml)} mL plasma removed"
        )
