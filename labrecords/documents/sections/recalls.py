"""The part of section 21 on recalls: what is recalled, why, by whom, and who was told."""

from __future__ import annotations

from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.custody.notices import Receipt
from labrecords.domain.custody.recalls import Recalled


def draw_recalls(sheet: Sheet) -> None:
    """The recalls that the product falls under, and who was told of whatever went wrong with it."""
    record = sheet.edition.record
    columns = (Column("What", 34), Column("Why", 76), Column("Recalled", 34), Column("Ended", 34))
    rows: list[Row] = [_row(sheet, one) for one in record.recalls]
    table(sheet, columns, rows, "Recalls that the product falls under")
    if not rows:
        sheet.none("Recalls: none.")
    draw_told(sheet)


def _row(sheet: Sheet, one: Recalled) -> Row:
    when, recall, end = sheet.edition.when, one.recall, one.end
    ended = f"{end.by_name}, {when(end.ended_at)}: {end.reason}" if end else "stands"
    return (recall.words, recall.reason, f"{recall.by_name}, {when(recall.recalled_at)}", ended)


def draw_told(sheet: Sheet) -> None:
    """Who was told, by whom, when and how."""
    edition = sheet.edition
    received = {item.notice_id: item for item in edition.record.receipts}
    columns = (
        Column("Who", 30),
        Column("Told", 38),
        Column("By", 26),
        Column("What was said", 42),
        Column("Received, and what was done", 42),
    )
    rows: list[Row] = [
        (
            f"{item.whom} ({item.role})",
            f"{edition.when(item.told_at)}, {item.how}",
            edition.name(item.person_id),
            f"Of a {item.cause}. {item.note}",
            _receipt(sheet, received.get(item.id)),
        )
        for item in edition.record.notices
    ]
    table(sheet, columns, rows, "Who was told")


def _receipt(sheet: Sheet, receipt: Receipt | None) -> str:
    if receipt is None:
        return "no receipt"
    edition = sheet.edition
    return f"{edition.name(receipt.person_id)}, {edition.when(receipt.recorded_at)}: {receipt.done}"
