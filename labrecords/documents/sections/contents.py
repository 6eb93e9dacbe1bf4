"""Section 2: where everything stands, what is attached, and how to read the signs."""

from __future__ import annotations

from labrecords.documents.attachment import DESCRIPTION, FILE_NAME, FILES_RULE, place_of
from labrecords.documents.drawing.ink import PALE, RED
from labrecords.documents.drawing.marks import ALERT, FAIL, NOT_DONE, PASS, draw_mark, draw_struck, draw_tag
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO, SANS
from labrecords.documents.drawing.wrapping import groups
from labrecords.documents.edition import Edition
from labrecords.documents.flags import WORDS as FLAG_WORDS
from labrecords.documents.pages.cells import Column, Tag
from labrecords.documents.pages.geometry import LEFT, MM, col, span
from labrecords.documents.pages.outline import TITLES
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.step_files import withdrawn_words
from labrecords.domain.attachments import WORDS, Attachment

_VERDICTS = (
    (PASS, "pass: inside the limits"),
    (ALERT, "alert: accepted, outside the alert limit"),
    (FAIL, "FAIL: outside the accepted range"),
    (NOT_DONE, "not done: the reason is printed"),
)
_ROW = 13.2


def draw_contents(sheet: Sheet) -> None:
    """Contents, attachments, signs."""
    sheet.new_page()
    sheet.begin_section(2)
    top = sheet.y - 4
    for number, title in TITLES.items():
        place = (number - 1) % 13
        left = LEFT if number <= 13 else col(6)
        y = top - 9 - place * _ROW
        sheet.ink.text(left + 14, y, str(number), COND_BOLD, 8.4, "r")
        sheet.ink.text(left + 20, y, title, SANS, 8.4)
        sheet.page_of(number, left + span(6) - 4, y, SANS, 8.4)
        sheet.ink.across(left, left + span(6) - 4, y - 3.6)
    sheet.y = top - 13 * _ROW - 8
    columns = (
        Column("Name", 26),
        Column("What it is", 66),
        Column("Bytes", 14, "r"),
        Column("SHA-256", 72, "l", MONO, 6.7),
    )
    size = f"{sheet.edition.size}"
    table(
        sheet,
        columns,
        [(FILE_NAME, DESCRIPTION, size, groups(sheet.edition.sha256))],
        "Attachments inside this file",
    )
    _draw_attached(sheet)
    _draw_signs(sheet)


def _draw_attached(sheet: Sheet) -> None:
    """Files that people attached to steps: what is printed here, and what stays in the system."""
    edition = sheet.edition
    if not edition.record.attachments:
        sheet.note("No files were attached to the steps of this batch.")
        return
    columns = (
        Column("Step", 9, "r", COND_BOLD),
        Column("File", 34),
        Column("What it shows", 37),
        Column("Bytes", 15, "r"),
        Column("By, when; where", 36),
        Column("SHA-256", 47, "l", MONO, 6.2),
    )
    rows: list[Row] = [
        (
            str(edition.record.process.step(item.step_key).number),
            f"{item.name}, {WORDS[item.media_type]}",
            _shows(edition, item),
            str(item.size),
            f"{edition.name(item.person_id)}, {edition.when(item.added_at)}; {place_of(edition, item)}",
            groups(item.sha256),
        )
        for item in edition.record.attachments
    ]
    table(sheet, columns, rows, f"Files attached to steps: {len(rows)}")
    sheet.note(FILES_RULE)


def _shows(edition: Edition, item: Attachment) -> str:
    """What a file shows, whether it is a signed copy, and by whom and why it was withdrawn."""
    signed = ". Signed: true copy of the original." if item.signature_id else ""
    gone = withdrawn_words(edition, item)
    return f"{gone} It was attached as: {item.called()}{signed}" if gone else item.called() + signed


def _draw_signs(sheet: Sheet) -> None:
    sheet.heading("How to read this record", need=150)
    ink, top = sheet.ink, sheet.y - 12
    for number, (mark, words) in enumerate(_VERDICTS):
        y = top - number * _ROW
        draw_mark(ink, LEFT, y, mark, 9)
        ink.text(LEFT + 14, y, words, COND, 8)
    y = top - len(_VERDICTS) * _ROW
    draw_struck(ink, LEFT, y, "58.9", COND, 7.9)
    ink.text(LEFT + 20, y, "59.8", COND_BOLD, 7.9)
    ink.text(LEFT + 42, y, "old value, new value", COND, 8)
    y -= _ROW
    ink.hatch(LEFT, y - 3, 12 * MM, 10, 2.3, 0.7, RED, 1.2)
    ink.text(LEFT + 15 * MM, y, "custody: nobody held it", COND, 8)
    y -= _ROW
    ink.box(LEFT, y - 3, 6 * MM, 10, 0.8)
    ink.box(LEFT + 6 * MM, y - 3, 6 * MM, 10, 0.8, fill=PALE)
    ink.text(LEFT + 15 * MM, y, "custody: one place, another place", COND, 8)
    for number, (letter, words) in enumerate(FLAG_WORDS.items()):
        y = top - number * _ROW
        tag = Tag(f"{letter}1", letter in "SFG")
        draw_tag(ink, col(5), y + 0.4, tag.label, inverted=tag.inverted)
        ink.text(col(5) + 20, y, words, COND, 8)
    sheet.y = top - len(FLAG_WORDS) * _ROW
    sheet.text(
        "A tag stands beside its entry, in the right-hand page edge at the same height, and in sections 17 and 22. "
        "Tags on black stand in the way of release or concern a person's safety. Values are printed as they were "
        "entered; times are local with their offset from UTC, the audit trail prints UTC too. An empty place is "
        "never a pass.",
        COND,
        8,
    )
