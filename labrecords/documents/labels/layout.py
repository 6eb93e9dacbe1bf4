"""How one label is laid out: the code in its own corner, the text in what is left, smaller or wrapped, never cut.

Nothing that a text does can push the code off or shrink it below what a scanner reads: the code is placed first.
"""

from __future__ import annotations

from dataclasses import dataclass

from labrecords.documents.drawing.datamatrix import data_matrix
from labrecords.documents.drawing.ink import INK, Ink
from labrecords.documents.drawing.modules import Stretches
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, SANS_BOLD, width
from labrecords.documents.drawing.wrapping import wrap
from labrecords.domain.custody.scans import copy_code
from labrecords.domain.labels.prints import LabelPrint, Line
from labrecords.domain.labels.stocks import STOCKS, Stock
from labrecords.domain.values.codes import normalise

MM = 72 / 25.4
MARGIN, GAP = 1.0 * MM, 0.9 * MM
"""Printers do not print to the edge; between code and text there is at least a quiet zone."""
MODULES_MM = (0.625, 0.5, 0.375, 0.25)
"""Widths of a module that are whole dots at 203 dpi (1/8 mm), the widest first; a scanner reads 0.25 to 1 mm."""
CODE_SHARE = 0.3
"""At most so much of the label's width is the code's."""
LARGEST, COMFORTABLE, SMALLEST, STEP = 9.0, 5.6, 4.4, 0.2
"""Sizes of the text in points; below the comfortable one plain texts share their lines first."""
LEAD = 1.16
_BOLD = ("id", "product", "quarantine", "autologous", "not evaluated", "biohazard", "conditional")


Text = tuple[float, float, str, str, float]
"""x and base line from the lower left corner of the label, text, typeface, size in points."""


class TooSmall(Exception):
    """What must stand on the label does not fit; the message is a sentence for the user."""

    def __init__(self, stock: Stock) -> None:
        super().__init__(
            f"What must stand on this label does not fit on {stock.title}. Choose a larger stock; nothing is left out."
        )


@dataclass(frozen=True)
class Placed:
    """A label laid out: the module of the code in points, the size of the text, and its lines with their places."""

    stock: Stock
    code: Stretches
    module: float
    size: float
    lines: tuple[Text, ...]

    @property
    def wide(self) -> float:
        return float(self.stock.wide_mm) * MM

    @property
    def high(self) -> float:
        return float(self.stock.high_mm) * MM

    @property
    def code_side(self) -> float:
        return len(self.code) * self.module

    @property
    def code_at(self) -> tuple[float, float]:
        """The lower left corner of the code: it stands in the upper right one of the label, its quiet zone inside."""
        inset = max(MARGIN, self.module)
        return self.wide - inset - self.code_side, self.high - inset - self.code_side


def lay_out(stock: Stock, code: str, lines: tuple[Line, ...], foot: str = "") -> Placed:
    """Lay out a label; `foot` stands under the code. Raises TooSmall, MissingGlyph and NotEncodable."""
    matrix = data_matrix(normalise(code))
    for module in _modules(stock, len(matrix)):
        for share, smallest in ((False, COMFORTABLE), (True, SMALLEST)):
            size = LARGEST
            while size >= smallest:
                placed = _Flow(Placed(stock, matrix, module, size, ()), share).take(lines, foot)
                if placed is not None:
                    return Placed(stock, matrix, module, size, placed)
                size = round(size - STEP, 1)
    raise TooSmall(stock)


def _modules(stock: Stock, modules: int) -> list[float]:
    """The widths of a module, in points, with which the code and its quiet zone keep to their corner."""
    wide, high = float(stock.wide_mm), float(stock.high_mm)
    room = min(wide * CODE_SHARE, high - MARGIN / MM)
    return [module * MM for module in MODULES_MM if (modules + 2) * module <= room]


class _Flow:
    """Text from the upper left corner downwards, narrow beside the code and wide below it.

    With `share`, plain texts stand beside each other where they fit on one line; none is broken for that.
    """

    def __init__(self, at: Placed, share: bool) -> None:
        self.at, self.share = at, share
        self.clear = max(GAP, at.module)
        self.y = at.high - MARGIN
        self.below = at.code_at[1] - self.clear
        """Where the corner of the code ends."""
        self.found: list[Text] = []
        self.taken = 0.0
        """How much of the last line is used, where another text may follow on it; else 0."""

    def take(self, lines: tuple[Line, ...], foot: str) -> tuple[Text, ...] | None:
        """The texts with their places, or None where they do not fit at this size."""
        if foot and not self._foot(foot):
            return None
        for line in lines:
            if not self._line(line):
                return None
        return tuple(self.found) if self.y >= MARGIN * 0.7 else None

    def _foot(self, foot: str) -> bool:
        """The number of the copy, right under the code: by it a label is told from its siblings."""
        size = min(self.at.size, 6.0)
        self.below -= size * LEAD
        self.found.append((self.at.code_at[0], self.below + size * 0.25, foot, COND, size))
        return self.below >= MARGIN

    @property
    def room(self) -> float:
        """Width of the next line, in points."""
        return (self.at.code_at[0] - self.clear if self.y > self.below else self.at.wide - MARGIN) - MARGIN

    def _line(self, line: Line) -> bool:
        size, face = self.at.size, COND_BOLD if line.element in _BOLD else COND
        if line.element == "id":
            if width(SANS_BOLD, size * 1.2, line.text) <= self.room:
                size, face = size * 1.2, SANS_BOLD
            elif width(face, size, line.text) > self.room:
                return False
        elif face is COND and self.taken and self._beside(line.text):
            return True
        parts = wrap(face, size, line.text, self.room)
        for part in parts:
            self.y -= size * LEAD
            self.found.append((MARGIN, self.y + size * 0.25, part, face, size))
        self.taken = width(face, size, parts[-1]) if self.share and face is COND else 0
        return True

    def _beside(self, text: str) -> bool:
        """Put a text after the last one on its line, where it fits there."""
        size = self.at.size
        x, y = MARGIN + self.taken + size, self.found[-1][1]
        top = y - size * 0.25 + size * LEAD
        right = self.at.code_at[0] - self.clear if top > self.below else self.at.wide - MARGIN
        if x + width(COND, size, text) > right:
            return False
        self.found.append((x, y, text, COND, size))
        self.taken += size + width(COND, size, text)
        return True


def draw(ink: Ink, placed: Placed, x: float, y: float) -> None:
    """Draw a label with its lower left corner at x, y (points)."""
    code_x, code_y = placed.code_at
    ink.modules(placed.code, x + code_x, y + code_y, placed.code_side)
    for across, up, text, face, size in placed.lines:
        ink.text(x + across, y + up, text, face, size, colour=INK)


def placed_copy(label: LabelPrint, number: int) -> Placed:
    """One copy laid out. Raises TooSmall, MissingGlyph and NotEncodable."""
    code = copy_code(label.container_code, number)
    return lay_out(STOCKS[label.stock], code, label.lines, f"copy {number}")
