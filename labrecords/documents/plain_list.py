"""A plain list on A4: headings with pairs of words and values, each page numbered. For what is given to a patient."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from labrecords.documents.drawing.ink import GREY, INK, Ink
from labrecords.documents.drawing.pen import Pen
from labrecords.documents.drawing.typefaces import SANS, SANS_BOLD, font
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.labels.layout import MM
from labrecords.domain.labels.stocks import A4_MM

LEFT, TEXT, RIGHT, TOP, BOTTOM = 20 * MM, 70 * MM, 190 * MM, 277 * MM, 25 * MM
SIZE, LEADING = 9.5, 13.5
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class _Line:
    y: float
    x: float
    text: str
    face: str
    size: float


def plain_list(title: str, foot: str, parts: Sequence[tuple[str, Pairs]]) -> bytes:
    """The list as PDF: a title, then each heading with its pairs. `foot` stands on every page, with its number."""
    font(SANS)
    font(SANS_BOLD)
    pages = _pages(title, parts)
    wide, high = (float(side) * MM for side in A4_MM)
    buffer = io.BytesIO()
    canvas = Canvas(
        buffer, pagesize=(wide, high), invariant=1, pageCompression=1, initialFontName=SANS, lang="en"
    )
    canvas.setTitle("Copy of what is kept about a patient")
    pen = Pen(canvas)
    for number, lines in enumerate(pages, start=1):
        ink = Ink(pen)
        for line in lines:
            ink.text(line.x, line.y, line.text, line.face, line.size, colour=INK)
        ink.text(LEFT, BOTTOM - 8 * MM, f"{foot} Page {number} of {len(pages)}.", SANS, 8, colour=GREY)
        for part in ink.page:
            canvas._code.append(part if isinstance(part, str) else part())
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _pages(title: str, parts: Sequence[tuple[str, Pairs]]) -> list[list[_Line]]:
    """The lines of every page. A heading never stands alone at the end of one."""
    pages: list[list[_Line]] = [[_Line(TOP, LEFT, title, SANS_BOLD, 16)]]
    y = TOP - 10 * MM

    def new_page() -> None:
        nonlocal y
        pages.append([])
        y = TOP

    for heading, pairs in parts:
        if y - 4 * LEADING < BOTTOM:
            new_page()
        y -= LEADING * 0.6
        pages[-1].append(_Line(y, LEFT, heading, SANS_BOLD, 11))
        y -= LEADING * 1.2
        for name, value in pairs:
            names = wrap(SANS, SIZE, name, TEXT - LEFT - 4 * MM)
            values = wrap(SANS, SIZE, value, RIGHT - TEXT)
            for row in range(max(len(names), len(values))):
                if y < BOTTOM:
                    new_page()
                if row < len(names):
                    pages[-1].append(_Line(y, LEFT, names[row], SANS, SIZE))
                if row < len(values):
                    pages[-1].append(_Line(y, TEXT, values[row], SANS, SIZE))
                y -= LEADING
    return pages
