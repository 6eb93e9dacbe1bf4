"""Section 15: a subject that this version of the process does not record. Its number stays."""

from __future__ import annotations

from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet


def draw_labels(sheet: Sheet) -> None:
    sheet.begin_section(15, need=20)
    sheet.none(NOT_PART)
