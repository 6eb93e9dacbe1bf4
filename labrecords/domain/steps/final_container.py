"""The final container: what the product is filled into, and that its label was checked (domain B17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.expiry import use_before
from labrecords.domain.values import times
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

CONTAINERS = ("syringe", "bag", "vial")


@dataclass(frozen=True, kw_only=True)
class FinalContainer(Entry):
    kind: ClassVar[str] = "final_container"
    derived_keys: ClassVar[tuple[str, ...]] = ("time_left_h",)
    performer_label: ClassVar[str] = "Filled by"

    source_container_code: str = facts.code("From container", hint="Scan or type the code on the container")
    container_type: str = facts.choice("Kind of container", CONTAINERS)
    container_lot: str = facts.text("Container lot")
    container_expiry: date | None = facts.day("Container expiry", required=False)
    volume_ml: Decimal = facts.number("Volume", "mL")
    container_code: str = facts.code(
        "Final container", hint="Code on its label; the same one where the product is in it already", new=True
    )
    label_checked: bool = facts.yesno("Label checked", hint="Scanned back, legible, and right in every line")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if not values["volume_ml"]:
            return {
                "volume_ml": "A filled container holds more than 0 mL. If nothing was filled, say not done."
            }
        return {}

    def holds(self) -> str | None:
        return self.container_code

    def flow(self) -> Flow:
        return Flow(out_ml=self.volume_ml)

    def materials(self) -> tuple[Material, ...]:
        return (
            Material(f"final container, {self.container_type}", self.container_lot, self.container_expiry),
        )

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        unchecked = Stop(
            rule="label",
            sentence="The label of the final container was not checked.",
            way_out="Scan the label back, read every line, and print it anew where something is wrong.",
        )
        return (*((wrong,) if wrong else ()), *(() if self.label_checked else (unchecked,)))

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        """Until when the product may be used, as a time left: this act itself may begin the shelf life."""
        known = record if self in record.entries else replace(record, entries=(*record.entries, self))
        limit = use_before(known)
        if limit is None:
            return ()
        zone = ZoneInfo(record.laboratory.zone)
        used = record.formula("time-left")
        left = used.compute(limit.until, self.performed_at)
        return (
            Derived(
                key="time_left_h",
                label=f"Time left when it was filled; use before {times.show(limit.until, zone)}",
                value=left,
                reported=plain(round_half_up(left, 2)),
                unit="h",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    *(
                        Input(
                            f"end {number}",
                            f"{plain(end.hours)} h after {end.label}",
                            times.show(end.until, zone),
                            "",
                            "process definition",
                        )
                        for number, end in enumerate(limit.limits, start=1)
                    ),
                    Input("filled", "end of this step", times.show(self.performed_at, zone), "", "this step"),
                ),
                rounding="rounded half-up to 2 decimals",
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        return (
            f"{plain(self.volume_ml)} mL in {self.container_type} {self.container_code}, "
            f"lot {self.container_lot}; label {'checked' if self.label_checked else 'NOT CHECKED'}"
        )
