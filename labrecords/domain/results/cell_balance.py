"""The balance of cells from count to count: in = out, samples, what was set aside, and what was not found (domain 3.4).

Cells are concentration x volume (formula "tnc"). A sample has the concentration of the count before it until the
material is changed, and that of the count after it since it was changed last. Waste and what is kept apart is not
counted: where there was any, its cells are unknown, and never taken for 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.flow import NOTHING
from labrecords.domain.once import once
from labrecords.domain.results.step_balance import StepBalance, step_balances
from labrecords.domain.results.yield_results import concentration
from labrecords.domain.steps.sampling import Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labrecords.domain.processes.process import Step
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class CellBalance:
    """The cells between two counts. What was not counted is None."""

    start: Step | None
    """The count before; None for what comes before the first count."""
    end: Step
    cells_in: Decimal | None
    cells_out: Decimal
    samples: Decimal | None
    set_aside: Decimal | None
    """In waste and in what was kept apart: 0 where there was none, else not counted."""

    @property
    def not_found(self) -> Decimal | None:
        """What went in and stands nowhere else, that which was not counted included; below 0 more came out."""
        if self.cells_in is None:
            return None
        return self.cells_in - self.cells_out - (self.samples or NOTHING) - (self.set_aside or NOTHING)

    @property
    def whole(self) -> bool:
        """Whether everything was counted, so that what is not found was lost or is an error of counting."""
        return None not in (self.cells_in, self.samples, self.set_aside)


@once
def cell_balances(record: BatchRecord) -> tuple[CellBalance, ...]:
    """From the beginning to the first count, and from each count to the next after the material was changed."""
    found: list[CellBalance] = []
    start: StepBalance | None = None
    between: list[StepBalance] = []
    for row in step_balances(record):
        if row.cells is None:
            between.append(row)
        elif start is None or _changed(between):
            found.append(_stretch(record, start, between, row))
            start, between = row, []
    return tuple(found)


def _changed(rows: Sequence[StepBalance]) -> bool:
    """Whether more was done than to draw samples."""
    return any(_changes(row) for row in rows)


def _changes(row: StepBalance) -> bool:
    return row.entry.flow() is not None and not isinstance(row.entry, Sample)


def _stretch(
    record: BatchRecord, start: StepBalance | None, between: Sequence[StepBalance], end: StepBalance
) -> CellBalance:
    assert end.cells is not None, "a stretch ends with a count"
    changes = [number for number, row in enumerate(between) if _changes(row)]
    samples: Decimal | None = NOTHING
    for number, row in enumerate(between):
        if not row.sample_ml or samples is None:
            continue
        counted = None
        if not changes or number > changes[-1]:
            counted = end
        elif number < changes[0]:
            counted = start
        per_ml = concentration(record, counted.entry) if counted else None
        samples = None if per_ml is None else samples + record.formula("tnc").compute(per_ml, row.sample_ml)
    nothing_aside = all(row.waste_ml == 0 and row.retained_ml == 0 for row in between)
    return CellBalance(
        start=start.step if start else None,
        end=end.step,
        cells_in=start.cells if start else None,
        cells_out=end.cells,
        samples=samples,
        set_aside=NOTHING if nothing_aside else None,
    )
