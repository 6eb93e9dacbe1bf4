"""The pages of a document while they are filled: where the next thing goes, and when a new page begins.

What is known only at the end (the number of pages, the page of a section further on) is filled in by frame.py, so
everything is laid out once.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.pdfgen.canvas import Canvas

from labrecords.documents.drawing.ink import BLUE, GREY, INK, Ink
from labrecords.documents.drawing.marks import draw_tag, tag_width
from labrecords.documents.drawing.pen import Pen
from labrecords.documents.drawing.typefaces import COND, MONO, SANS, SANS_BOLD, font, width
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Tag
from labrecords.documents.pages.geometry import (
    BODY,
    BOTTOM,
    GUTTER,
    LEFT,
    MEASURE,
    MM,
    PAGE_HIGH,
    PAGE_WIDE,
    RIGHT,
    TOP,
)
from labrecords.documents.pages.outline import TITLES

BODY_SIZE, NOTE_SIZE, NOTE_LEAD, LABEL_SIZE = 8.6, 7.5, 9.6, 7.0


@dataclass
class Page:
    """A page: its ink, the sections on it, the places that links lead to, and the pictures that it shows."""

    ink: Ink
    first_section: int
    last_section: int
    links: list[tuple[str, tuple[float, float, float, float]]] = field(default_factory=list)
    targets: list[tuple[int, float]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


class Sheet:
    """Fills page after page from top to bottom; `y` is where the next thing begins."""

    def __init__(self, edition: Edition) -> None:
        font(SANS)
        self.edition = edition
        self.buffer = io.BytesIO()
        self.canvas = Canvas(
            self.buffer,
            pagesize=(PAGE_WIDE, PAGE_HIGH),
            invariant=1,
            pageCompression=1,
            initialFontName=SANS,
            lang="en",
        )
        self.pen = Pen(self.canvas)
        self.pages: list[Page] = []
        self.section_pages: dict[int, int] = {}
        self.section = 1
        self.tables = 0
        self.new_page()

    # ---- where the next thing goes -----------------------------------------------------------------------------

    def new_page(self) -> None:
        self.ink = Ink(self.pen)
        self.pages.append(Page(self.ink, self.section, self.section))
        self.y = TOP

    @property
    def room(self) -> float:
        """Points left on this page."""
        return self.y - BOTTOM

    @property
    def at_top(self) -> bool:
        return self.y >= TOP - 1

    def need(self, high: float) -> None:
        """Begin a new page unless so much is left; more than a page is never asked for."""
        if self.room < min(high, BODY):
            self.new_page()

    def gap(self, high: float) -> None:
        """Leave white, but not at the top of a page."""
        if not self.at_top:
            self.y -= high

    # ---- headings and text -------------------------------------------------------------------------------------

    def begin_section(self, number: int, need: float = 70) -> None:
        """The heading of a section; drawn only where the first `need` points of its body fit below it."""
        if not self.at_top:
            if self.room < need + 34:
                self.new_page()
            else:
                self.y -= 13
        self.note_section(number)
        if not self.at_top:
            self.ink.across(LEFT, RIGHT, self.y + 2, 1.4, INK)
        self.y -= 12.5
        self.ink.text(LEFT, self.y, str(number), SANS_BOLD, 13, colour=BLUE)
        self.ink.text(LEFT + 10 * MM, self.y, TITLES[number], SANS_BOLD, 13)
        self.y -= 9

    def note_section(self, number: int) -> None:
        """From here on this is the section."""
        page = self.pages[-1]
        self.section, self.tables = number, 0
        page.last_section = number
        if self.at_top:
            page.first_section = number
        page.targets.append((number, self.y + 14))
        self.section_pages[number] = len(self.pages)

    def heading(self, text: str, tags: Sequence[Tag] = (), need: float = 50) -> None:
        """A heading within a section, with the tags of what it holds."""
        lines = wrap(SANS_BOLD, 9.4, text, MEASURE - sum(tag_width(tag.label) for tag in tags) - 8)
        self.need(need + 20 + len(lines) * 12)
        self.gap(4)
        self.y -= 11
        self.ink.lines(LEFT, self.y, lines, SANS_BOLD, 9.4, 12)
        self.y -= (len(lines) - 1) * 12
        x = LEFT + width(SANS_BOLD, 9.4, lines[-1]) + 5
        for tag in tags:
            x += draw_tag(self.ink, x, self.y + 0.8, tag.label, inverted=tag.inverted)
        self.y -= 5

    def text(
        self,
        text: str,
        face: str = SANS,
        size: float = BODY_SIZE,
        *,
        colour: str = INK,
        after: float = 3,
    ) -> None:
        """Running text over the whole measure; it goes on over pages line by line."""
        lead = round(size * 1.36, 1)
        for line in wrap(face, size, text, MEASURE):
            self.need(lead)
            self.ink.text(LEFT, self.y - size, line, face, size, colour=colour)
            self.y -= lead
        self.y -= after

    def note(self, text: str, tag: Tag | None = None) -> None:
        """A footnote below a table, with its tag before it."""
        lines = wrap(COND, NOTE_SIZE, text, MEASURE - 9 * MM)
        self.need(min(len(lines), 4) * NOTE_LEAD + 2)
        if tag:
            draw_tag(self.ink, LEFT, self.y - 8, tag.label, inverted=tag.inverted)
        for line in lines:
            self.need(NOTE_LEAD)
            self.ink.text(LEFT + 9 * MM, self.y - 8, line, COND, NOTE_SIZE)
            self.y -= NOTE_LEAD
        self.y -= 2

    def pairs(self, items: Sequence[tuple[str, str] | tuple[str, str, str]], columns: int = 3) -> None:
        """Labels over values, in columns, a hairline above each row. The third of an item is its typeface."""
        room = (MEASURE - (columns - 1) * GUTTER) / columns
        for start in range(0, len(items), columns):
            row = [
                (item[0], item[1], item[2] if len(item) > 2 else SANS)
                for item in items[start : start + columns]
            ]
            cells = [
                (label, wrap(face, 8 if face == MONO else BODY_SIZE, value, room), face)
                for label, value, face in row
            ]
            high = 13.5 + max(len(lines) for _, lines, _ in cells) * 11
            self.need(high)
            self.ink.across(LEFT, RIGHT, self.y)
            for number, (label, lines, face) in enumerate(cells):
                x = LEFT + number * (room + GUTTER)
                self.ink.text(x, self.y - 8.2, label, COND, LABEL_SIZE, colour=GREY)
                self.ink.lines(x, self.y - 18.4, lines, face, 8 if face == MONO else BODY_SIZE, 11)
            self.y -= high
        self.ink.across(LEFT, RIGHT, self.y)
        self.y -= 4

    def none(self, sentence: str) -> None:
        """The one line of a section that has nothing to show."""
        self.text(sentence, after=2)

    # ---- links and the end -------------------------------------------------------------------------------------

    def page_of(self, section: int, right: float, y: float, face: str, size: float, before: str = "") -> None:
        """The page of a section, flush right, as a link; the section may come later."""
        self.ink.later(right, y, lambda: f"{before}{self.section_pages[section]}", face, size)
        self.pages[-1].links.append((f"s{section}", (right - 34, y - 2, right + 2, y + size)))

    def edge(self, tags: Sequence[Tag], y: float) -> None:
        """Repeat tags in the right margin: leaf through the stack and stop where one stands."""
        x = RIGHT + 2.2 * MM
        for tag in tags:
            x += draw_tag(self.ink, x, y, tag.label, inverted=tag.inverted)
