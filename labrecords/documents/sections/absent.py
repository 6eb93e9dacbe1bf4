"""Sections 6 and 15: subjects that this version of the process does not record. Their numbers stay."""

from __future__ import annotations

from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet


def draw_line_clearance(sheet: Sheet) -> None:
    sheet.begin_section(6, need=20)
    sheet.none(NOT_PART)


def draw_labels(sheet: Sheet) -> None:
    sheet.begin_section(15, need=20)
    sheet.none(NOT_PART)
