"""Results of a batch across its steps: yield, recovery, viability, dose, judged by the process (domain 3.3-3.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labrecords.domain import yields
from labrecords.domain.derived import Derived, Input, scientific
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.limits import Judgement, Limit, judge, round_half_up
from labrecords.domain.numbers import plain
from labrecords.domain.record import once
from labrecords.domain.steps.counts import CellCount

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.process import ResultSpec
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class JudgedResult:
    spec: ResultSpec
    derived: Derived | None
    judgement: Judgement


@dataclass(frozen=True)
class JudgedValue:
    """A recorded or derived value of one step beside its limit."""

    name: str
    label: str
    value: str
    unit: str
    limit: Limit
    judgement: Judgement


@dataclass(frozen=True)
class YieldBasis:
    """What the yield is computed from: concentrations per mL and volumes in mL; anything unrecorded is None."""

    count_before: CellCount | None
    volume_before: Decimal | None
    """Available for processing: less the sample drawn before it."""
    count_after: CellCount | None
    volume_after: Decimal | None
    """All that came out, the sample of the product included."""
    volume_left: Decimal | None
    """Available for injection: less the sample of the product."""


def basis(record: BatchRecord) -> YieldBasis:
    """Volumes available for processing: what a sample took away before is subtracted (domain 3.4)."""
    names = record.process.yields

    def count(key: str) -> CellCount | None:
        entry = record.current(key)
        return entry if isinstance(entry, CellCount) else None

    def volume(name: str) -> Decimal | None:
        if not name:
            return Decimal(0)
        key, _, fact = name.partition(".")
        entry = record.current(key)
        if entry is None and record.not_done_reason(key):
            return Decimal(0)
        value = getattr(entry, fact, None)
        return value if isinstance(value, Decimal) else None

    def available(whole: str, taken: str) -> Decimal | None:
        volume_whole, volume_taken = volume(whole), volume(taken)
        if volume_whole is None or volume_taken is None:
            return None
        return volume_whole - volume_taken

    return YieldBasis(
        count(names.count_before),
        available(names.volume_before, names.volume_taken_before),
        count(names.count_after),
        available(names.volume_after, ""),
        available(names.volume_after, names.volume_taken_after),
    )


@once
def results(record: BatchRecord) -> dict[str, Derived]:
    """Every result that can be computed from what is recorded, by its key. Missing inputs give no result."""
    at = basis(record)
    found = [make(record, at) for make in _RESULTS]
    return {derived.key: derived for derived in found if derived is not None}


@once
def judged_results(record: BatchRecord) -> tuple[JudgedResult, ...]:
    """The results that the process asks for, each with its verdict; a missing one is "not done", never a pass."""
    have = results(record)
    return tuple(
        JudgedResult(
            spec,
            have.get(spec.key),
            judge(have[spec.key].value if spec.key in have else None, spec.limit),
        )
        for spec in record.process.results
    )


def judged_values(record: BatchRecord, entry: Entry) -> tuple[JudgedValue, ...]:
    """The values of one entry, entered and derived, that have a limit in the process."""
    step = record.process.step(entry.step_key)
    found = []
    for fact in facts_of(type(entry)):
        limit, value = step.limits.get(fact.name), getattr(entry, fact.name)
        if limit is None or fact.type not in (FactType.NUMBER, FactType.WHOLE) or value is None:
            continue
        found.append(_judged(fact.name, fact.label, Decimal(value), plain(Decimal(value)), fact.unit, limit))
    for derived in record.derived(entry):
        limit = step.limits.get(derived.key)
        if limit is not None:
            found.append(
                _judged(derived.key, derived.label, derived.value, derived.reported, derived.unit, limit)
            )
    return tuple(found)


def _judged(name: str, label: str, value: Decimal, shown: str, unit: str, limit: Limit) -> JudgedValue:
    return JudgedValue(name, label, shown, unit, limit, judge(value, limit))


_VOLUME_SOURCE = {"before": "volume less samples drawn before", "after": "final volume"}


def _cells(
    record: BatchRecord, which: str, count: CellCount | None, volume: Decimal | None
) -> Derived | None:
    if count is None or volume is None:
        return None
    here = f"step {record.process.step(count.step_key).number}"
    total = yields.tnc(count.concentration_per_ml(), volume)
    return Derived(
        key=f"tnc_{which}",
        label=f"Total nucleated cells {which} processing",
        value=total,
        reported=scientific(total),
        unit="",
        formula="TNC = C × V",
        formula_id="tnc/1",
        inputs=(
            Input("C", "nucleated cells", scientific(count.concentration_per_ml()), "/mL", here),
            Input("V", "volume", plain(volume), "mL", _VOLUME_SOURCE[which]),
        ),
        rounding="rounded half-up to 3 significant digits",
    )


def _tnc_before(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return _cells(record, "before", at.count_before, at.volume_before)


def _tnc_after(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return _cells(record, "after", at.count_after, at.volume_after)


def _concentration(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return _of_count(record, at, "concentration_per_ml")


def _viability(record: BatchRecord, at: YieldBasis) -> Derived | None:
    return _of_count(record, at, "viability_percent")


def _of_count(record: BatchRecord, at: YieldBasis, key: str) -> Derived | None:
    if at.count_after is None:
        return None
    return next((derived for derived in record.derived(at.count_after) if derived.key == key), None)


def _pair(at: YieldBasis) -> tuple[Decimal, Decimal, Decimal, Decimal] | None:
    if not (at.count_before and at.count_after) or at.volume_before is None or at.volume_after is None:
        return None
    before, after = at.count_before.concentration_per_ml(), at.count_after.concentration_per_ml()
    if not (before and at.volume_before and after and at.volume_after):
        return None
    return before, at.volume_before, after, at.volume_after


def _ratio(
    key: str, label: str, unit: str, formula: str, value: Decimal, decimals: int, inputs: tuple[Input, ...]
) -> Derived:
    return Derived(
        key=key,
        label=label,
        value=value,
        reported=plain(round_half_up(value, decimals)),
        unit=unit,
        formula=formula,
        formula_id=f"{key.replace('_', '-')}/1",
        inputs=inputs,
        rounding=f"rounded half-up to {decimals} decimals",
    )


def _inputs(c0: Decimal, v0: Decimal, c1: Decimal, v1: Decimal) -> dict[str, Input]:
    return {
        "C0": Input("C0", "nucleated cells before", scientific(c0), "/mL", "count before"),
        "V0": Input("V0", "volume before", plain(v0), "mL", "volume less samples drawn before"),
        "C1": Input("C1", "nucleated cells after", scientific(c1), "/mL", "count after"),
        "V1": Input("V1", "volume after", plain(v1), "mL", "final volume"),
    }


def _recovery(record: BatchRecord, at: YieldBasis) -> Derived | None:
    pair = _pair(at)
    if pair is None:
        return None
    value = yields.recovery_percent(*pair)
    inputs = tuple(_inputs(*pair).values())
    formula = "R = (C1 × V1) / (C0 × V0) × 100"
    return _ratio("recovery_percent", "Recovery of nucleated cells", "%", formula, value, 1, inputs)


def _concentration_factor(record: BatchRecord, at: YieldBasis) -> Derived | None:
    pair = _pair(at)
    if pair is None:
        return None
    inputs = _inputs(*pair)
    value = yields.concentration_factor(pair[0], pair[2])
    chosen = (inputs["C1"], inputs["C0"])
    return _ratio("concentration_factor", "Concentration factor", "", "CF = C1 / C0", value, 2, chosen)


def _volume_reduction(record: BatchRecord, at: YieldBasis) -> Derived | None:
    if not at.volume_before or not at.volume_after:
        return None
    value = yields.volume_reduction(at.volume_before, at.volume_after)
    inputs = (
        Input("V0", "volume before", plain(at.volume_before), "mL", "volume less samples drawn before"),
        Input("V1", "volume after", plain(at.volume_after), "mL", "final volume"),
    )
    return _ratio("volume_reduction", "Volume reduction", "", "VR = V0 / V1", value, 2, inputs)


def _identity(record: BatchRecord, at: YieldBasis) -> Derived | None:
    factor, reduction = _concentration_factor(record, at), _volume_reduction(record, at)
    if factor is None or reduction is None:
        return None
    value = factor.value / reduction.value * 100
    inputs = (
        Input("CF", "concentration factor", factor.reported, "", factor.formula_id),
        Input("VR", "volume reduction", reduction.reported, "", reduction.formula_id),
    )
    label, formula = "Recovery by the other way, as a check", "R = CF / VR × 100"
    return _ratio("recovery_check_percent", label, "%", formula, value, 1, inputs)


def _viable_dose(record: BatchRecord, at: YieldBasis) -> Derived | None:
    if at.count_after is None or at.volume_left is None:
        return None
    viability = at.count_after.viability_percent()
    if viability is None:
        return None
    concentration = at.count_after.concentration_per_ml()
    dose = yields.viable_dose(concentration, viability, at.volume_left)
    return Derived(
        key="viable_dose",
        label=f"Viable dose of the product, {record.process.population}",
        value=dose,
        reported=scientific(dose),
        unit="",
        formula="D = C1 × V% / 100 × V",
        formula_id="viable-dose/1",
        inputs=(
            Input("C1", "nucleated cells after", scientific(concentration), "/mL", "count after"),
            Input("V%", "viability", plain(round_half_up(viability, 1)), "%", "count after"),
            Input(
                "V", "volume left for injection", plain(at.volume_left), "mL", "final volume less the sample"
            ),
        ),
        rounding="rounded half-up to 3 significant digits",
    )


_RESULTS: tuple[Callable[[Any, YieldBasis], Derived | None], ...] = (
    _tnc_before,
    _tnc_after,
    _concentration,
    _viability,
    _recovery,
    _concentration_factor,
    _volume_reduction,
    _identity,
    _viable_dose,
)
