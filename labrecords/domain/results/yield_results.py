"""How each result of a batch is made: cells, recovery, the check of it, dose (domain 3.4 to 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.steps.order import Order
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.calculations.formulas import Formula
    from labrecords.domain.entries import Entry
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.results.results import YieldBasis

THREE_DIGITS = "rounded half-up to 3 significant digits"
LESS_SAMPLES, FINAL = "volume less samples drawn before", "final volume"


def of_count(record: BatchRecord, entry: Entry | None, key: str) -> Derived | None:
    """One of the numbers that a count gives, by its key; None where it gives none."""
    if entry is None:
        return None
    return next((derived for derived in record.derived(entry) if derived.key == key), None)


def concentration(record: BatchRecord, entry: Entry | None) -> Decimal | None:
    """Nucleated cells per mL by a count, unrounded."""
    found = of_count(record, entry, "concentration_per_ml")
    return found.value if found else None


def cells_result(
    key: str, label: str, used: Formula, value: Decimal, inputs: tuple[Input, ...], unit: str = ""
) -> Derived:
    """A number of cells: reported with three significant digits."""
    return Derived(
        key=key,
        label=label,
        value=value,
        reported=scientific(value),
        unit=unit,
        formula=used.text,
        formula_id=used.id,
        inputs=inputs,
        rounding=THREE_DIGITS,
    )


def ratio(
    key: str, label: str, unit: str, used: Formula, value: Decimal, decimals: int, inputs: tuple[Input, ...]
) -> Derived:
    """A ratio or a volume: reported with so many decimals."""
    places = "1 decimal" if decimals == 1 else f"{decimals} decimals"
    return Derived(
        key=key,
        label=label,
        value=value,
        reported=plain(round_half_up(value, decimals)),
        unit=unit,
        formula=used.text,
        formula_id=used.id,
        inputs=inputs,
        rounding=f"rounded half-up to {places}",
    )


def _cells(
    record: BatchRecord, which: str, count: Entry | None, volume: Decimal | None, source: str
) -> Derived | None:
    per_ml = concentration(record, count)
    if count is None or per_ml is None or volume is None:
        return None
    here, used = f"step {record.process.step(count.step_key).number}", record.formula("tnc")
    inputs = (
        Input("C", "nucleated cells", scientific(per_ml), "/mL", here),
        Input("V", "volume", plain(volume), "mL", source),
    )
    label = f"Total nucleated cells {which} processing"
    return cells_result(f"tnc_{which}", label, used, used.compute(per_ml, volume), inputs)


def _tnc_before(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return _cells(record, "before", at.count_before, at.volume_before, LESS_SAMPLES)


def _tnc_after(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return _cells(record, "after", at.count_after, at.volume_after, FINAL)


def _concentration(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return of_count(record, at.count_after, "concentration_per_ml")


def _viability(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return of_count(record, at.count_after, "viability_percent")


def _four(record: BatchRecord, at: YieldBasis) -> tuple[Decimal, Decimal, Decimal, Decimal] | None:
    """C0, V0, C1 and V1, or None while one is missing or 0."""
    before, after = concentration(record, at.count_before), concentration(record, at.count_after)
    if not (before and at.volume_before and after and at.volume_after):
        return None
    return before, at.volume_before, after, at.volume_after


def _inputs(c0: Decimal, v0: Decimal, c1: Decimal, v1: Decimal) -> dict[str, Input]:
    return {
        "C0": Input("C0", "nucleated cells before", scientific(c0), "/mL", "count before"),
        "V0": Input("V0", "volume before", plain(v0), "mL", LESS_SAMPLES),
        "C1": Input("C1", "nucleated cells after", scientific(c1), "/mL", "count after"),
        "V1": Input("V1", "volume after", plain(v1), "mL", FINAL),
    }


def _recovery(record: BatchRecord, at: YieldBasis) -> Derived | None:
    four = _four(record, at)
    if four is None:
        return None
    used, inputs = record.formula("recovery-percent"), tuple(_inputs(*four).values())
    return ratio("recovery_percent", "Recovery of nucleated cells", "%", used, used.compute(*four), 1, inputs)


def _concentration_factor(record: BatchRecord, at: YieldBasis) -> Derived | None:
    four = _four(record, at)
    if four is None:
        return None
    used, inputs = record.formula("concentration-factor"), _inputs(*four)
    value, chosen = used.compute(four[0], four[2]), (inputs["C1"], inputs["C0"])
    return ratio("concentration_factor", "Concentration factor", "", used, value, 2, chosen)


def _volume_reduction(record: BatchRecord, at: YieldBasis) -> Derived | None:
    if not at.volume_before or not at.volume_after:
        return None
    used = record.formula("volume-reduction")
    inputs = (
        Input("V0", "volume before", plain(at.volume_before), "mL", LESS_SAMPLES),
        Input("V1", "volume after", plain(at.volume_after), "mL", FINAL),
    )
    value = used.compute(at.volume_before, at.volume_after)
    return ratio("volume_reduction", "Volume reduction", "", used, value, 2, inputs)


def _identity(record: BatchRecord, at: YieldBasis) -> Derived | None:
    factor, reduction = _concentration_factor(record, at), _volume_reduction(record, at)
    if factor is None or reduction is None:
        return None
    used = record.formula("recovery-check-percent")
    inputs = (
        Input("CF", "concentration factor", factor.reported, "", factor.formula_id),
        Input("VR", "volume reduction", reduction.reported, "", reduction.formula_id),
    )
    value, label = used.compute(factor.value, reduction.value), "Recovery by the other way, as a check"
    return ratio("recovery_check_percent", label, "%", used, value, 1, inputs)


def _viable_dose(record: BatchRecord, at: YieldBasis) -> Derived | None:
    per_ml, viability = concentration(record, at.count_after), _viability(record, at)
    if per_ml is None or viability is None or at.volume_left is None:
        return None
    used = record.formula("viable-dose")
    inputs = (
        Input("C1", "nucleated cells after", scientific(per_ml), "/mL", "count after"),
        Input("V%", "viability", viability.reported, "%", "count after"),
        Input("V", "volume left for injection", plain(at.volume_left), "mL", "final volume less the sample"),
    )
    value = used.compute(per_ml, viability.value, at.volume_left)
    label = f"Viable dose of the product, {record.process.population}"
    return cells_result("viable_dose", label, used, value, inputs)


def _yield_per_gram(record: BatchRecord, at: YieldBasis) -> Derived | None:
    cells = _tnc_after(record, at)
    if cells is None or not at.mass_g:
        return None
    used = record.formula("yield-per-gram")
    inputs = (
        Input("TNC", "total nucleated cells after", cells.reported, "", cells.formula_id),
        Input("m", "mass of the tissue", plain(at.mass_g), "g", _where(record, record.process.yields.mass)),
    )
    value = used.compute(cells.value, at.mass_g)
    return cells_result("yield_per_gram", "Nucleated cells for each g of tissue", used, value, inputs, "/g")


def _expected_cells(record: BatchRecord, at: YieldBasis) -> Derived | None:
    """The theoretical yield of tissue that cannot be counted: what the master aims at for each g (211.103)."""
    target = next(
        (spec.limit.target for spec in record.process.results if spec.key == "yield_per_gram"), None
    )
    if target is None or not at.mass_g:
        return None
    used = record.formula("expected-cells")
    inputs = (
        Input("Y", "target of the process", plain(target), "/g", "process definition"),
        Input("m", "mass of the tissue", plain(at.mass_g), "g", _where(record, record.process.yields.mass)),
    )
    value = used.compute(target, at.mass_g)
    return cells_result("expected_cells", "Expected nucleated cells", used, value, inputs)


def _yield_percent(record: BatchRecord, at: YieldBasis) -> Derived | None:
    cells, expected = _tnc_after(record, at), _expected_cells(record, at)
    if cells is None or expected is None or not expected.value:
        return None
    used = record.formula("yield-percent")
    inputs = (
        Input("TNC", "total nucleated cells after", cells.reported, "", cells.formula_id),
        Input("N", "expected nucleated cells", expected.reported, "", expected.formula_id),
    )
    value = used.compute(cells.value, expected.value)
    return ratio("yield_percent", "Yield in per cent of the expected", "%", used, value, 1, inputs)


def _where(record: BatchRecord, name: str) -> str:
    return f"step {record.process.step(name.partition('.')[0]).number}"


def _volume_needed(record: BatchRecord, at: YieldBasis) -> Derived | None:
    """How much of the product holds the dose that was ordered for all targets together."""
    ordered = [
        target.dose_cells
        for order in record.of_kind(Order)
        for target in order.targets
        if target.dose_cells is not None
    ]
    per_ml, viability = concentration(record, at.count_after), _viability(record, at)
    if not ordered or not per_ml or viability is None or not viability.value:
        return None
    used, dose = record.formula("volume-needed"), sum(ordered, Decimal(0))
    inputs = (
        Input("D", f"ordered dose, {record.process.population}", scientific(dose), "", "order, all targets"),
        Input("C1", "nucleated cells after", scientific(per_ml), "/mL", "count after"),
        Input("V%", "viability", viability.reported, "%", "count after"),
    )
    value = used.compute(dose, per_ml, viability.value)
    return ratio("volume_needed_ml", "Volume that holds the ordered dose", "mL", used, value, 3, inputs)


Maker = Callable[["BatchRecord", "YieldBasis"], Derived | None]
MAKERS: tuple[Maker, ...] = (
    _tnc_before,
    _tnc_after,
    _concentration,
    _viability,
    _recovery,
    _concentration_factor,
    _volume_reduction,
    _identity,
    _yield_per_gram,
    _expected_cells,
    _yield_percent,
    _viable_dose,
    _volume_needed,
)
"""In the order in which they are shown and printed."""

RESULT_UNITS: Mapping[str, str] = {
    "tnc_before": "",
    "tnc_after": "",
    "concentration_per_ml": "/mL",
    "viability_percent": "%",
    "recovery_percent": "%",
    "concentration_factor": "",
    "volume_reduction": "",
    "recovery_check_percent": "%",
    "yield_per_gram": "/g",
    "expected_cells": "",
    "yield_percent": "%",
    "viable_dose": "",
    "volume_needed_ml": "mL",
}
"""Every result that a process definition can ask for, by its key, and the unit of its limits."""
