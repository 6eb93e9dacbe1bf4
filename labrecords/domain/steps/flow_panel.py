"""Flow cytometry: which markers the cells of the product carry (domain 2.6, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import counting
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.results.assays import Assay
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

MARKERS = (
    "CD34", "CD45", "CD73", "CD90", "CD105", "CD31", "CD14", "CD11b", "CD19", "CD79a", "CD146", "CD235a", "HLA-DR",
)  # fmt: skip
HUNDRED = Decimal(100)


def key_of(marker: str) -> str:
    """The name of a marker's share in limits: "cd34_percent"."""
    return f"{marker.lower().replace('-', '_')}_percent"


@dataclass(frozen=True, kw_only=True)
class Marker:
    """One marker: the share of positive cells in its parent gate, and how many events the gate has."""

    marker: str = facts.choice("Marker", MARKERS)
    parent: str = facts.text("Parent gate")
    percent: Decimal = facts.number("Positive", "%")
    events: int = facts.whole("Events in the gate")


@dataclass(frozen=True, kw_only=True)
class FlowPanel(Assay):
    kind: ClassVar[str] = "flow_panel"
    outcome_facts: ClassVar[tuple[str, ...]] = ("markers", "viability_percent")
    final_facts: ClassVar[tuple[str, ...]] = ("markers", "file_name")
    derived_keys: ClassVar[tuple[str, ...]] = tuple(key_of(marker) for marker in MARKERS)

    panel: str = facts.text("Panel", hint="Code of the panel and its version")
    viability_percent: Decimal | None = facts.number("Viable by 7-AAD", "%", required=False)
    markers: tuple[Marker, ...] = facts.rows("Markers", Marker, required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = super().contradictions(values)
        rows = values.get("markers") or ()
        for number, row in enumerate(rows):
            if row.percent > HUNDRED:
                found[f"markers-{number}-percent"] = "A share cannot be above 100 %."
            if not row.events:
                found[f"markers-{number}-events"] = "A gate without events gives no share."
            if row.marker in {other.marker for other in rows[:number]}:
                found[f"markers-{number}-marker"] = f"{row.marker} is in the table twice."
        if (values.get("viability_percent") or 0) > HUNDRED:
            found["viability_percent"] = "A share cannot be above 100 %."
        return found

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        return tuple(self._share(record, row, here) for row in self.markers)

    def _share(self, record: BatchRecord, row: Marker, here: str) -> Derived:
        ledger = record.formula("flow-share")
        positive = int((row.percent * row.events / HUNDRED).to_integral_value())
        low, high = counting.wilson_interval_percent(positive, row.events)
        return Derived(
            key=key_of(row.marker),
            label=f"{row.marker} in {row.parent}",
            value=ledger.compute(row.percent, Decimal(row.events)),
            reported=plain(row.percent),
            unit="%",
            formula=ledger.text,
            formula_id=ledger.id,
            inputs=(
                Input("P", "positive in the parent gate", plain(row.percent), "%", here),
                Input("N", "events in the parent gate", str(row.events), "", here),
            ),
            rounding="as entered, not rounded; 95 % interval after Wilson",
            low=low,
            high=high,
        )

    def result_words(self) -> str:
        return ", ".join(f"{row.marker} {plain(row.percent)} %" for row in self.markers)
