"""Numbers as people type them.

A typed number is taken exactly, or it is asked back with a sentence; it is never guessed. Comma and point are
both decimal signs, and spaces may group the digits before it in threes. What could be read in two ways
("1,000") is refused with both ways to write it clearly.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

LONGEST = 30

_SPACES = " \u00a0\u2007\u2009\u202f"
"""The spaces that group digits: plain, no-break, figure, thin, narrow no-break."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[ ][0-9]{3})+(?:[.,][0-9]+)?")
_AMBIGUOUS = re.compile(r"([+-]?)([1-9][0-9]{0,2})[.,]([0-9]{3})")
_NAKED_POINT = re.compile(r"([+-]?)([0-9]*)[.,]([0-9]*)")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([.,'’])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?")
_POWER_OF_TEN = re.compile(
    r"[+-]?[0-9.,]+ ?(?:[eE] ?[+-]?[0-9]+|[x×*·] ?10 ?(?:\^|\*\*)? ?[+-]?[0-9⁰¹²³⁴-⁹⁻]*)"
)
_E_FORM = re.compile(r"([+-]?[0-9]+(?:[.,][0-9]+)?)[eE]\+?([0-9]{1,2})")
_RANGE = re.compile(r"[0-9., ]+[-–—…][0-9., ]+")
_RATIO = re.compile(r"[0-9., ]+[:/][0-9., ]+")
_MISREAD = str.maketrans("OolI", "0011")
"""Letters that are taken for digits: leaving one out would make the number ten times too small."""
_WITH_UNIT = re.compile(r"[+-]?[0-9][0-9., ]*?([^0-9., :/<>+*^-][^0-9]*[0-9²³]?)")
_NOT_FINITE = re.compile(r"[+-]?(?:s?nan[0-9]*|inf|infinity|∞)", re.IGNORECASE)


class NotANumber(ValueError):
    """The text is no clear number; the message is a sentence for the user, with what to write instead."""


def parse_number(text: str) -> Decimal:
    """The number that `text` says, digit for digit (trailing zeros are kept: they state precision).

    Accepted: 12 12.5 12,5 -3 "1 000" "12 345,67", with spaces around. Raises `NotANumber` for everything
    else: empty, ambiguous thousands, NaN, infinity, exponents, units, ranges, digits other than 0 to 9,
    control characters, more than 30 characters.
    """
    typed = _tidy(text)
    if clash := _AMBIGUOUS.fullmatch(typed):
        raise NotANumber(_ask_back(typed, *_two_ways(clash)))
    return _exact(typed)


def parse_whole(text: str) -> int:
    """The whole number that `text` says. Raises `NotANumber` like `parse_number`, and for any decimals."""
    typed = _tidy(text)
    if clash := _AMBIGUOUS.fullmatch(typed):
        sign, whole, decimals = clash.groups()
        if decimals == "000":
            raise NotANumber(_ask_back(typed, f"{sign}{whole}000", f"{sign}{whole}"))
        raise NotANumber(
            f"Write a whole number, without comma or point: {sign}{whole}{decimals} if you mean that."
        )
    value = _exact(typed)
    if "." in typed or "," in typed:
        if value == value.to_integral_value():
            raise NotANumber(
                f"Write a whole number: {plain(value.to_integral_value())} instead of “{typed}”."
            )
        raise NotANumber(f"“{typed}” is not a whole number. Write one without comma or point.")
    return int(value)


def plain(value: Decimal) -> str:
    """`value` in plain digits with a decimal point, never with an exponent, and zero without a sign.

    Raises `ValueError` for NaN and infinity.
    """
    if not value.is_finite():
        raise ValueError("only finite numbers can be written")
    return f"{value.copy_abs() if value == 0 else value:f}"


def _tidy(text: str) -> str:
    """The text without spaces around, with one kind of space and of minus; refuses what is not text."""
    if any(
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
        for character in text.strip("\t\r\n")
    ):
        raise NotANumber(
            "This holds characters that cannot be seen. Delete it and type the number with the keys."
        )
    typed = text.strip()
    if not typed:
        raise NotANumber("Write a number, for example 12.5.")
    if len(typed) > LONGEST:
        raise NotANumber(
            f"This is longer than {LONGEST} characters. Write only the number, for example 12.5."
        )
    for space in _SPACES:
        typed = typed.replace(space, " ")
    return typed.replace("−", "-")


def _exact(typed: str) -> Decimal:
    if _NUMBER.fullmatch(typed) or _GROUPED.fullmatch(typed):
        value = Decimal(typed.replace(" ", "").replace(",", "."))
        return value.copy_abs() if value == 0 else value
    raise NotANumber(_what_is_wrong(typed))


def _two_ways(clash: re.Match[str]) -> tuple[str, str]:
    """The two unambiguous ways to write "1,000": with all digits, and with decimals that are not three."""
    sign, whole, decimals = clash.groups()
    shorter = decimals.rstrip("0") or "0"
    fraction = shorter if len(shorter) < 3 else decimals + "0"
    return f"{sign}{whole}{decimals}", f"{sign}{whole}.{fraction}"


def _ask_back(typed: str, thousands: str, decimal: str) -> str:
    if typed.lstrip("+-") in ("1,000", "1.000"):
        return f"“{typed}” can mean one thousand or one. Write {thousands} or {decimal}."
    return f"“{typed}” can be read as {thousands} or as {decimal}. Write the one that you mean."


def _what_is_wrong(typed: str) -> str:
    """A sentence for text that is no number, as specific as it can be."""
    if _POWER_OF_TEN.fullmatch(typed):
        return f"Write “{typed}” out in digits, without a power of ten{_written_out(typed)}."
    if any(unicodedata.category(c).startswith("N") and not c.isascii() and c not in "²³" for c in typed):
        return "Use the digits 0 to 9, for example 12.5."
    if _NOT_FINITE.fullmatch(typed):
        return f"“{typed}” is not a number. Write the value in digits, for example 12.5."
    if way_out := _almost_a_number(typed):
        return f"“{typed}” is not clear. Write {way_out} if that is what you mean."
    if _RATIO.fullmatch(typed):
        return f"“{typed}” is a ratio or a fraction. Write one number, for example 0.5."
    if _RANGE.fullmatch(typed):
        return f"“{typed}” is a range. Write one value."
    letters = [character for character in typed if ord(character) in _MISREAD]
    if re.search("[0-9]", typed) and letters and _NUMBER.fullmatch(digits := typed.translate(_MISREAD)):
        way_out = f"If a digit is meant, write {digits}; else leave the letter out."
        return f"“{typed}” has the letter {letters[0]} in it. {way_out}"
    if unit := _WITH_UNIT.fullmatch(typed):
        return f"Write only the number, without “{unit[1].strip()}”: the unit stands beside the field."
    if typed[0] in "<>≤≥~≈±":
        return f"Leave out “{typed[0]}” and write the value as a number, for example 12.5."
    return f"“{typed}” is not a number. Use only the digits 0 to 9 and one comma or point, for example 12.5."


def _written_out(typed: str) -> str:
    """The same number without its exponent, where that is clear and short enough to type."""
    match = _E_FORM.fullmatch(typed)
    if not match or _AMBIGUOUS.fullmatch(match[1]):
        return ", for example 1200000"
    written = plain(Decimal(match[1].replace(",", ".")).scaleb(int(match[2])))
    return f": {written}" if len(written) <= LONGEST and not _AMBIGUOUS.fullmatch(written) else ""


def _almost_a_number(typed: str) -> str:
    """The clear way to write something that is nearly a number: a naked point, or marked thousands."""
    if (naked := _NAKED_POINT.fullmatch(typed)) and (naked[2] or naked[3]):
        sign, whole, decimals = naked.groups()
        return f"{sign}0.{decimals}" if decimals else f"{sign}{whole}"
    if thousands := _THOUSANDS.fullmatch(typed):
        return typed.replace(thousands[1], "").replace(",", ".")
    if " " in typed and re.fullmatch(r"[+-]?[0-9 ]+", typed):
        return typed.replace(" ", "")
    return ""
