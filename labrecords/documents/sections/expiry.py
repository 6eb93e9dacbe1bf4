"""Section 16: until when the product may be used, and which limit makes it so."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.expiry import use_before
from labrecords.domain.numbers import plain


def draw_expiry(sheet: Sheet) -> None:
    """Every limit with its derivation."""
    edition = sheet.edition
    sheet.begin_section(16)
    found = use_before(edition.record)
    if found is None:
        sheet.none("None: nothing was harvested, or the process sets no limit.")
        return
    rows: list[Row] = [
        (
            f"after {limit.label}",
            edition.when(limit.since),
            f"{plain(limit.hours)} h",
            edition.when(limit.until),
            edition.utc(limit.until),
            "yes, earliest" if limit.until == found.until else "no",
        )
        for limit in found.limits
    ]
    columns = (
        Column("Limit", 37),
        Column("Begins", 38),
        Column("Allowed", 16, "r"),
        Column("Ends", 38, "l", COND_BOLD),
        Column("UTC", 34),
        Column("Counts", 15),
    )
    table(sheet, columns, rows, "Use before: the earliest limit, computed in UTC")
