"""What stands on every page around the body, so that one loose, photocopied sheet still says what it belongs to."""

from __future__ import annotations

from labrecords.documents.drawing.ink import GREY, INK, SHADE, Ink
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO, SANS, SANS_BOLD, width
from labrecords.documents.drawing.wrapping import fit, groups, in_two
from labrecords.documents.edition import Edition
from labrecords.documents.pages.geometry import LEFT, MM, PAGE_HIGH, PAGE_WIDE, RIGHT, col
from labrecords.documents.pages.outline import TITLES
from labrecords.documents.pages.sheet import Page, Sheet

HEADING = "Batch production and control record"
CONFIDENTIAL = "Confidential: health data. The original electronic record is kept at the laboratory."


def finish(sheet: Sheet) -> bytes:
    """Draw the frame of every page and give the PDF. The sheet cannot be drawn on afterwards."""
    canvas, edition = sheet.canvas, sheet.edition
    record = edition.record
    canvas.setTitle(f"Batch record {record.batch.number} version {edition.document.version}")
    canvas.setAuthor(record.laboratory.name)
    canvas.setSubject(HEADING)
    canvas.setCreator(edition.document.software)
    for number, page in enumerate(sheet.pages, start=1):
        frame = Ink(sheet.pen)
        _watermark(frame, edition.standing.watermark)
        _head(frame, edition)
        _foot(frame, edition, page, number, len(sheet.pages))
        for part in ("q", *frame.page, "Q", *page.ink.page):
            canvas._code.append(part if isinstance(part, str) else part())
        canvas._formsinuse += page.pictures
        for section, top in page.targets:
            canvas.bookmarkPage(f"s{section}", fit="XYZ", top=top)
            canvas.addOutlineEntry(f"{section} {TITLES[section]}", f"s{section}", 0, 0)
        for target, area in page.links:
            canvas.linkRect("", target, area, Border="[0 0 0]")
        canvas.showPage()
    canvas.showOutline()
    canvas.save()
    return sheet.buffer.getvalue()


def _fitted(
    ink: Ink, x: float, y: float, text: str, face: str, size: float, room: float, colour: str = INK
) -> float:
    """A text that is repeated here and may be long: smaller or shortened until it fits. Returns its width."""
    size, text = fit(face, size, text, room)
    return ink.text(x, y, text, face, size, colour=colour)


def _watermark(ink: Ink, word: str) -> None:
    """Drawn first, under everything, light and without transparency."""
    if word:
        size = 96 if len(word) < 6 else 66
        back = width(SANS_BOLD, size, word) * 0.3536
        ink.text(PAGE_WIDE / 2 - back, PAGE_HIGH / 2 - back, word, SANS_BOLD, size, colour=SHADE, turned=45)


def _head(ink: Ink, edition: Edition) -> None:
    record, standing, top = edition.record, edition.standing, PAGE_HIGH
    room = col(5) - LEFT - 3 * MM
    size, lines = in_two(SANS_BOLD, 8.4, record.laboratory.name, room)
    ink.lines(LEFT, top - (14.2 if len(lines) == 1 else 11.8) * MM, lines, SANS_BOLD, size, 2.5 * MM)
    ink.text(LEFT, top - 18.1 * MM, HEADING, SANS, 8.4)
    _fitted(ink, LEFT, top - 22.6 * MM, record.process.product, COND, 7.6, room, GREY)
    x, frame_wide, frame_high = col(5), 47 * MM, 11.4 * MM
    left = RIGHT - frame_wide
    facts = (
        ("Batch", record.batch.number),
        ("Record version", str(edition.document.version)),
        ("Master", edition.master),
    )
    for line, (label, value) in enumerate(facts):
        y = top - (14.2 + line * 4.2) * MM
        ink.text(x, y, label, COND, 7.2, colour=GREY)
        _fitted(ink, x + 18 * MM, y, value, SANS_BOLD, 8, left - x - 20 * MM)
    bottom = top - 22.9 * MM
    ink.box(left, bottom, frame_wide, frame_high, 1)
    ink.hatch(left, bottom, 3 * MM, frame_high, 2.4, 0.6)
    _fitted(ink, left + 5 * MM, bottom + 6.6 * MM, standing.word, SANS_BOLD, 8.2, frame_wide - 6 * MM)
    _fitted(ink, left + 5 * MM, bottom + 2.6 * MM, standing.note, COND, 7.2, frame_wide - 6 * MM)
    ink.across(LEFT, RIGHT, top - 25.4 * MM, 0.9, INK)
    # In the binding margin, between the holes of ISO 838: to be read when the page is copied alone.
    side = f"{standing.word}: {record.batch.number}"
    ink.text(
        12.2 * MM, PAGE_HIGH / 2 - width(COND_BOLD, 7, side) / 2, side, COND_BOLD, 7, colour=GREY, turned=90
    )


def _foot(ink: Ink, edition: Edition, page: Page, number: int, pages: int) -> None:
    record, base = edition.record, 20.4 * MM
    first, second, third = base - 4.3 * MM, base - 8.1 * MM, base - 11.5 * MM
    ink.across(LEFT, RIGHT, base, 0.5, INK)
    right = RIGHT - ink.text(RIGHT, first, f"Page {number} of {pages}", SANS_BOLD, 8.6, "r") - 4 * MM
    x = LEFT + ink.text(LEFT, first, "Chain of identity ", COND, 7.2, colour=GREY)
    x += _fitted(ink, x, first, record.batch.identity_code, MONO, 7.6, col(5) - x) + 5 * MM
    x += ink.text(x, first, "Patient ", COND, 7.2, colour=GREY)
    _fitted(ink, x, first, record.batch.patient_code, MONO, 7.6, right - x)
    sections = f"Section {page.first_section}"
    if page.first_section != page.last_section:
        sections = f"Sections {page.first_section} to {page.last_section}"
    ink.text(RIGHT, second, sections, COND, 7, "r", GREY)
    x = LEFT + ink.text(LEFT, second, "Record SHA-256 ", COND, 7, colour=GREY)
    x += ink.text(x, second, groups(edition.sha256[:16], 4) + " …", MONO, 6.6) + 5
    _fitted(ink, x, second, _generated(edition), COND, 7, RIGHT - 22 * MM - x, GREY)
    ink.text(LEFT, third, CONFIDENTIAL, COND, 7, colour=GREY)


def _generated(edition: Edition) -> str:
    at, zone = edition.document.issued_at, edition.record.laboratory.zone
    local = edition.when(at)
    return f"Generated {edition.utc(at)} = {local[11:]} {zone} by {edition.document.software}"
