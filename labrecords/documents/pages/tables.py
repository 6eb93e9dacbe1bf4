"""Tables: ruled above and below, numbers on the decimal point, heads repeated, rows parted only when no page holds one.

Captions are numbered by section ("Table 14-2"), so that they can be cited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.documents.drawing.ink import BLUE, GREY, HAIR, INK
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, width
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.pages.cells import CELL, REMARK, Cell, Column, Line, Piece, Tag, cell_lines
from labrecords.documents.pages.geometry import BODY, LEFT
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.uncut import uncut

HEAD, CAPTION, PAD, INSET, AFTER_NUMBER = 6.7, 7.6, 3.1, 2.2, 6.5
SHORT = 8
"""Tables up to so many rows stay on one page where they can."""

Row = Sequence[Cell | str]


@dataclass
class _Placed:
    """One line of a row: its cells' lines with the column's index, or one line across all columns (index -1)."""

    cells: list[tuple[int, Line]]


@dataclass
class _LaidRow:
    lines: list[_Placed]
    tags: list[Tag]


@dataclass
class Table:
    """A table that is drawn on a sheet, from the present position downwards."""

    sheet: Sheet
    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str = ""
    below: Sequence[Sequence[tuple[str, str]]] = ()
    """For each row: texts across all columns but the first below its cells, each with its typeface."""
    edges: Sequence[Sequence[Tag]] = ()
    """For each row: tags in the margin besides those of its cells."""
    size: float = CELL
    lead: float = 9.6
    pad: float = PAD

    def draw(self) -> None:
        """Draw the table, over as many pages as it needs."""
        self.sheet.tables += bool(self.title)
        self._measure()
        laid = [self._lay(number, row) for number, row in enumerate(self.rows)]
        heights = [self._height(len(row.lines)) for row in laid]
        self.sheet.need(self._beginning(heights))
        self._head(continued=False)
        for number, row in enumerate(laid):
            self._row(row, heights[number], last=number == len(laid) - 1)
        self.sheet.y -= 6

    def to_begin(self) -> float:
        """Points that must be left on a page for it to begin there."""
        self._measure()
        # Of a long table the first rows are enough.
        rows = self.rows if len(self.rows) <= SHORT else self.rows[:2]
        return self._beginning([self._height(len(self._lay(*row).lines)) for row in enumerate(rows)])

    def _beginning(self, heights: Sequence[float]) -> float:
        """A short table stays whole; of a longer one, its head and two rows stand together."""
        first = self._head_height() + sum(heights if len(heights) <= SHORT else heights[:2])
        return 9 + (first if first + 9 <= BODY else self._head_height() + min(heights[0], BODY / 3))

    # ---- measures ----------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        section = self.sheet.section
        self.name = f"Table {section}-{self.sheet.tables}"
        last = len(self.columns) - 1
        self.after = [
            AFTER_NUMBER if column.align in "rd" and number < last else INSET
            for number, column in enumerate(self.columns)
        ]
        self.columns = uncut(self.columns, self.rows, [INSET + after for after in self.after], HEAD)
        self.starts = [
            LEFT + sum(column.wide for column in self.columns[:n]) for n in range(len(self.columns))
        ]
        self.right = LEFT + sum(column.wide for column in self.columns)
        self.decimals = [self._decimals(number) for number in range(len(self.columns))]
        self.heads = [wrap(COND_BOLD, HEAD, column.title, column.wide - 2 * INSET) for column in self.columns]

    def _decimals(self, number: int) -> float:
        """The widest part after the decimal point in a column of numbers."""
        column = self.columns[number]
        if column.align != "d":
            return 0
        texts = [cell if isinstance(cell, str) else cell.text for cell in (row[number] for row in self.rows)]
        return max((_after_point(text, column.face, column.size) for text in texts), default=0)

    def _head_height(self) -> float:
        return (13 if self.title else 0) + max(map(len, self.heads)) * 8 + 5.5

    def _height(self, lines: int) -> float:
        return lines * self.lead + 2 * self.pad - (self.lead - self.size)

    def _lay(self, number: int, row: Row) -> _LaidRow:
        laid, tags = [], list(self.edges[number]) if self.edges else []
        for column, after, cell in zip(self.columns, self.after, row, strict=True):
            if isinstance(cell, Cell):
                tags += cell.tags
            laid.append(cell_lines(cell, column, column.wide - INSET - after))
        lines = [
            _Placed([(index, found[line]) for index, found in enumerate(laid) if line < len(found)])
            for line in range(max(map(len, laid)))
        ]
        for text, face in self.below[number] if self.below else ():
            room = self.right - LEFT - self.columns[0].wide - 2 * INSET
            lines += [
                _Placed([(-1, Line([Piece(part, face, self.size)]))])
                for part in wrap(face, self.size, text, room)
            ]
        return _LaidRow(lines, list(dict.fromkeys(tags)))

    # ---- drawing -----------------------------------------------------------------------------------------------

    def _head(self, *, continued: bool) -> None:
        sheet, ink = self.sheet, self.sheet.ink
        if self.title:
            x = LEFT + ink.text(LEFT, sheet.y - 9, self.name, COND_BOLD, CAPTION, colour=BLUE) + 5
            title = self.title + (" (continued)" if continued else "")
            ink.text(x, sheet.y - 9, title, COND_BOLD, CAPTION)
            sheet.y -= 13
        ink.across(LEFT, self.right, sheet.y, 0.9, INK)
        deepest = max(map(len, self.heads))
        for column, lines, start, after in zip(
            self.columns, self.heads, self.starts, self.after, strict=True
        ):
            align = "r" if column.align == "d" else column.align
            x = {"l": start + INSET, "r": start + column.wide - after}[align]
            ink.lines(x, sheet.y - 8.2 - (deepest - len(lines)) * 8, lines, COND_BOLD, HEAD, 8, align, GREY)
        sheet.y -= deepest * 8 + 5.5
        ink.across(LEFT, self.right, sheet.y, 0.5, INK)

    def _row(self, row: _LaidRow, high: float, *, last: bool) -> None:
        sheet = self.sheet
        lines, tags = row.lines, row.tags
        parted = high > BODY - self._head_height() - 9
        if sheet.room < (self._height(4) if parted else high) + 9:
            self._turn()
        while lines:
            fitting = len(lines)
            if self._height(fitting) + 9 > sheet.room:
                fitting = max(int((sheet.room - 9 - 2 * self.pad + self.lead - self.size) / self.lead), 1)
            self._slice(lines[:fitting], tags)
            lines, tags = lines[fitting:], []
            if lines:
                self._turn()
        sheet.ink.across(LEFT, self.right, sheet.y, 0.9 if last else 0.25, INK if last else HAIR)

    def _turn(self) -> None:
        sheet = self.sheet
        sheet.ink.across(LEFT, self.right, sheet.y, 0.5, INK)
        words = f"{self.name} continues on the next page" if self.title else "Continues on the next page"
        sheet.ink.text(self.right, sheet.y - 8, words, COND, REMARK, "r", GREY)
        sheet.new_page()
        self._head(continued=True)

    def _slice(self, lines: Sequence[_Placed], tags: Sequence[Tag]) -> None:
        sheet = self.sheet
        y = sheet.y - self.pad - self.size * 0.86
        sheet.edge(tags, y + 0.6)
        # Cell after cell, not line after line: so the text of a cell stays together when it is selected or searched.
        found = [(index, number, line) for number, placed in enumerate(lines) for index, line in placed.cells]
        for index, number, line in sorted(
            found, key=lambda item: (item[0] % (len(self.columns) + 1), item[1])
        ):
            line.draw(sheet.ink, self._start_of(index, line), y - number * self.lead)
        sheet.y -= self._height(len(lines))

    def _start_of(self, index: int, line: Line) -> float:
        if index < 0:
            return LEFT + self.columns[0].wide + INSET
        column, start = self.columns[index], self.starts[index]
        if column.align == "l":
            return start + INSET
        right = start + column.wide - self.after[index]
        if column.align == "d" and line.pieces:
            piece = line.pieces[-1]
            if any(character.isdigit() for character in piece.text):
                right += _after_point(piece.text, piece.face, piece.size) - self.decimals[index]
        return right - line.wide()


def _after_point(text: str, face: str, size: float) -> float:
    point = text.find(".")
    return width(face, size, text[point:]) if point >= 0 else 0


def table(
    sheet: Sheet,
    columns: Sequence[Column],
    rows: Sequence[Row],
    title: str = "",
    notes: Sequence[tuple[Tag | None, str]] = (),
    *,
    edges: Sequence[Sequence[Tag]] = (),
) -> None:
    """Draw a table with footnotes below it. Without rows nothing is drawn."""
    if not rows:
        return
    Table(sheet, columns, rows, title, edges=edges).draw()
    for tag, text in notes:
        sheet.note(text, tag)
    if notes:
        sheet.y -= 4


def section_with_table(
    sheet: Sheet, number: int, columns: Sequence[Column], rows: Sequence[Row], title: str
) -> None:
    """Begin a section with a table: the heading goes to the page on which the table begins."""
    need = Table(sheet, columns, rows, title).to_begin() if rows else 40
    sheet.begin_section(number, need=need)
    table(sheet, columns, rows, title)
