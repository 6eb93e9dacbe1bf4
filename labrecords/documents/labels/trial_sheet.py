"""The sheet of trial codes to set a scanner up with: each as a Data Matrix, with what it proves, on one page of A4."""

from __future__ import annotations

import io

from reportlab.pdfgen.canvas import Canvas

from labrecords.documents.drawing.datamatrix import data_matrix
from labrecords.documents.drawing.ink import INK, Ink
from labrecords.documents.drawing.pen import Pen
from labrecords.documents.drawing.typefaces import SANS, SANS_BOLD, font
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.labels.layout import MM
from labrecords.domain.custody.trial_codes import TRIALS
from labrecords.domain.labels.stocks import A4_MM

MODULE_MM, LEFT_MM, TEXT_MM, RIGHT_MM, APART_MM = 0.5, 20, 50, 190, 45
INTRODUCTION = (
    "1. Open the page “Set a scanner up” on the computer or tablet that the scanner belongs to. 2. Put the cursor into "
    "the box. 3. Scan each code. The page says what arrived. The scanner may end with Enter, with Tab or with nothing; "
    "it types no other prefix or suffix, and has the keyboard layout of the computer. It reads Data Matrix (ECC 200)."
)


def trial_sheet() -> bytes:
    """The page as PDF; the same bytes on every run. To be printed at 100 %."""
    font(SANS)
    font(SANS_BOLD)
    wide, high = (float(side) * MM for side in A4_MM)
    buffer = io.BytesIO()
    canvas = Canvas(
        buffer, pagesize=(wide, high), invariant=1, pageCompression=1, initialFontName=SANS, lang="en"
    )
    canvas.setTitle("Trial codes to set a scanner up")
    canvas.setViewerPreference("PrintScaling", "None")
    ink = Ink(Pen(canvas))
    ink.text(LEFT_MM * MM, high - 25 * MM, "Set a scanner up", SANS_BOLD, 18, colour=INK)
    y = _lines(ink, INTRODUCTION, LEFT_MM * MM, high - 34 * MM)
    for trial in TRIALS:
        y -= APART_MM * MM
        code = data_matrix(trial.text)
        side = len(code) * MODULE_MM * MM
        top = y + 32 * MM
        ink.modules(code, LEFT_MM * MM, top - side, side)
        ink.text(TEXT_MM * MM, top - 4 * MM, trial.title, SANS_BOLD, 12, colour=INK)
        ink.text(TEXT_MM * MM, top - 10 * MM, trial.text, SANS, 11, colour=INK)
        _lines(ink, trial.proves, TEXT_MM * MM, top - 16 * MM)
    for part in ink.page:
        canvas._code.append(part if isinstance(part, str) else part())
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _lines(ink: Ink, text: str, x: float, y: float, size: float = 10) -> float:
    """Write a text from this base line downwards. Returns the base line after it."""
    for line in wrap(SANS, size, text, RIGHT_MM * MM - x):
        ink.text(x, y, line, SANS, size, colour=INK)
        y -= size * 1.4
    return y
