"""Formula boxes: the rule, every input with unit and source, the unrounded and the reported result."""

from __future__ import annotations

from labrecords.documents.drawing.ink import GREY, INK, Ink
from labrecords.documents.drawing.marks import draw_fraction
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, SANS, SANS_BOLD, width
from labrecords.documents.drawing.wrapping import wrap
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.geometry import GUTTER, LEFT, MM, RIGHT
from labrecords.documents.pages.sheet import Sheet
from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import grouped, with_unit

_LEFT_ROOM = 65 * MM
_INPUTS = LEFT + _LEFT_ROOM + GUTTER
_COLUMNS = tuple(
    Column(title, wide)
    for title, wide in (("Symbol", 14), ("Input", 33), ("Value", 25), ("Unit", 10.5), ("Source", 26.5))
)
LONGEST_UNROUNDED = 12
"""Significant digits shown of an unrounded value; the embedded record holds all of them."""


def formula_box(sheet: Sheet, derived: Derived) -> None:
    """Draw one computed result with everything that is needed to compute it again."""
    inputs = [_input_lines(item) for item in derived.inputs]
    name = wrap(COND_BOLD, 8.4, derived.label, _LEFT_ROOM - width(COND, 7.1, derived.formula_id) - 8)
    formula = _formula_lines(derived.formula)
    remarks = _remarks(derived)
    left = (
        11 * len(name)
        + (30 if _fraction(derived.formula) else 12 * len(formula) + 10)
        + 25
        + 8.6 * len(remarks)
    )
    right = 16 + sum(9.4 * max(map(len, lines)) + 1.6 for lines in inputs)
    high = max(left, right) + 3
    sheet.need(high + 6)
    ink, top = sheet.ink, sheet.y
    ink.across(LEFT, RIGHT, top, 0.9, INK)
    ink.across(LEFT, RIGHT, top - high, 0.9, INK)
    ink.down(_INPUTS - GUTTER / 2, top - 5, top - high + 5)
    ink.lines(LEFT, top - 11, name, COND_BOLD, 8.4, 11)
    ink.text(LEFT + _LEFT_ROOM, top - 11, derived.formula_id, COND, 7.1, "r", GREY)
    y = _draw_formula(ink, derived.formula, formula, top - 11 * len(name) - 4)
    _draw_result(ink, derived, remarks, y)
    _draw_inputs(ink, inputs, top)
    sheet.y -= high + 8


def _draw_formula(ink: Ink, formula: str, lines: tuple[str, ...], top: float) -> float:
    """Returns where the result begins."""
    parts = _fraction(formula)
    if parts is None:
        ink.lines(LEFT, top - 10, lines, SANS, 9.4, 12)
        return top - 12 * len(lines) - 6
    before, over, under, behind = parts
    y = top - 14
    x = LEFT + ink.text(LEFT, y, before, SANS, 9.4) + 2
    x += draw_fraction(ink, x, y, over, under, 9)
    ink.text(x, y, behind, SANS, 9.4)
    return top - 26


def _draw_result(ink: Ink, derived: Derived, remarks: tuple[str, ...], y: float) -> None:
    ink.text(LEFT, y - 7, "Result", COND, 7, colour=GREY)
    ink.text(LEFT, y - 18.5, with_unit(grouped(derived.reported), derived.unit), SANS_BOLD, 11)
    ink.lines(LEFT, y - 28.5, remarks, COND, 7.4, 8.6, colour=GREY)


def _remarks(derived: Derived) -> tuple[str, ...]:
    """The unrounded value, the interval where there is one, and the rule of rounding."""
    words = [f"unrounded {unrounded(derived)}"]
    if derived.low is not None and derived.high is not None:
        low, high = (
            scientific(end) if abs(end) >= 1000 else plain(round_half_up(end, 1))
            for end in (derived.low, derived.high)
        )
        words.append(f"95 % interval {low} to {with_unit(high, derived.unit)}")
    words.append(derived.rounding)
    return tuple(line for part in words for line in wrap(COND, 7.4, part, _LEFT_ROOM))


