"""Filtration: through a filter into a new container, and what the filter was flushed with (domain B11, S11).

A filter that holds nucleated cells back is rinsed with little fluid, and the rinse is the concentrate; a filter that
takes clots and bone splinters away lets the cells pass. Both are one act: what went in, what came out, where it is now.
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
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

KEPT = ("what the filter held", "what passed the filter")
DRIVES = ("gravity", "syringe", "pump", "vacuum")
FLUSHES = ("saline", "autologous plasma", "Ringer's solution", "none")


@dataclass(frozen=True, kw_only=True)
class Filtration(Entry):
    kind: ClassVar[str] = "filtration"
    derived_keys: ClassVar[tuple[str, ...]] = ("held_volume_ml",)

    source_container_code: str = facts.code("From container", hint="Scan or type the code on the container")
    filter_name: str = facts.text("Filter", hint="Maker and model")
    filter_lot: str = facts.text("Filter lot")
    filter_expiry: date | None = facts.day("Filter expiry", required=False)
    pore_um: Decimal | None = facts.number("Pore size", "µm", required=False)
    drive: str = facts.choice("Driven by", DRIVES)
    volume_in_ml: Decimal = facts.number("Volume filtered", "mL")
    flush: str = facts.choice("Flushed with", FLUSHES)
    flush_volume_ml: Decimal = facts.number("Flush volume", "mL", hint="0 when there is none")
    flush_lot: str | None = facts.text("Flush lot", required=False)
    flush_expiry: date | None = facts.day("Flush expiry", required=False)
    kept: str = facts.choice("Kept", KEPT)
    collected_volume_ml: Decimal = facts.number(
        "Volume collected", "mL", hint="What goes on to the next step"
    )
    discarded_volume_ml: Decimal = facts.number("Volume discarded", "mL", hint="0 when there is none")
    container_code: str = facts.code("Into container", hint="Code on the container that is filled", new=True)
    clogged: bool = facts.yesno("Filter clogged")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if values["flush"] == "none" and values["flush_volume_ml"]:
            found["flush_volume_ml"] = "Without a flush its volume is 0."
        if not values["collected_volume_ml"]:
            found["collected_volume_ml"] = (
                "More than 0 mL goes on to the next step. If nothing was collected, say not done."
            )
        return found

    def holds(self) -> str | None:
        return self.container_code

    def flow(self) -> Flow:
        return Flow(
            in_ml=self.volume_in_ml,
            added_ml=self.flush_volume_ml,
            out_ml=self.collected_volume_ml,
            waste_ml=self.discarded_volume_ml,
        )

    def materials(self) -> tuple[Material, ...]:
        used = [Material(self.filter_name, self.filter_lot, self.filter_expiry)]
        if self.flush != "none":
            used.append(Material(self.flush, self.flush_lot, self.flush_expiry, self.flush_volume_ml))
        return tuple(used)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        used = record.formula("filter-held")
        held = used.compute(
            self.volume_in_ml, self.flush_volume_ml, self.collected_volume_ml, self.discarded_volume_ml
        )
        return (
            Derived(
                key="held_volume_ml",
                label="Left in filter and tubing",
                value=held,
                reported=plain(held),
                unit="mL",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("Vi", "volume filtered", plain(self.volume_in_ml), "mL", here),
                    Input("Vf", "flush", plain(self.flush_volume_ml), "mL", here),
                    Input("Vc", "collected", plain(self.collected_volume_ml), "mL", here),
                    Input("Vd", "discarded", plain(self.discarded_volume_ml), "mL", here),
                ),
                rounding="as entered, not rounded",
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        return (
            f"{plain(self.volume_in_ml)} mL through {self.filter_name}, lot {self.filter_lot}; "
            f"{plain(self.collected_volume_ml)} mL in {self.container_code}"
        )
