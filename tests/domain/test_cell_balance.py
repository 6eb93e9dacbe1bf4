"""The balance of cells from count to count: what was not counted is unknown, and never 0 (domain 3.4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from labrecords.domain.calculations.derived import scientific
from labrecords.domain.custody.flow import Flow
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.cell_balance import CellBalance, cell_balances
from labrecords.domain.results.results import results
from labrecords.domain.results.yield_results import concentration
from labrecords.domain.steps.counts import Square
from labrecords.domain.steps.formulation import Resuspension
from tests.support.clean import altered, clean, entry_of, without
from tests.support.fat_record import digested


def last(record: BatchRecord) -> CellBalance:
    return cell_balances(record)[-1]


def per_ml(record: BatchRecord, key: str) -> Decimal:
    found = concentration(record, entry_of(record, key))
    assert found is not None
    return found


def test_what_comes_before_the_first_count_was_not_counted_and_its_sample_was() -> None:
    record = clean()
    first = cell_balances(record)[0]
    assert (first.start, first.end.key, first.cells_in, first.not_found) == (None, "count_before", None, None)
    assert first.samples == per_ml(record, "count_before") * entry_of(record, "sample_before").volume_ml  # type: ignore[attr-defined]


def test_cells_go_out_in_the_product_and_in_its_sample_and_the_waste_is_not_counted() -> None:
    record = clean()
    found = last(record)
    assert found.start is not None
    assert (found.start.key, found.end.key) == ("count_before", "count_after")
    have = results(record)
    assert found.cells_in == have["tnc_before"].value
    assert found.samples is not None
    assert found.cells_out + found.samples == have["tnc_after"].value
    assert (found.set_aside, found.whole) == (None, False)
    assert found.not_found == have["tnc_before"].value - have["tnc_after"].value


def test_where_nothing_was_set_aside_there_are_no_cells_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Resuspension, "flow", lambda self: Flow(added_ml=self.diluent_volume_ml, out_ml=self.final_volume_ml)
    )
    found = last(replace(clean()))
    assert (found.set_aside, found.whole) == (Decimal(0), True)


def test_more_cells_out_than_in_are_below_nothing() -> None:
    squares = tuple(Square(cells=count) for count in (188, 179, 193, 181, 190))
    found = last(altered(clean(), "count_after", squares=squares))
    assert found.not_found is not None
    assert found.not_found < 0


def test_a_sample_that_was_drawn_between_two_changes_is_not_counted() -> None:
    record = clean()
    middle = entry_of(record, "sample_before")
    order = [step.key for step in record.process.steps]
    moved = replace(middle, id="other", step_key="spin_2", replaces_id=None)
    changed = replace(entry_of(record, "resuspension"), id="first", step_key="spin_1", replaces_id=None)
    rest = tuple(entry for entry in record.entries if entry.step_key not in ("spin_1", "spin_2"))
    assert order.index("spin_1") < order.index("spin_2") < order.index("resuspension")
    found = last(replace(record, entries=(*rest, changed, moved)))
    assert (found.samples, found.whole) == (None, False)


def test_tissue_that_was_not_counted_before_has_no_cells_that_went_in() -> None:
    (found,) = cell_balances(digested())
    assert (found.start, found.cells_in, found.set_aside) == (None, None, None)
    assert scientific(found.cells_out) == "3.11 × 10⁷"


def test_without_a_count_there_is_no_balance_of_cells() -> None:
    assert cell_balances(without(clean("count_before"), "count_before")) == ()
