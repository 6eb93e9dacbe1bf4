"""The balance of volumes step by step: in and added = out, samples, waste, and what is kept apart (domain 2.1, 6.5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.flow import NOTHING, Flow
from labrecords.domain.once import once
from labrecords.domain.processes.process import PROCESSING
from labrecords.domain.results.yield_results import concentration
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.processes.process import Step
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class StepBalance:
    """The volumes of one step in mL; what was not stated is None. `cells` are those in the container, where counted."""

    step: Step
    entry: Entry
    before_ml: Decimal | None
    """What the steps before left in the container."""
    in_ml: Decimal | None
    added_ml: Decimal | None
    out_ml: Decimal | None
    sample_ml: Decimal
    waste_ml: Decimal | None
    retained_ml: Decimal
    tolerance_percent: Decimal
    cells: Decimal | None = None

    @property
    def difference_ml(self) -> Decimal | None:
        """What went in and did not come out; below 0 more came out. None where something was not stated."""
        if self.in_ml is None or self.added_ml is None or self.out_ml is None or self.waste_ml is None:
            return None
        out = self.out_ml + self.sample_ml + self.waste_ml + self.retained_ml
        return self.in_ml + self.added_ml - out

    @property
    def taken_ml(self) -> Decimal | None:
        """How much less went in than the steps before had left; below 0 more. None where one is unknown."""
        return None if self.in_ml is None or self.before_ml is None else self.before_ml - self.in_ml

    @property
    def overdrawn_ml(self) -> Decimal:
        """How much more was taken than there was; 0 where it was not, or is not known."""
        return max(-(self.out_ml or NOTHING), NOTHING)

    @property
    def left_ml(self) -> Decimal | None:
        """What the step left for the next one; where more was taken than there was, nobody knows: None."""
        return None if self.overdrawn_ml else self.out_ml

    @property
    def closed(self) -> bool:
        """Whether the step holds together, and goes on with what was there, within the tolerance."""
        return not self.overdrawn_ml and self.within(self.difference_ml) and self.within(self.taken_ml)

    def within(self, difference_ml: Decimal | None) -> bool:
        """Whether a difference is within the tolerance, in per cent of all that went in."""
        whole = max(self.in_ml or NOTHING, self.before_ml or NOTHING) + (self.added_ml or NOTHING)
        return difference_ml is None or abs(difference_ml) * 100 <= whole * self.tolerance_percent

    def sentences(self) -> tuple[str, ...]:
        """What does not hold, in words."""
        found, tolerance = [], f"more than {plain(self.tolerance_percent)} %"
        if self.overdrawn_ml:
            found.append(f"{plain(self.overdrawn_ml)} mL more were taken than there were.")
        taken, difference = self.taken_ml, self.difference_ml
        if taken is not None and not self.within(taken):
            found.append(
                f"{plain(self.in_ml or NOTHING)} mL went in, and the steps before had left "
                f"{plain(self.before_ml or NOTHING)} mL: {tolerance} apart."
            )
        if difference is not None and not self.within(difference):
            much = plain(abs(difference))
            less = (
                f"{much} mL are unaccounted for"
                if difference > 0
                else f"{much} mL more came out than went in"
            )
            found.append(f"{less}, {tolerance}.")
        return tuple(found)


@once
def step_balances(record: BatchRecord) -> tuple[StepBalance, ...]:
    """Every step of the processing that moves or counts something, in the order of the process."""
    found: list[StepBalance] = []
    there: Decimal | None = None
    for entry in record.current_entries():
        step, flow = record.process.step(entry.step_key), entry.flow()
        if step.phase != PROCESSING:
            continue
        if flow is not None:
            found.append(_moved(record, step, entry, flow, there))
            there = found[-1].left_ml
        elif (per_ml := concentration(record, entry)) is not None:
            cells = None if there is None else record.formula("tnc").compute(per_ml, there)
            still = _moved(record, step, entry, Flow(), there)
            found.append(StepBalance(**{**vars(still), "cells": cells}))
    return tuple(found)


def _moved(record: BatchRecord, step: Step, entry: Entry, flow: Flow, there: Decimal | None) -> StepBalance:
    stated = flow.in_ml if flow.in_ml is not None else there
    out = flow.out_ml
    if out is None and None not in (stated, flow.added_ml, flow.waste_ml):
        parts = (flow.sample_ml, flow.waste_ml or NOTHING, flow.retained_ml)
        out = (stated or NOTHING) + (flow.added_ml or NOTHING) - sum(parts, NOTHING)
    return StepBalance(
        step=step,
        entry=entry,
        before_ml=there,
        in_ml=stated,
        added_ml=flow.added_ml,
        out_ml=out,
        sample_ml=flow.sample_ml,
        waste_ml=flow.waste_ml,
        retained_ml=flow.retained_ml,
        tolerance_percent=record.process.balance_tolerance_percent,
    )
