"""Section 13: what was computed across the steps, each with formula, inputs, and the rule of rounding (211.103)."""

from __future__ import annotations

from labrecords.documents.pages.formulas import formula_box
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.sections.balance import draw_balance, draw_cells, draw_theoretical
from labrecords.documents.sections.placement import YIELDS, steps_in
from labrecords.documents.sections.steps import draw_steps
from labrecords.domain.results import results
from labrecords.domain.step_balance import step_balances


def draw_yields(sheet: Sheet) -> None:
    """The results that do not belong to one step alone; those of a count stand there."""
    record = sheet.edition.record
    sheet.begin_section(13, need=120)
    of_steps = {derived for entry in record.current_entries() for derived in entry.derived(record)}
    across = [derived for derived in results(record).values() if derived not in of_steps]
    steps = steps_in(record, YIELDS)
    if not across and not steps and not step_balances(record):
        sheet.none("None: counts or volumes are not recorded.")
    draw_theoretical(sheet)
    for derived in across:
        formula_box(sheet, derived)
    draw_balance(sheet)
    draw_cells(sheet)
    draw_steps(sheet, steps)
