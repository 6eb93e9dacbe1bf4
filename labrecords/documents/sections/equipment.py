"""Section 8: the equipment that the steps name, as it was registered then."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.outcomes import met
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.domain.facts import FactType, facts_of


def draw_equipment(sheet: Sheet) -> None:
    """One row for each registered version that a step used."""
    edition = sheet.edition
    sheet.begin_section(8)
    rows: list[Row] = [
        (
            item.code,
            item.category,
            item.model,
            item.r_max_cm or "",
            item.r_av_cm or "",
            item.max_speed_rpm or "",
            item.next_check or NOT_STATED,
            met(item.in_service, "in service", "OUT OF SERVICE"),
            _steps(edition, item.id),
        )
        for item in edition.record.equipment
        if _steps(edition, item.id)
    ]
    columns = (
        Column("Code", 18, "l", COND_BOLD),
        Column("Category", 19),
        Column("Model", 40),
        Column("r max, cm", 14, "d"),
        Column("r av, cm", 13, "d"),
        Column("Fastest, rpm", 16, "r"),
        Column("Check until", 20),
        Column("Register", 22),
        Column("Steps", 16),
    )
    table(sheet, columns, rows, "Equipment used")
    if not rows:
        sheet.none("None recorded: no step names equipment.")


def _steps(edition: Edition, item_id: str) -> str:
    numbers = {
        edition.record.process.step(entry.step_key).number
        for entry in edition.record.entries
        for fact in facts_of(type(entry))
        if fact.type is FactType.EQUIPMENT and getattr(entry, fact.name) == item_id
    }
    return ", ".join(map(str, sorted(numbers)))
