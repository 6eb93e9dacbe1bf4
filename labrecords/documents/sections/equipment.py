"""Section 8: the equipment that the steps name, as it was registered then."""

from __future__ import annotations

from dataclasses import replace

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import met
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, section_with_table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.domain.record import Equipment
from labrecords.domain.registers.equipment import named_equipment

NOT_RECORDED = "not recorded"
"""Of a version that was registered without the day of its last calibration: nobody guesses it."""


def draw_equipment(sheet: Sheet) -> None:
    """One row for each registered version that a step used."""
    edition = sheet.edition
    rows: list[Row] = [
        (
            item.code,
            item.category,
            Cell(item.model, remark=_identity(item)),
            item.r_max_cm or "",
            item.r_av_cm or "",
            item.max_speed_rpm or "",
            item.last_check or NOT_RECORDED,
            item.next_check or NOT_STATED,
            item.next_clean or NOT_STATED,
            _standing(sheet.edition, item),
            _steps(edition, item.id),
        )
        for item in edition.record.equipment
        if _steps(edition, item.id)
    ]
    columns = (
        Column("Code", 16, "l", COND_BOLD),
        Column("Category", 15),
        Column("Model, serial number, UDI, software", 32),
        Column("r max, cm", 12, "d"),
        Column("r av, cm", 11, "d"),
        Column("rpm up to", 12, "r"),
        Column("Calibrated on", 17),
        Column("Calibrated until", 17),
        Column("Cleaned until", 17),
        Column("Register", 20),
        Column("Steps", 9),
    )
    section_with_table(sheet, 8, columns, rows, "Equipment used")
    if not rows:
        sheet.none("None recorded: no step names equipment.")


def _standing(edition: Edition, item: Equipment) -> Cell:
    """Whether it was in service, and since when the register has said so, its calibration and its cleaning.

    The day of the registration is not that of the calibration, which has a column of its own.
    """
    cell = met(item.in_service, "in service", "OUT OF SERVICE")
    return replace(cell, remark=f"registered {edition.when(item.registered_at)}")


def _identity(item: Equipment) -> str:
    """Serial number, UDI, software and place, where they are registered."""
    serial = f"serial number {item.serial}" if item.serial else ""
    udi = f"UDI {item.udi}" if item.udi else ""
    return ", ".join(part for part in (serial, udi, item.software, item.place) if part)


def _steps(edition: Edition, item_id: str) -> str:
    numbers = {
        edition.record.process.step(entry.step_key).number
        for entry in edition.record.entries
        if item_id in named_equipment(entry)
    }
    return ", ".join(map(str, sorted(numbers)))
