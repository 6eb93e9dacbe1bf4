"""What stands in a table cell: text, old values struck through, a verdict's sign, tags, a remark below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labrecords.documents.drawing.ink import GREY, INK, RED, Ink
from labrecords.documents.drawing.marks import FAIL, draw_mark, draw_struck, draw_tag, mark_width, tag_width
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, width
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.pages.geometry import MM

CELL, REMARK = 7.9, 7.1


@dataclass(frozen=True)
class Tag:
    label: str
    inverted: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell that is more than a text."""

    text: str = ""
    old: tuple[str, ...] = ()
    """Values that were corrected, the oldest first."""
    mark: str = ""
    tags: Sequence[Tag] = ()
    remark: str = ""
    face: str = ""
    """Another typeface than the column's."""


@dataclass(frozen=True)
class Column:
    """A column: title, width in mm, alignment (l, r, or d: numbers on the decimal point), typeface, size."""

    title: str
    wide_mm: float
    align: str = "l"
    face: str = COND
    size: float = CELL

    @property
    def wide(self) -> float:
        return self.wide_mm * MM


@dataclass(frozen=True)
class Piece:
    """A stretch of one line: text, or a sign or tag when `kind` says so."""

    text: str
    face: str = COND
    size: float = CELL
    colour: str = INK
    kind: str = "text"

    def wide(self) -> float:
        if self.kind == "mark":
            return mark_width(self.size)
        if self.kind in ("tag", "inverted"):
            return tag_width(self.text)
        return width(self.face, self.size, self.text) + (4 if self.kind == "struck" else 0)

    def draw(self, ink: Ink, x: float, y: float) -> None:
        if self.kind == "mark":
            draw_mark(ink, x, y, self.text, self.size)
        elif self.kind in ("tag", "inverted"):
            draw_tag(ink, x + 2, y + 0.6, self.text, inverted=self.kind == "inverted")
        elif self.kind == "struck":
            draw_struck(ink, x, y, self.text, self.face, self.size)
        else:
            ink.text(x, y, self.text, self.face, self.size, colour=self.colour)


@dataclass
class Line:
    """One line of a cell."""

    pieces: list[Piece] = field(default_factory=list)

    def wide(self) -> float:
        return sum(piece.wide() for piece in self.pieces)

    def draw(self, ink: Ink, x: float, y: float) -> None:
        for piece in self.pieces:
            piece.draw(ink, x, y)
            x += piece.wide()


def cell_lines(cell: Cell | str, column: Column, room: float) -> list[Line]:
    """The lines of a cell that is `room` points wide."""
    if isinstance(cell, str):
        return [
            Line([Piece(text, column.face, column.size)])
            for text in wrap(column.face, column.size, cell, room)
        ]
    lines = _value_lines(cell, column, room)
    if cell.remark:
        lines += [Line([Piece(text, COND, REMARK, GREY)]) for text in wrap(COND, REMARK, cell.remark, room)]
    return lines


def _value_lines(cell: Cell, column: Column, room: float) -> list[Line]:
    face = cell.face or (COND_BOLD if cell.old else column.face)
    colour = RED if cell.mark == FAIL else INK
    before = [Piece(cell.mark, size=column.size, kind="mark")] if cell.mark else []
    struck = [Piece(old, column.face, column.size, kind="struck") for old in cell.old]
    tags = [Piece(tag.label, kind="inverted" if tag.inverted else "tag") for tag in cell.tags]
    single = Line([*before, *struck, Piece(cell.text, face, column.size, colour), *tags])
    if not any("\n" in text for text in (cell.text, *cell.old)) and single.wide() <= room:
        return [single]
    indent = sum(piece.wide() for piece in before)
    lines = [
        Line([Piece(text, column.face, column.size, kind="struck")])
        for old in cell.old
        for text in wrap(column.face, column.size, old, room - indent - 4)
    ]
    lines += [
        Line([Piece(text, face, column.size, colour)])
        for text in wrap(face, column.size, cell.text, max(room - indent, 12))
    ]
    lines[0].pieces[:0] = before
    for tag in tags:
        if lines[-1].wide() + tag.wide() > room:
            lines.append(Line())
        lines[-1].pieces.append(tag)
    return lines
