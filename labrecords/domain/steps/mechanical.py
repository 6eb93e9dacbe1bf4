"""The mechanical processing of fat: passes through connectors, then through a filter (domain S8b)."""

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
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Passes:
    """How often the fat went to and fro through one connector."""

    connector_mm: Decimal = facts.number("Connector", "mm", hint="Inner diameter")
    passes: int = facts.whole("Passes")


@dataclass(frozen=True, kw_only=True)
class MechanicalProcessing(Entry):
    kind: ClassVar[str] = "mechanical_processing"
    derived_keys: ClassVar[tuple[str, ...]] = ("held_volume_ml",)

    source_container_code: str = facts.code("From container", hint="Scan or type the code on the container")
    device: str = facts.text("Device", hint="Maker and model")
    registered_device: str | None = facts.equipment(
        "Registered device", "device", required=False, hint="Where it is used more than once"
    )
    device_lot: str = facts.text("Device lot")
    device_expiry: date | None = facts.day("Device expiry", required=False)
    connectors: tuple[Passes, ...] = facts.rows("Connectors, in their order", Passes)
    filter_um: Decimal | None = facts.number("Filter", "µm", required=False)
    filter_lot: str | None = facts.text("Filter lot", required=False)
    filter_expiry: date | None = facts.day("Filter expiry", required=False)
    volume_in_ml: Decimal = facts.number("Volume processed", "mL")
    collected_volume_ml: Decimal = facts.number(
        "Volume collected", "mL", hint="What goes on to the next step"
    )
    discarded_volume_ml: Decimal = facts.number("Volume discarded", "mL", hint="0 when there is none")
    container_code: str | None = facts.code(
        "Into container", required=False, new=True, hint="Only where another container is filled"
    )

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if not values["collected_volume_ml"]:
            found["collected_volume_ml"] = (
                "More than 0 mL goes on to the next step. If nothing was collected, say not done."
            )
        if values.get("filter_um") is None and values.get("filter_lot"):
            found["filter_um"] = "A filter has a pore size: state it, or leave the filter's lot empty."
        return found

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def holds(self) -> str | None:
        return self.container_code

    def flow(self) -> Flow:
        return Flow(
            in_ml=self.volume_in_ml, out_ml=self.collected_volume_ml, waste_ml=self.discarded_volume_ml
        )

    def materials(self) -> tuple[Material, ...]:
        used = [Material(self.device, self.device_lot, self.device_expiry)]
        if self.filter_um is not None:
            used.append(Material(f"filter {plain(self.filter_um)} µm", self.filter_lot, self.filter_expiry))
        return tuple(used)

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here, used = f"step {record.process.step(self.step_key).number}", record.formula("filter-held")
        flush = Decimal(0)
        held = used.compute(self.volume_in_ml, flush, self.collected_volume_ml, self.discarded_volume_ml)
        return (
            Derived(
                key="held_volume_ml",
                label="Left in device and filter",
                value=held,
                reported=plain(held),
                unit="mL",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("Vi", "volume processed", plain(self.volume_in_ml), "mL", here),
                    Input("Vf", "flush", plain(flush), "mL", "there is none"),
                    Input("Vc", "collected", plain(self.collected_volume_ml), "mL", here),
                    Input("Vd", "discarded", plain(self.discarded_volume_ml), "mL", here),
                ),
                rounding="as entered, not rounded",
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        through = ", ".join(f"{row.passes} × {plain(row.connector_mm)} mm" for row in self.connectors)
        filtered = f", filter {plain(self.filter_um)} µm" if self.filter_um is not None else ""
        return (
            f"{self.device}, lot {self.device_lot}: {through}{filtered}; {plain(self.collected_volume_ml)} mL"
        )
