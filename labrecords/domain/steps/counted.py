"""What every way of counting the cells of a sample has in common: a chamber, a counter, an analyser."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.custody.names import key_of, same_container
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.rules.finding import Severity
from labrecords.domain.steps.identity import mismatch
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values.limits import Limit, Outcome, judge, round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

KINDS_OF_COUNT = ("cell_count", "automated_count", "analyser_count")
DIFFERENCE = "method_difference_percent"
DIFFERENCE_LIMIT = Limit(unit="%", decimals=0, acceptance=(None, Decimal(20)))
"""How far a chamber count and an automated one of a sample may lie apart, where the process does not say."""


@dataclass(frozen=True, kw_only=True)
class Counted(Entry, ABC):
    """A count of the nucleated cells in a sample. Each kind says how it comes to its concentration and viability."""

    aside: ClassVar[bool] = True
    performer_label: ClassVar[str] = "Counted by"
    repeatable: ClassVar[bool] = True
    repeat_words: ClassVar[str] = "Repeat the count"
    about_the_measurement: ClassVar[frozenset[str]] = frozenset({"cv_percent", DIFFERENCE})
    method: ClassVar[str]
    """How it was counted, in words."""
    by_hand: ClassVar[bool] = False
    """Whether a person counted the cells."""

    sample_code: str = facts.code("Sample", hint="Scan or type the code on the sample")

    @abstractmethod
    def concentration_per_ml(self) -> Decimal:
        """Nucleated cells per mL of the sample."""

    @abstractmethod
    def viability_percent(self) -> Decimal | None:
        """Live cells in per cent of all, or None when viability was not counted."""

    @abstractmethod
    def cells_counted(self) -> int:
        """How many cells the concentration rests on; 0 where it is not known."""

    def withheld(self, record: BatchRecord) -> frozenset[str]:
        """Which of the results are not reported, because replicates of this count contradict each other."""
        return frozenset()

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        drawn = [entry.sample_code for entry in self._samples(record)]
        if not drawn or any(same_container(record, code, self.sample_code) for code in drawn):
            return ()
        wrong = mismatch("sample", drawn[-1], self.sample_code)
        return (wrong,) if wrong else ()

    def _samples(self, record: BatchRecord) -> list[Sample]:
        """The samples that were drawn for this count: those recorded since the counts of the sample before."""
        steps = record.process.steps[: record.process.step(self.step_key).number - 1]
        last = max((step.number for step in steps if step.kind == Sample.kind), default=0)
        before = max((step.number for step in steps[:last] if step.kind in KINDS_OF_COUNT), default=0)
        return [
            entry
            for step in steps[before:last]
            if step.kind == Sample.kind and isinstance(entry := record.current(step.key), Sample)
        ]

    def differences(self, record: BatchRecord) -> Iterator[Derived]:
        """How far this count lies from the earlier ones of the sample, one of the two by hand, the other not."""
        here, used = record.process.step(self.step_key), record.formula("method-difference")
        for number, other in enumerate(self._other_methods(record)):
            there = record.process.step(other.step_key)
            one, two = other.concentration_per_ml(), self.concentration_per_ml()
            if not one + two:
                continue
            value = used.compute(one, two)
            yield Derived(
                key=DIFFERENCE if number == 0 else f"{DIFFERENCE}_{there.key}",
                label=f"Difference from the {other.method}, step {there.number}",
                value=value,
                reported=plain(round_half_up(value, 1)),
                unit="%",
                formula=used.text,
                formula_id=used.id,
                inputs=(
                    Input("A", other.method, scientific(one), "/mL", f"step {there.number}"),
                    Input("B", self.method, scientific(two), "/mL", f"step {here.number}"),
                ),
                rounding="rounded half-up to 1 decimal",
            )

    def _other_methods(self, record: BatchRecord) -> list[Counted]:
        if not self.sample_code:
            return []  # the form is still being filled in
        step, sample = record.process.step(self.step_key), key_of(record, self.sample_code)
        return [
            entry
            for entry in record.current_entries()
            if isinstance(entry, Counted)
            and entry.by_hand != self.by_hand
            and key_of(record, entry.sample_code) == sample
            and record.process.step(entry.step_key).number < step.number
        ]

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        limits, found = record.process.step(self.step_key).limits, []
        for derived in self.differences(record):
            judgement = judge(derived.value, limits.get(DIFFERENCE, DIFFERENCE_LIMIT))
            if judgement.outcome in (Outcome.FAIL, Outcome.ALERT):
                found.append(
                    Remark(
                        "methods differ",
                        f"{derived.label}: {judgement.sentence}",
                        "Repeat both counts from the mixed sample, and find out which is wrong.",
                        # A limit of the process is judged with all others, and is a finding there.
                        None if DIFFERENCE in limits else Severity.EXCEPTION,
                    )
                )
        return tuple(found)

    def summary(self, record: BatchRecord) -> str:
        viability, withheld = self.viability_percent(), self.withheld(record)
        parts = []
        if "concentration_per_ml" not in withheld:
            parts.append(f"{scientific(self.concentration_per_ml())} /mL")
        if viability is not None and "viability_percent" not in withheld:
            parts.append(f"{plain(round_half_up(viability, 1))} % viable")
        if withheld:
            parts.append("the loadings disagree: no mean is reported")
        return ", ".join(parts)
