"""Section 21: complications and what is known after the release."""

from __future__ import annotations

from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.tests import draw_late_results


def draw_follow_up(sheet: Sheet) -> None:
    """Complications as the steps state them, then what late tests gave; complaints come with later versions."""
    edition = sheet.edition
    sheet.begin_section(21, need=40)
    rows: list[Row] = [
        (
            edition.step_words(entry.step_key),
            said,
            edition.name(entry.performed_by),
            edition.when(entry.performed_at),
        )
        for entry in edition.record.current_entries()
        if (said := getattr(entry, "complications", None))
    ]
    columns = (Column("Step", 20), Column("Complication", 84), Column("By", 37), Column("At", 37))
    table(sheet, columns, rows, "Complications stated by the physician")
    if not rows:
        sheet.none("Complications: none stated.")
    draw_late_results(sheet)
