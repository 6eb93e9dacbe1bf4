"""Chamber count and viability of a sample (domain 2.6, 3.2, 3.3, 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import counting, facts
from labrecords.domain.derived import Derived, Input, scientific
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.limits import round_half_up
from labrecords.domain.numbers import plain
from labrecords.domain.steps.identity import mismatch
from labrecords.domain.steps.sampling import Sample

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

CHAMBERS: dict[str, Decimal] = {
    "improved Neubauer, 1 mm² squares, 0.1 mm deep": Decimal("0.0001"),
    "Bürker, 1 mm² squares, 0.1 mm deep": Decimal("0.0001"),
    "Fuchs-Rosenthal, 1 mm² squares, 0.2 mm deep": Decimal("0.0002"),
    "improved Neubauer, 0.04 mm² squares, 0.1 mm deep": Decimal("0.000004"),
}
"""Volume over one counted square, in mL: area in mm² times depth in mm, divided by 1000."""

DYES = ("trypan blue", "acridine orange and propidium iodide", "7-AAD")


@dataclass(frozen=True, kw_only=True)
class Square:
    """The nucleated cells counted in one square."""

    cells: int = facts.whole("Cells")


@dataclass(frozen=True, kw_only=True)
class CellCount(Entry):
    kind: ClassVar[str] = "cell_count"
    derived_keys: ClassVar[tuple[str, ...]] = ("concentration_per_ml", "viability_percent", "evenness_chi2")
    performer_label: ClassVar[str] = "Counted by"
    repeatable: ClassVar[bool] = True
    repeat_words: ClassVar[str] = "Repeat the count"

    sample_code: str = facts.code("Sample", hint="Scan or type the code on the sample")
    chamber: str = facts.choice("Chamber", tuple(CHAMBERS))
    sample_part: Decimal = facts.number(
        "Sample in the dilution", "parts", hint="Dilution, for example 10 parts of sample"
    )
    diluent_part: Decimal = facts.number("Diluent, lysis and dye", "parts", hint="… and 990 parts of diluent")
    squares: tuple[Square, ...] = facts.rows("Squares counted", Square)
    dye: str | None = facts.choice("Viability dye", DYES, required=False)
    live: int | None = facts.whole("Live cells", required=False)
    dead: int | None = facts.whole("Dead cells", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if not values["sample_part"]:
            found["sample_part"] = "A dilution has more than 0 parts of sample."
        live, dead = values.get("live"), values.get("dead")
        if (live is None) != (dead is None):
            found["live" if live is None else "dead"] = (
                "Viability needs both counts: live cells and dead cells."
            )
        elif live is not None and live + dead == 0:
            found["live"] = "No cells were counted: that is no result. Count again, or leave both empty."
        if live is not None and not values.get("dye"):
            found["dye"] = "Choose the dye that told live from dead."
        return found

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        drawn = [sample for sample in record.of_kind(Sample) if self._is_of(record, sample)]
        wrong = mismatch("sample", drawn[-1].sample_code, self.sample_code) if drawn else None
        return (wrong,) if wrong else ()

    def _is_of(self, record: BatchRecord, sample: Sample) -> bool:
        """Whether the sample was drawn for this count: after the count before it, and before this one."""
        mine = record.process.step(self.step_key).number
        counts = [
            step.number for step in record.process.steps if step.kind == self.kind and step.number < mine
        ]
        return max(counts, default=0) < record.process.step(sample.step_key).number < mine

    def dilution_factor(self) -> Decimal:
        return counting.dilution_factor(self.sample_part, self.diluent_part)

    def concentration_per_ml(self) -> Decimal:
        """Nucleated cells per mL of the sample."""
        cells = [square.cells for square in self.squares]
        return counting.concentration_per_ml(cells, self.dilution_factor(), CHAMBERS[self.chamber])

    def viability_percent(self) -> Decimal | None:
        """Live cells in per cent of all, or None when viability was not counted. No cells counted is not a result."""
        if self.live is None or self.dead is None or self.live + self.dead == 0:
            return None
        return counting.viability_percent(self.live, self.dead)

    def too_few(self, minimum: int) -> bool:
        """Whether viability was counted on fewer cells than the process asks for (domain 3.3)."""
        return self.live is not None and self.live + (self.dead or 0) < minimum

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        cells = [square.cells for square in self.squares]
        dilution, volume, used = (
            self.dilution_factor(),
            CHAMBERS[self.chamber],
            record.formula("chamber-count"),
        )
        concentration = used.compute(cells, self.sample_part, self.diluent_part, volume)
        low, high = counting.poisson_interval(sum(cells))
        per_cell = dilution / volume / len(cells)
        found = [
            Derived(
                key="concentration_per_ml",
                label="Nucleated cells",
                value=concentration,
                reported=scientific(concentration),
                unit="/mL",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("ΣN", "cells counted", " + ".join(map(str, cells)), "", here),
                    Input("n", "squares", str(len(cells)), "", here),
                    Input("s", "sample", plain(self.sample_part), "parts", here),
                    Input("d", "diluent, lysis and dye", plain(self.diluent_part), "parts", here),
                    Input("v", "volume over one square", plain(volume), "mL", self.chamber),
                ),
                rounding="rounded half-up to 3 significant digits; 95 % interval of the count (Poisson)",
                low=low * per_cell,
                high=high * per_cell,
            ),
        ]
        if len(cells) > 1 and any(cells):
            found.append(self._evenness(record, cells, here))
        if self.viability_percent() is not None and self.live is not None and self.dead is not None:
            counted = record.formula("viability")
            viability = counted.compute(self.live, self.dead)
            below, above = counting.wilson_interval_percent(self.live, self.live + self.dead)
            found.append(
                Derived(
                    key="viability_percent",
                    label=f"Viability, n = {self.live + self.dead}",
                    value=viability,
                    reported=plain(round_half_up(viability, 1)),
                    unit="%",
                    formula=counted.text,
                    formula_id=counted.id,
                    inputs=(
                        Input("live", "live cells", str(self.live), "", here),
                        Input("dead", "dead cells", str(self.dead), "", here),
                    ),
                    rounding="rounded half-up to 1 decimal; 95 % interval after Wilson",
                    low=below,
                    high=above,
                )
            )
        return tuple(found)

    def _evenness(self, record: BatchRecord, cells: list[int], here: str) -> Derived:
        even, used = counting.evenness(cells), record.formula("evenness")
        chi2, freedom, critical, verdict = used.compute(cells), even.df, even.critical_5_percent, even.verdict
        spread = counting.cv_percent([Decimal(count) for count in cells])
        return Derived(
            key="evenness_chi2",
            label=f"Evenness of the squares: {verdict}",
            value=chi2,
            reported=plain(round_half_up(chi2, 2)),
            unit="",
            formula=used.text,
            formula_id=used.id,
            inputs=(
                Input("N", "cells in each square", ", ".join(map(str, cells)), "", here),
                Input("CV", "spread between squares", plain(round_half_up(spread, 1)), "%", here),
                Input("f", "degrees of freedom", str(freedom), "", here),
                Input("χ²(95 %)", "critical value", plain(round_half_up(critical, 2)), "", "χ² distribution"),
            ),
            rounding="rounded half-up to 2 decimals",
        )

    def summary(self, record: BatchRecord) -> str:
        viability = self.viability_percent()
        viable = f", {plain(round_half_up(viability, 1))} % viable" if viability is not None else ""
        return f"{scientific(self.concentration_per_ml())} /mL{viable}"
