"""Room for codes: a column whose longest word would be cut gets its width from columns that can spare some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from labrecords.documents.drawing.marks import mark_width
from labrecords.documents.drawing.typefaces import COND_BOLD, width
from labrecords.documents.drawing.wrapping import words_of
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.geometry import MM

LONGEST = 46 * MM
"""A word wider than this is no code that somebody reads off a container: it is broken where its column ends."""


def uncut(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], spare: Sequence[float], head: float
) -> tuple[Column, ...]:
    """The columns in the same width together, none narrower than its longest word where the others have the room.

    `spare` is what each column keeps free beside its text, `head` the size of the titles; both in points.
    """
    needed = [
        free + max((wide for wide in _words(column, number, rows, head) if wide <= LONGEST), default=0)
        for number, (column, free) in enumerate(zip(columns, spare, strict=True))
    ]
    short = [max(need - column.wide, 0) for column, need in zip(columns, needed, strict=True)]
    room = [max(column.wide - need, 0) for column, need in zip(columns, needed, strict=True)]
    if not sum(short) or not sum(room):
        return tuple(columns)
    moved = min(sum(short), sum(room))
    changes = [moved * (more / sum(short) - less / sum(room)) for more, less in zip(short, room, strict=True)]
    return tuple(
        replace(column, wide_mm=column.wide_mm + change / MM)
        for column, change in zip(columns, changes, strict=True)
    )


def _words(column: Column, number: int, rows: Sequence[Sequence[Cell | str]], head: float) -> Iterator[float]:
    """How wide each word of a column is, in points; a little more, since rounding must not cut the last letter."""
    for word in words_of(column.title):
        yield width(COND_BOLD, head, word)
    for row in rows:
        cell = row[number]
        texts, face, before = ((cell,), column.face, 0.0) if isinstance(cell, str) else _inner(cell, column)
        for text in texts:
            for word in words_of(text):
                yield width(face, column.size, word) + before + 0.2


def _inner(cell: Cell, column: Column) -> tuple[tuple[str, ...], str, float]:
    before = mark_width(column.size) if cell.mark else 4.0 if cell.old else 0.0
    return (cell.text, *cell.old), cell.face or (COND_BOLD if cell.old else column.face), before
