"""The PDF that a label printer is sent: pages of exactly the stock's size, or sheets of A4."""

from __future__ import annotations

import io

from reportlab.pdfgen.canvas import Canvas

from labrecords.documents.drawing.ink import Ink
from labrecords.documents.drawing.pen import Pen
from labrecords.documents.drawing.typefaces import SANS, font
from labrecords.documents.labels.layout import MM, draw, placed_copy
from labrecords.domain.labels.prints import LabelPrint
from labrecords.domain.labels.stocks import A4_MM, STOCKS, Stock


def label_pdf(label: LabelPrint) -> bytes:
    """Every copy of one print, each with its number; the same bytes on every run.

    To be printed at 100 %, without fitting to the page: the file says so to programs that ask.
    """
    stock = STOCKS[label.stock]
    wide, high = A4_MM if stock.sheet else (stock.wide_mm, stock.high_mm)
    font(SANS)
    buffer = io.BytesIO()
    size = (float(wide) * MM, float(high) * MM)
    canvas = Canvas(buffer, pagesize=size, invariant=1, pageCompression=1, initialFontName=SANS, lang="en")
    canvas.setTitle(f"Labels of {label.container_code}, copies {label.first_copy} to {label.numbers()[-1]}")
    canvas.setViewerPreference("PrintScaling", "None")
    pen = Pen(canvas)
    placed = [placed_copy(label, number) for number in label.numbers()]
    a_page = stock.across * stock.down
    for start in range(0, len(placed), a_page):
        ink = Ink(pen)
        for place, one in enumerate(placed[start : start + a_page]):
            draw(ink, one, *_corner(stock, place, size))
        for part in ink.page:
            canvas._code.append(part if isinstance(part, str) else part())
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _corner(stock: Stock, place: int, page: tuple[float, float]) -> tuple[float, float]:
    """The lower left corner of a place on the page, in points; places are counted row by row from the top."""
    if not stock.sheet:
        return 0, 0
    row, column = divmod(place, stock.across)
    left = (page[0] / MM - float(stock.wide_mm) * stock.across) / 2
    top = float(stock.top_mm) + (row + 1) * float(stock.high_mm)
    return (left + column * float(stock.wide_mm)) * MM, page[1] - top * MM
