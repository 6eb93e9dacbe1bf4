"""Drawing on one page: PDF operators written straight into a list, in points from the lower left corner.

Each text goes out as one BT … ET, encoded once a document; colour and line width only when they change. No text is
ever interpreted: it is measured, encoded glyph by glyph, and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labrecords.documents.drawing.modules import Stretches
from labrecords.documents.drawing.pen import Pen
from labrecords.documents.drawing.qr import qr_code
from labrecords.documents.drawing.typefaces import SANS, width

INK, GREY, HAIR, PALE = ".07 .09 .12", ".27 .30 .34", ".66 .69 .72", ".93 .94 .95"
BLUE, RED, WHITE, SHADE = ".02 .27 .38", ".62 .06 .08", "1 1 1", ".87 .88 .89"
"""Blue and red carry no meaning alone: the record is read in black and white too."""

Operator = str | Callable[[], str]
"""What stands in a page: operators, or a function that gives them once the whole document is laid out."""
Point = tuple[float, float]

_TURNED = {0: "1 0 0 1", 45: ".7071 .7071 -.7071 .7071", 90: "0 1 -1 0"}


class Ink:
    """One page."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.page: list[Operator] = []
        self.put = self.page.append
        self._fill = self._stroke = self._dash = ""
        self._width = -1.0

    def _fill_with(self, colour: str) -> None:
        if colour != self._fill:
            self.put(f"{colour} rg")
            self._fill = colour

    def _stroke_with(self, colour: str, line: float, dash: str = "") -> None:
        if colour != self._stroke:
            self.put(f"{colour} RG")
            self._stroke = colour
        if line != self._width:
            self.put(f"{line} w")
            self._width = line
        if dash != self._dash:
            self.put(f"[{dash}] 0 d")
            self._dash = dash

    def text(
        self,
        x: float,
        y: float,
        text: str,
        face: str = SANS,
        size: float = 8.6,
        align: str = "l",
        colour: str = INK,
        turned: int = 0,
    ) -> float:
        """Show a line of text; align is l, r or c. Returns its width."""
        if not text:
            return 0.0
        wide = width(face, size, text)
        self._fill_with(colour)
        self.put(self._shown(x - wide * {"l": 0, "r": 1, "c": 0.5}[align], y, text, face, size, turned))
        return wide

    def _shown(self, x: float, y: float, text: str, face: str, size: float, turned: int = 0) -> str:
        parts = "".join(f"{name} {size} Tf ({shown}) Tj " for name, shown in self.pen.encoded(face, text))
        return f"BT {_TURNED[turned]} {x:.2f} {y:.2f} Tm {parts}ET"

    def later(
        self, right: float, y: float, text: Callable[[], str], face: str, size: float, colour: str = INK
    ) -> None:
        """Show a line of text, flush right, that is known only when the whole document is laid out."""
        self._fill_with(colour)

        def shown() -> str:
            words = text()
            return self._shown(right - width(face, size, words), y, words, face, size)

        self.put(shown)

    def lines(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        face: str,
        size: float,
        lead: float,
        align: str = "l",
        colour: str = INK,
    ) -> None:
        """Show lines below each other, the first with its base line at y."""
        for number, line in enumerate(lines):
            self.text(x, y - number * lead, line, face, size, align, colour)

    def across(
        self, x0: float, x1: float, y: float, line: float = 0.25, colour: str = HAIR, dash: str = ""
    ) -> None:
        """A horizontal line."""
        self.path([(x0, y), (x1, y)], line, colour, dash=dash)

    def down(
        self, x: float, y0: float, y1: float, line: float = 0.25, colour: str = HAIR, dash: str = ""
    ) -> None:
        """A vertical line."""
        self.path([(x, y0), (x, y1)], line, colour, dash=dash)

    def path(
        self,
        points: Sequence[Point],
        line: float = 0.6,
        colour: str = INK,
        *,
        fill: str = "",
        closed: bool = False,
        dash: str = "",
    ) -> None:
        """A line through points; with `fill` a filled shape."""
        if fill:
            self._fill_with(fill)
        self._stroke_with(colour, line, dash)
        steps = " ".join(f"{x:.2f} {y:.2f} {'l' if number else 'm'}" for number, (x, y) in enumerate(points))
        self.put(steps + (" b" if fill else " s" if closed else " S"))

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        line: float = 0.5,
        colour: str = INK,
        *,
        fill: str = "",
        dash: str = "",
    ) -> None:
        """A rectangle from its lower left corner; line 0 draws no edge."""
        if fill:
            self._fill_with(fill)
        if line:
            self._stroke_with(colour, line, dash)
        paint = "B" if fill and line else "f" if fill else "S"
        self.put(f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re {paint}")

    def circle(
        self, x: float, y: float, radius: float, line: float = 0.7, *, fill: str = "", dash: str = ""
    ) -> None:
        """A circle around a point."""
        if fill:
            self._fill_with(fill)
        self._stroke_with(INK, line, dash)
        r, k = radius, radius * 0.5523
        self.put(
            f"{x + r:.2f} {y:.2f} m "
            f"{x + r:.2f} {y + k:.2f} {x + k:.2f} {y + r:.2f} {x:.2f} {y + r:.2f} c "
            f"{x - k:.2f} {y + r:.2f} {x - r:.2f} {y + k:.2f} {x - r:.2f} {y:.2f} c "
            f"{x - r:.2f} {y - k:.2f} {x - k:.2f} {y - r:.2f} {x:.2f} {y - r:.2f} c "
            f"{x + k:.2f} {y - r:.2f} {x + r:.2f} {y - k:.2f} {x + r:.2f} {y:.2f} c {'B' if fill else 'S'}"
        )

    def hatch(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        step: float = 3.2,
        line: float = 0.55,
        colour: str = INK,
        edge: float = 0.6,
    ) -> None:
        """A hatched rectangle. The strokes are computed, not clipped: they print the same everywhere."""
        self._stroke_with(colour, line)
        strokes, start = [], -high + step / 2
        while start < wide:
            x0, y0 = (x + start, y) if start >= 0 else (x, y - start)
            x1, y1 = (x + start + high, y + high) if start + high <= wide else (x + wide, y + wide - start)
            strokes.append(f"{x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l")
            start += step
        self.put(" ".join(strokes) + " S")
        if edge:
            self.box(x, y, wide, high, edge, colour)

    def picture(self, name: str, x: float, y: float, wide: float, high: float) -> None:
        """A picture that the pen put into the document, by its internal name, from its lower left corner."""
        self.put(f"q {wide:.2f} 0 0 {high:.2f} {x:.2f} {y:.2f} cm /{name} Do Q")

    def code(self, payload: str, x: float, y: float, size: float) -> None:
        """A QR code (error correction M) from its lower left corner."""
        self.modules(qr_code(payload), x, y, size)

    def modules(self, rows: Stretches, x: float, y: float, size: float) -> None:
        """The dark modules of a square code from its lower left corner, `size` points wide and high."""
        unit = size / len(rows)
        self._fill_with("0 0 0")
        self.put(
            " ".join(
                f"{x + start * unit:.3f} {y + size - (number + 1) * unit:.3f} {length * unit:.3f} {unit:.3f} re"
                for number, row in enumerate(rows)
                for start, length in row
            )
            + " f"
        )
