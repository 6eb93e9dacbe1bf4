"""Results of a batch across its steps: yield, recovery, viability, dose, judged by the process (domain 3.3-3.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.facts import FactType
from labrecords.domain.once import once
from labrecords.domain.results.yield_results import MAKERS
from labrecords.domain.steps.counted import Counted
from labrecords.domain.values.limits import Judgement, Limit, judge
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.processes.process import ResultSpec
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
    """What the yield is computed from: concentrations per mL and volumes in mL; anything unrecorded is None.

    A volume is below 0 where more was drawn than there was.
    """

    count_before: Counted | None
    volume_before: Decimal | None
    """Available for processing: less the sample drawn before it."""
    count_after: Counted | None
    volume_after: Decimal | None
    """All that came out, the sample of the product included."""
    volume_left: Decimal | None
    """Available for injection: less the sample of the product."""
    mass_g: Decimal | None
    """What was processed, where it was weighed because it cannot be counted."""

    def known(self) -> YieldBasis:
        """The same without volumes below 0: what was left then nobody knows, and nothing is computed from it."""
        volumes = {name: getattr(self, name) for name in ("volume_before", "volume_after", "volume_left")}
        return replace(self, **{name: None for name, ml in volumes.items() if ml is not None and ml < 0})


def basis(record: BatchRecord) -> YieldBasis:
    """Volumes available for processing: what a sample took away before is subtracted (domain 3.4)."""
    names = record.process.yields

    def count(key: str) -> Counted | None:
        entry = record.current(key)
        return entry if isinstance(entry, Counted) else None

    def volume(name: str) -> Decimal | None:
        if not name:
            return Decimal(0)
        key, _, fact = name.partition(".")
        entry = record.current(key)
        if entry is None and record.not_done_reason(key):
            return Decimal(0)
        value = getattr(entry, fact, None)
        if value is None and entry is not None:
            value = next((found.value for found in record.derived(entry) if found.key == fact), None)
        return value if isinstance(value, Decimal) else None

    def available(whole: str, taken: str) -> Decimal | None:
        volume_whole, volume_taken = volume(whole), volume(taken)
        if volume_whole is None or volume_taken is None:
            return None
        return volume_whole - volume_taken

    return YieldBasis(
        count(names.count_before),
        available(names.volume_before, names.volume_taken_before) if names.volume_before else None,
        count(names.count_after),
        available(names.volume_after, ""),
        available(names.volume_after, names.volume_taken_after),
        volume(names.mass) if names.mass else None,
    )


@once
def results(record: BatchRecord) -> dict[str, Derived]:
    """Every result that can be computed from what is recorded, by its key. Missing inputs give no result."""
    at = basis(record).known()
    found = [make(record, at) for make in MAKERS]
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


def sentence_of(result: JudgedResult) -> str:
    """The result with its verdict in one sentence, as its finding is worded."""
    return f"{result.spec.label}: {result.judgement.sentence}"


def judged_values(record: BatchRecord, entry: Entry) -> tuple[JudgedValue, ...]:
    """The values of one entry, entered and derived, that have a limit in the process."""
    step = record.process.step(entry.step_key)
    found = []
    for fact in type(entry).asked(step):
        limit, value = step.limits.get(fact.name), getattr(entry, fact.name)
        if limit is None or fact.type not in (FactType.NUMBER, FactType.WHOLE) or value is None:
            continue
        found.append(_judged(fact.name, fact.label, Decimal(value), plain(Decimal(value)), fact.unit, limit))
    for derived in record.derived(entry):
        limit = step.limits.get(derived.limit_key)
        if limit is not None:
            found.append(
                _judged(derived.key, derived.label, derived.value, derived.reported, derived.unit, limit)
            )
    found += [
        _judged(item.key, item.label, item.value, item.reported, item.limit.unit, item.limit)
        for item in entry.computed_limits(record)
    ]
    return tuple(found)


def judged_by(record: BatchRecord, entry: Entry, derived: Derived) -> tuple[Decimal, Limit | None]:
    """What a computed number is judged by: itself and its limit in the process, or what it limits where it is one."""
    for item in entry.computed_limits(record):
        if item.key == derived.key:
            return item.value, item.limit
    return derived.value, record.process.limit_of(record.process.step(entry.step_key), derived.limit_key)


def _judged(name: str, label: str, value: Decimal, shown: str, unit: str, limit: Limit) -> JudgedValue:
    return JudgedValue(name, label, shown, unit, limit, judge(value, limit))
