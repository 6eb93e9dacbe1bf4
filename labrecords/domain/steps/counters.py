"""Counts by an instrument: an automated cell counter, a haematology analyser (domain 2.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import counting
from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.registers.equipment import named_otherwise
from labrecords.domain.registers.materials import Material
from labrecords.domain.steps.counted import DIFFERENCE, Counted
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.calculations.formulas import Formula
    from labrecords.domain.record import BatchRecord

AS_IT_STANDS, DILUTED = "the sample: any dilution is in it", "the diluted sample"
"""What the number on the display is the concentration of. An instrument may know the dilution, or not."""
CORRECTED_NRBC, WITH_NRBC = "corrected: without nucleated red cells", "not corrected: TNC includes nRBC"
MOST_APART = Decimal(1)
"""So many points of per cent may lie between the viability on the display and that of the cells it counted."""
HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class InstrumentCount(Counted):
    """What the counts of all instruments have in common: which instrument, which dilution, which file."""

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """A number of the diluted sample needs its dilution; a dilution that was not counted in is asked back."""
        found, parts = {}, (values.get("sample_part"), values.get("diluent_part"))
        if values.get("stands_for") == DILUTED and None in parts:
            name = "sample_part" if parts[0] is None else "diluent_part"
            found[name] = "The number stands for the diluted sample: write how it was diluted, in parts."
        elif (parts[0] is None) != (parts[1] is None):
            name = "sample_part" if parts[0] is None else "diluent_part"
            found[name] = "A dilution has both parts: of the sample and of the diluent."
        if parts[0] is not None and not parts[0]:
            found["sample_part"] = "A dilution has more than 0 parts of sample."
        return found


@dataclass(frozen=True, kw_only=True)
class AutomatedCount(InstrumentCount):
    kind: ClassVar[str] = "automated_count"
    method: ClassVar[str] = "automated count"
    derived_keys: ClassVar[tuple[str, ...]] = ("concentration_per_ml", "viability_percent", DIFFERENCE)

    counter: str = facts.equipment("Counter", "counter")
    software: str | None = facts.text("Software version", required=False)
    cassette: str | None = facts.text("Cassette or slide", required=False)
    cassette_lot: str | None = facts.text("Lot of the cassette", required=False)
    cassette_expiry: date | None = facts.day("Cassette: use by", required=False)
    mode: str | None = facts.text("Mode or assay", required=False, hint="As the counter names it")
    sample_part: Decimal | None = facts.number("Sample in the dilution", "parts", required=False)
    diluent_part: Decimal | None = facts.number("Diluent, lysis and dye", "parts", required=False)
    shown_per_ml: Decimal = facts.number(
        "Nucleated cells on the display", "/mL", hint="1 200 000 for 1.2 million"
    )
    stands_for: str = facts.choice("The number is that of", (AS_IT_STANDS, DILUTED))
    shown_viability_percent: Decimal | None = facts.number("Viability on the display", "%", required=False)
    live: int | None = facts.whole("Live cells counted", required=False, hint="Where the counter says it")
    dead: int | None = facts.whole("Dead cells counted", required=False)
    file_name: str | None = facts.text("Name of the file", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = super().contradictions(values)
        live, dead, shown = values.get("live"), values.get("dead"), values.get("shown_viability_percent")
        if shown is not None and shown > HUNDRED:
            found["shown_viability_percent"] = "Viability is 100 % at most."
        if (live is None) != (dead is None):
            missing = "live" if live is None else "dead"
            found[missing] = "Write both, live and dead cells, or neither."
        elif live is not None and not live + dead:
            found["live"] = "No cells were counted: that is no result. Count again, or leave both empty."
        elif live is not None and dead is not None and shown is not None:
            counted = counting.viability_percent(live, dead)
            if abs(counted - shown) > MOST_APART:
                said = plain(round_half_up(counted, 1))
                found["shown_viability_percent"] = (
                    f"The live and dead cells give {said} %. Check all three numbers."
                )
        return found

    def materials(self) -> tuple[Material, ...]:
        if self.cassette is None and self.cassette_lot is None:
            return ()
        return (Material(self.cassette or "cassette", self.cassette_lot, self.cassette_expiry),)

    def concentration_per_ml(self) -> Decimal:
        return counting.counter_reading(self.shown_per_ml, *_parts(self))

    def cells_counted(self) -> int:
        return (self.live or 0) + (self.dead or 0)

    def viability_percent(self) -> Decimal | None:
        if self.live is not None and self.dead is not None:
            return counting.viability_percent(self.live, self.dead)
        return self.shown_viability_percent

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        return (*self._numbers(record), *self.differences(record))

    def _numbers(self, record: BatchRecord) -> Iterator[Derived]:
        here = f"step {record.process.step(self.step_key).number}"
        yield _reading(
            record,
            self,
            "counter-reading",
            Input("R", "on the display", plain(self.shown_per_ml), "/mL", here),
        )
        if self.live is not None and self.dead is not None:
            used = record.formula("viability")
            low, high = counting.wilson_interval_percent(self.live, self.live + self.dead)
            inputs = (
                Input("live", "live cells", str(self.live), "", here),
                Input("dead", "dead cells", str(self.dead), "", here),
            )
            label, rounding = f"Viability, n = {self.live + self.dead}", "; 95 % interval after Wilson"
            yield self._viability(
                used, used.compute(self.live, self.dead), label, inputs, rounding, (low, high)
            )
        elif self.shown_viability_percent is not None:
            used = record.formula("viability-reading")
            shown = (Input("v", "on the display", plain(self.shown_viability_percent), "%", here),)
            value = used.compute(self.shown_viability_percent)
            yield self._viability(used, value, "Viability, as displayed", shown)

    def _viability(
        self,
        used: Formula,
        value: Decimal,
        label: str,
        inputs: tuple[Input, ...],
        rounding: str = "",
        interval: tuple[Decimal | None, Decimal | None] = (None, None),
    ) -> Derived:
        return Derived(
            key="viability_percent",
            label=label,
            value=value,
            reported=plain(round_half_up(value, 1)),
            unit="%",
            formula=used.text,
            formula_id=used.id,
            inputs=inputs,
            rounding="rounded half-up to 1 decimal" + rounding,
            low=interval[0],
            high=interval[1],
        )


@dataclass(frozen=True, kw_only=True)
class AnalyserCount(InstrumentCount):
    kind: ClassVar[str] = "analyser_count"
    method: ClassVar[str] = "analyser count"
    derived_keys: ClassVar[tuple[str, ...]] = ("concentration_per_ml", DIFFERENCE)

    registered_analyser: str | None = facts.equipment("Registered analyser", "analyser", required=False)
    analyser: str | None = facts.text(
        "Analyser", hint="Maker, model, and its number, where it is not registered"
    )
    software: str | None = facts.text("Software version", required=False)
    mode: str | None = facts.text("Mode or profile", required=False)
    sample_part: Decimal | None = facts.number("Sample in the dilution", "parts", required=False)
    diluent_part: Decimal | None = facts.number("Diluent", "parts", required=False)
    wbc_e9_per_l: Decimal = facts.number("White cells on the display, WBC", "× 10⁹/L")
    stands_for: str = facts.choice("The number is that of", (AS_IT_STANDS, DILUTED))
    nrbc_policy: str = facts.choice("Nucleated red cells", (CORRECTED_NRBC, WITH_NRBC))
    nrbc_per_100_wbc: Decimal | None = facts.number("nRBC", "per 100 WBC", required=False)
    haematocrit_percent: Decimal | None = facts.number("Haematocrit", "%", required=False)
    platelets_e9_per_l: Decimal | None = facts.number("Platelets", "× 10⁹/L", required=False)
    file_name: str | None = facts.text("Name of the file", required=False)

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        return named_otherwise(values, "registered_analyser", "analyser")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = super().contradictions(values)
        haematocrit = values.get("haematocrit_percent")
        if haematocrit is not None and haematocrit > HUNDRED:
            found["haematocrit_percent"] = "The haematocrit is 100 % at most."
        return found

    def concentration_per_ml(self) -> Decimal:
        return counting.analyser_reading(self.wbc_e9_per_l, *_parts(self))

    def cells_counted(self) -> int:
        """An analyser does not say how many cells it saw."""
        return 0

    def viability_percent(self) -> Decimal | None:
        """An analyser does not tell live from dead."""
        return None

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        here = f"step {record.process.step(self.step_key).number}"
        shown = Input("W", "white cells on the display", plain(self.wbc_e9_per_l), "× 10⁹/L", here)
        return (_reading(record, self, "analyser-reading", shown), *self.differences(record))


def _parts(count: AutomatedCount | AnalyserCount) -> tuple[Decimal, Decimal]:
    """The dilution that is still to be counted in: 1 part of sample and 0 of diluent where there is none."""
    if count.stands_for == DILUTED and count.sample_part is not None and count.diluent_part is not None:
        return count.sample_part, count.diluent_part
    return Decimal(1), Decimal(0)


def _reading(
    record: BatchRecord, count: AutomatedCount | AnalyserCount, formula: str, shown: Input
) -> Derived:
    """The concentration that follows from what an instrument shows."""
    used, (sample, diluent) = record.formula(formula), _parts(count)
    value = used.compute(Decimal(shown.value), sample, diluent)
    policy = f", {count.nrbc_policy}" if isinstance(count, AnalyserCount) else ""
    source = shown.source if count.stands_for == DILUTED else count.stands_for
    return Derived(
        key="concentration_per_ml",
        label=f"Nucleated cells{policy}",
        value=value,
        reported=scientific(value),
        unit="/mL",
        formula=used.text,
        formula_id=used.id,
        inputs=(
            shown,
            Input("s", "sample", plain(sample), "parts", source),
            Input("d", "diluent", plain(diluent), "parts", source),
        ),
        rounding="rounded half-up to 3 significant digits",
    )
