"""Colony-forming units, fibroblast (CFU-F): colonies in dishes, days after the product was used (domain 2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import counting
from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.results.assays import Assay
from labrecords.domain.steps.counts import CellCount
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Dish:
    """One dish, and the colonies counted in it."""

    colonies: int = facts.whole("Colonies")


@dataclass(frozen=True, kw_only=True)
class ColonyCount(Assay):
    kind: ClassVar[str] = "cfu_f"
    performer_label: ClassVar[str] = "Counted by"
    outcome_facts: ClassVar[tuple[str, ...]] = ("dishes",)
    final_facts: ClassVar[tuple[str, ...]] = ("dishes", "day", "stain")
    derived_keys: ClassVar[tuple[str, ...]] = ("cfu_f_per_million", "cfu_f_per_ml")

    cells_per_dish: int = facts.whole("Nucleated cells plated in each dish")
    colony_cells: int = facts.whole("A colony has at least", "cells", hint="Usually 50")
    day: int | None = facts.whole("Counted on day", required=False)
    stain: str | None = facts.text("Stain", required=False)
    dishes: tuple[Dish, ...] = facts.rows("Dishes", Dish, required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = super().contradictions(values)
        if not values["cells_per_dish"]:
            found["cells_per_dish"] = "More than 0 cells are plated in a dish."
        return found

    def colonies(self) -> int:
        """Colonies in all dishes together."""
        return sum(dish.colonies for dish in self.dishes)

    def plated(self) -> tuple[Decimal, Decimal]:
        """Nucleated cells in each dish, and how many dishes."""
        return Decimal(self.cells_per_dish), Decimal(len(self.dishes))

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        if not self.dishes:
            return ()
        here = f"step {record.process.step(self.step_key).number}"
        ends, ledger = counting.poisson_interval(self.colonies()), record.formula("cfu-f-frequency")
        frequency = ledger.compute(Decimal(self.colonies()), *self.plated())
        low, high = (ledger.compute(end, *self.plated()) for end in ends)
        found = [
            Derived(
                key="cfu_f_per_million",
                label="CFU-F per million nucleated cells",
                value=frequency,
                reported=plain(round_half_up(frequency, 1)),
                unit="",
                formula=ledger.text,
                formula_id=ledger.id,
                inputs=(
                    Input("N", "colonies in all dishes", str(self.colonies()), "", here),
                    Input("P", "nucleated cells in each dish", str(self.cells_per_dish), "", here),
                    Input("n", "dishes", str(len(self.dishes)), "", here),
                ),
                rounding="rounded half-up to 1 decimal; 95 % Poisson interval of the colonies",
                low=low,
                high=high,
            )
        ]
        counted = record.current(record.process.yields.count_after)
        if isinstance(counted, CellCount):
            found.append(self._per_ml(record, counted, found[0]))
        return tuple(found)

    def _per_ml(self, record: BatchRecord, counted: CellCount, frequency: Derived) -> Derived:
        concentration, ledger = counted.concentration_per_ml(), record.formula("cfu-f-per-ml")
        value = ledger.compute(frequency.value, concentration)
        there = f"step {record.process.step(counted.step_key).number}"
        return Derived(
            key="cfu_f_per_ml",
            label="CFU-F per mL of product",
            value=value,
            reported=scientific(value),
            unit="/mL",
            formula=ledger.text,
            formula_id=ledger.id,
            inputs=(
                Input("F", "CFU-F per million", frequency.reported, "", frequency.formula_id),
                Input("C", "nucleated cells", scientific(concentration), "/mL", there),
            ),
            rounding="rounded half-up to 3 significant digits; 95 % Poisson interval of the colonies",
            low=ledger.compute(frequency.low, concentration),
            high=ledger.compute(frequency.high, concentration),
        )

    def result_words(self) -> str:
        if not self.dishes:
            return ""
        return f"{self.colonies()} colonies in {len(self.dishes)} dishes"
