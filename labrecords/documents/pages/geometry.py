"""The measures of a page, in points: A4, a binding margin with holes on the left, edge flags on the right."""

from __future__ import annotations

MM = 72 / 25.4
PAGE_WIDE, PAGE_HIGH = 210 * MM, 297 * MM
LEFT, MEASURE = 20 * MM, 178 * MM
RIGHT = LEFT + MEASURE
TOP, BOTTOM = PAGE_HIGH - 30 * MM, 24 * MM
"""Where the body begins and ends."""
BODY = TOP - BOTTOM
GUTTER = 4 * MM
_COLUMN = (MEASURE - 11 * GUTTER) / 12


def col(number: int) -> float:
    """Left edge of one of the twelve columns, counted from 0."""
    return LEFT + number * (_COLUMN + GUTTER)


def span(columns: int) -> float:
    """Width of so many columns with the gutters between them."""
    return columns * _COLUMN + (columns - 1) * GUTTER
