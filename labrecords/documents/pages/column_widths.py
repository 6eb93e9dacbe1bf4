"""Widths of columns that follow from what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from labrecords.documents.drawing.typefaces import COND, COND_BOLD, width
from labrecords.documents.pages.cells import CELL, Column
from labrecords.documents.pages.geometry import MEASURE, MM
from labrecords.documents.pages.tables import AFTER_NUMBER, HEAD, INSET

_NUMBERS = 9
"""Width of a column that numbers the rows, in mm."""


def fitted_columns(
    titles: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[str]
) -> list[Column]:
    """Columns that share the measure by what stands in them: none narrower than its longest head word.

    The first numbers the rows and stays narrow.
    """
    measure, wanted = MEASURE - _NUMBERS * MM, []
    for number, title in enumerate(titles[1:], start=1):
        widest = max((width(COND, CELL, row[number]) for row in rows), default=0)
        head = max(width(COND_BOLD, HEAD, word) for word in title.split(" "))
        wanted.append(min(max(widest, head), measure / 2) + INSET + AFTER_NUMBER + 2)
    scale = measure / sum(wanted)
    if scale < 1:
        narrow = [min(room, measure / len(wanted)) for room in wanted]
        spare, more = measure - sum(narrow), sum(wanted) - sum(narrow)
        wanted = [small + (room - small) * spare / more for small, room in zip(narrow, wanted, strict=True)]
        scale = 1
    columns = zip(titles[1:], wanted, aligns[1:], strict=True)
    return [
        Column(titles[0], _NUMBERS, aligns[0]),
        *(Column(title, room * scale / MM, align) for title, room, align in columns),
    ]