def unrounded(derived: Derived) -> str:
    """The value before rounding, cut after twelve significant digits with “…”, never rounded."""
    text = plain(derived.value)
    digits = text.replace("-", "").replace(".", "").lstrip("0")
    if "." not in text or len(digits) <= LONGEST_UNROUNDED:
        return with_unit(grouped(text.rstrip("0").rstrip(".") if "." in text else text), derived.unit)
    whole = len(text.partition(".")[0].lstrip("-").lstrip("0"))
    leading = len(text.partition(".")[2]) - len(text.partition(".")[2].lstrip("0")) if not whole else 0
    kept = max(LONGEST_UNROUNDED - whole, 1) + leading
    return with_unit(grouped(text[: text.index(".") + 1 + kept]) + "…", derived.unit)


def _input_lines(item: Input) -> tuple[tuple[str, ...], ...]:
    cells = (item.symbol, item.label, grouped(item.value), item.unit, item.source)
    faces = (SANS_BOLD, COND, COND_BOLD, COND, COND)
    return tuple(
        wrap(face, 7.9 if number < 4 else 7.2, text, column.wide - 4)
        for number, (face, text, column) in enumerate(zip(faces, cells, _COLUMNS, strict=True))
    )


def _draw_inputs(ink: Ink, inputs: list[tuple[tuple[str, ...], ...]], top: float) -> None:
    starts = [
        _INPUTS + 1 + sum(column.wide for column in _COLUMNS[:number]) for number in range(len(_COLUMNS))
    ]
    for column, x in zip(_COLUMNS, starts, strict=True):
        ink.text(x, top - 10, column.title, COND_BOLD, 6.7, colour=GREY)
    ink.across(_INPUTS, RIGHT, top - 13.5, 0.4, INK)
    y = top - 22.5
    for symbol, label, value, unit, source in inputs:
        ink.lines(starts[0], y, symbol, SANS_BOLD, 7.9, 9.4)
        ink.lines(starts[1], y, label, COND, 7.9, 9.4)
        ink.lines(starts[2], y, value, COND_BOLD, 7.9, 9.4)
        ink.lines(starts[3], y, unit, COND, 7.9, 9.4)
        ink.lines(starts[4], y, source, COND, 7.2, 9.4, colour=GREY)
        y -= 9.4 * max(map(len, (symbol, label, value, unit, source))) + 1.6


def _formula_lines(formula: str) -> tuple[str, ...]:
    return wrap(SANS, 9.4, formula, _LEFT_ROOM)


def _fraction(formula: str) -> tuple[str, str, str, str] | None:
    """ "R = (a × b) / (c × d) × 100" as "R = ", "a × b", "c × d", " × 100"; None for what is no single fraction."""
    name, equals, term = formula.partition(" = ")
    parts = _split(term, " / ")
    summed = any(len(_split(term, sign)) > 1 for sign in (" + ", " − ", " - "))
    if not equals or len(parts) != 2 or summed or "," in term:
        return None
    over, (under, *factors) = parts[0], _split(parts[1], " × ")
    behind = "".join(f" × {factor}" for factor in factors)
    pieces = (f"{name} = ", _bare(over), _bare(under), behind)
    wide = sum(width(SANS, 9.4, piece) for piece in (pieces[0], behind)) + max(
        width(SANS, 9, over), width(SANS, 9, under)
    )
    return pieces if wide + 14 <= _LEFT_ROOM else None


def _split(term: str, sign: str) -> list[str]:
    """The term at a sign that stands outside of all brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(term):
        depth += (character == "(") - (character == ")")
        if not depth and term.startswith(sign, index):
            parts.append(term[start:index])
            start = index + len(sign)
    return [*parts, term[start:]]


def _bare(term: str) -> str:
    """Without the brackets around all of it: the bar of a fraction takes their place."""
    inside = term[1:-1]
    depth = lowest = 0
    for character in inside:
        depth += (character == "(") - (character == ")")
        lowest = min(lowest, depth)
    return inside if term[:1] == "(" and term[-1:] == ")" and lowest == 0 else term
