"""Yield and labels accounted for: recovery as the system computes it, and every label that was printed (domain B16).

A recovery above 100 % by more than counting error is recorded like any other, and demands an investigation
(21 CFR 211.192): hard <= 100 % + 2 x combined count CV, domain 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.results.results import basis, judged_results, results
from labrecords.domain.values.limits import Outcome, round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

ALL = Decimal(100)
"""Per cent of the cells that there were."""
_SHOWN = ("tnc_before", "tnc_after", "recovery_percent", "volume_reduction")


@dataclass(frozen=True, kw_only=True)
class YieldReconciliation(Entry):
    kind: ClassVar[str] = "yield_reconciliation"
    derived_keys: ClassVar[tuple[str, ...]] = (*_SHOWN, "recovery_limit_percent")
    performer_label: ClassVar[str] = "Reconciled by"

    waste_ml: Decimal = facts.number("Waste", "mL", hint="Everything of this batch that was thrown away")
    labels_printed: int = facts.whole("Labels printed")
    labels_used: int = facts.whole("Labels used")
    labels_destroyed: int = facts.whole("Labels destroyed")
    investigation: str | None = facts.note(
        "Investigation",
        required=False,
        hint="Where the recovery is not as expected: what was looked into, and found",
    )

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        missing = self.labels_printed - self.labels_used - self.labels_destroyed
        if not missing:
            return ()
        words = f"{missing} unaccounted for" if missing > 0 else f"{-missing} more than were printed"
        return (
            Stop(
                rule="labels",
                sentence=f"{self.labels_printed} labels were printed, {self.labels_used} used and "
                f"{self.labels_destroyed} destroyed: {words}.",
                way_out="Count them again and look for the missing ones, also on other containers.",
            ),
        )

    def contradictions_in(self, record: BatchRecord) -> dict[str, str]:
        wanted = unexpected_recovery(record)
        if wanted and not (self.investigation or "").strip():
            return {"investigation": f"{wanted} Write what was looked into, and what was found."}
        return {}

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        have, limit = results(record), recovery_limit(record)
        shown = (have[key] for key in _SHOWN if key in have)
        return (*shown, *((limit,) if limit else ()))

    def summary(self, record: BatchRecord) -> str:
        recovery = results(record).get("recovery_percent")
        words = f"recovery {recovery.reported} %, " if recovery else ""
        return (
            f"{words}{plain(self.waste_ml)} mL waste; labels: {self.labels_printed} printed, "
            f"{self.labels_used} used, {self.labels_destroyed} destroyed"
        )


def recovery_limit(record: BatchRecord) -> Derived | None:
    """The greatest recovery (%) that counting error explains: 100 + 2 x the combined CV of both counts."""
    at = basis(record)
    if at.count_before is None or at.count_after is None:
        return None
    before, after = at.count_before.cells_counted(), at.count_after.cells_counted()
    if not before or not after:
        return None
    used = record.formula("recovery-limit")
    value = used.compute(before, after)
    return Derived(
        key="recovery_limit_percent",
        label="Recovery that counting error allows, at most",
        value=value,
        reported=plain(round_half_up(value, 1)),
        unit="%",
        formula=used.text,
        formula_id=used.id,
        inputs=(
            Input("N0", "cells counted before", str(before), "", "count before"),
            Input("N1", "cells counted after", str(after), "", "count after"),
        ),
        rounding="rounded half-up to 1 decimal",
    )


def beyond_counting(record: BatchRecord) -> str | None:
    """What the recovery is above, in words, where counting error does not explain it; else None.

    Where nobody knows how many cells were counted, as with an analyser, nothing above 100 % is explained.
    """
    recovery, limit = results(record).get("recovery_percent"), recovery_limit(record)
    if recovery is None:
        return None
    if limit is not None:
        said = f"the {limit.reported} % that counting error allows"
        return said if recovery.value > limit.value else None
    said = "100 %, and the counting error is not known"
    return said if round_half_up(recovery.value, 1) > ALL else None


def unexpected_recovery(record: BatchRecord) -> str | None:
    """Why the recovery demands an investigation: above what counting explains, or outside what is accepted."""
    recovery = results(record).get("recovery_percent")
    if recovery is None:
        return None
    if words := beyond_counting(record):
        return f"The recovery of {recovery.reported} % is above {words}."
    for result in judged_results(record):
        if result.spec.key == recovery.key and result.judgement.outcome is Outcome.FAIL:
            return f"The recovery is out of limits: {result.judgement.sentence}"
    return None
