"""Section 13: what was computed across the steps, each with formula, inputs, and the rule of rounding (211.103)."""

from __future__ import annotations

from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.formulas import formula_box
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.balance import draw_balance, draw_cells, draw_theoretical
from labrecords.documents.sections.placement import YIELDS, steps_in
from labrecords.documents.sections.second_person import verified_words
from labrecords.documents.sections.steps import draw_steps
from labrecords.domain.results.results import results
from labrecords.domain.results.step_balance import step_balances


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
    _draw_who(sheet)
    draw_balance(sheet)
    draw_cells(sheet)
    draw_steps(sheet, steps)


def _draw_who(sheet: Sheet) -> None:
    """Who recorded what the yield is computed from, and who verified it (21 CFR 211.103)."""
    edition = sheet.edition
    keys = dict.fromkeys(
        place.partition(".")[0] for place in vars(edition.record.process.yields).values() if place
    )
    entries = [entry for key in keys if (entry := edition.record.current(key)) is not None]
    rows: list[Row] = [
        (
            f"{edition.record.process.step(entry.step_key).number}. "
            f"{edition.record.process.step(entry.step_key).title}",
            f"{edition.name(entry.performed_by)}, {edition.when(entry.performed_at)}",
            verified_words(edition, entry),
        )
        for entry in entries
    ]
    columns = (
        Column("Input of the yield", 66),
        Column("Performed by, at", 56),
        Column("Verified by, at", 56),
    )
    table(sheet, columns, rows, "Who performed and who verified what the yield is computed from")
    sheet.note(
        f"Computed by {edition.document.software} with edition {edition.record.batch.formulas} of its formulas, and "
        "computed anew when this document was verified."
    )
