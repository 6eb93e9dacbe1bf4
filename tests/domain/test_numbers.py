"""Typed numbers: taken exactly or asked back, never changed."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labrecords.domain.values.numbers import NotANumber, parse_number, parse_whole, plain

ACCEPTED = [
    ("12", "12"),
    ("12.5", "12.5"),
    ("12,5", "12.5"),
    ("12.50", "12.50"),
    ("-3", "-3"),
    ("−3,5", "-3.5"),
    ("+3", "3"),
    (" 7 ", "7"),
    ("7\n", "7"),
    ("05", "5"),
    ("-0", "0"),
    ("0.123", "0.123"),
    ("0,123", "0.123"),
    ("1234.567", "1234.567"),
    ("1 000", "1000"),
    ("1\u00a0000", "1000"),
    ("1\u2009000\u2009000", "1000000"),
    ("12\u202f345,67", "12345.67"),
    ("1 000,500", "1000.500"),
    ("121000000", "121000000"),
    ("0.0000001", "0.0000001"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
]

REFUSED = [
    ("", "Write a number, for example 12.5."),
    ("   ", "Write a number"),
    ("1,000", "“1,000” can mean one thousand or one. Write 1000 or 1.0."),
    ("1.000", "“1.000” can mean one thousand or one. Write 1000 or 1.0."),
    ("-1,000", "“-1,000” can mean one thousand or one. Write -1000 or -1.0."),
    ("1,500", "“1,500” can be read as 1500 or as 1.5. Write the one that you mean."),
    ("12,345", "“12,345” can be read as 12345 or as 12.3450."),
    ("NaN", "“NaN” is not a number."),
    ("-inf", "“-inf” is not a number."),
    ("∞", "“∞” is not a number."),
    ("1e309", "out in digits, without a power of ten"),
    ("1.2e8", "Write “1.2e8” out in digits, without a power of ten: 120000000."),
    ("1,000e3", "for example 1200000"),
    ("1.2 × 10⁸", "without a power of ten"),
    ("12 mL", "Write only the number, without “mL”: the unit stands beside the field."),
    ("12mL", "without “mL”"),
    ("7O", "“7O” has the letter O in it. If a digit is meant, write 70; else leave the letter out."),
    ("27OO", "write 2700;"),
    ("2l", "has the letter l in it. If a digit is meant, write 21;"),
    ("-1o,5", "write -10,5;"),
    ("O", "is not a number"),
    ("80 %", "without “%”"),
    ("37.5 °C", "without “°C”"),
    ("5 cm²", "without “cm²”"),
    ("1,000 mL", "without “mL”"),
    ("١٢", "Use the digits 0 to 9"),
    ("１２", "Use the digits 0 to 9"),
    ("1½", "Use the digits 0 to 9"),
    (".5", "Write 0.5 if"),
    ("12.", "Write 12 if"),
    ("1,234,567", "Write 1234567 if"),
    ("1.000.000", "Write 1000000 if"),
    ("1'000", "Write 1000 if"),
    ("1,234.5", "Write 1234.5 if"),
    ("1.234,5", "Write 1234.5 if"),
    ("12 3", "Write 123 if"),
    ("1:10", "a ratio or a fraction"),
    ("1/2", "a ratio or a fraction"),
    ("10-20", "a range"),
    ("10 – 20", "a range"),
    ("<5", "Leave out “<”"),
    ("~5", "Leave out “~”"),
    ("1,2,3", "is not a number"),
    ("1,000,50", "is not a number"),
    ("--3", "is not a number"),
    ("abc", "is not a number"),
    ("<b>12</b>", "Leave out “<”"),
    ("=1+1", "is not a number"),
    ("{{7*7}}", "is not a number"),
    ("'; DROP TABLE count; --", "is not a number"),
    ("12\x00", "cannot be seen"),
    ("\u202e12", "cannot be seen"),
    ("1\u200b2", "cannot be seen"),
    ("\ud800", "cannot be seen"),
    ("1" * 31, "longer than 30 characters"),
    ("9" * 10_000, "longer than 30 characters"),
]


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_clear_numbers_are_taken_exactly(text: str, value: str) -> None:
    assert plain(parse_number(text)) == value


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_everything_else_is_asked_back_with_a_way_out(text: str, sentence: str) -> None:
    with pytest.raises(NotANumber, match=re.escape(sentence)):
        parse_number(text)


def read(text: str) -> Decimal | str:
    """The number, or the sentence that asks it back."""
    try:
        return parse_number(text)
    except NotANumber as refusal:
        return str(refusal)


likely = st.text(alphabet="0123456789., -+eE\u00a0mL%", max_size=12) | st.text(max_size=40)


@given(likely)
@example("0,000")
@example("-0.0")
@example("10000000000000000000000000001")
def test_no_typed_text_is_ever_silently_changed(text: str) -> None:
    value = read(text)
    if isinstance(value, str):
        assert value.endswith(".")
        return
    typed = text.strip().lstrip("+-−")
    digits = "".join(character for character in typed if character.isdigit())
    assert digits.isascii()
    written = plain(value.copy_abs())
    assert written.replace(".", "").lstrip("0") == digits.lstrip("0")
    decimals = len(re.split("[.,]", typed)[1]) if re.search("[.,]", typed) else 0
    assert -int(value.as_tuple().exponent) == decimals
    assert (value < 0) == (text.strip()[0] in "-−" and bool(digits.strip("0")))


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(",."), st.sampled_from(["", "-"]))
def test_both_ways_out_of_an_ambiguous_number_are_accepted(
    whole: int, decimals: int, separator: str, sign: str
) -> None:
    question = str(read(f"{sign}{whole}{separator}{decimals:03}"))
    options = re.search(r"(?:Write|read as) (\S+) or (?:as )?(\S+)\.", question)
    assert options is not None
    assert parse_number(options[1]) == Decimal(f"{sign}{whole}{decimals:03}")
    assert parse_number(options[2]) == Decimal(f"{sign}{whole}.{decimals:03}")


@given(likely)
def test_every_offered_way_out_is_accepted(text: str) -> None:
    if offered := re.search(r"is not clear\. Write (\S+) if", str(read(text))):
        parse_number(offered[1])


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_what_is_written_plain_is_read_back(value: Decimal) -> None:
    assert parse_number(plain(value)) == value


@pytest.mark.parametrize(("text", "value"), [("52", 52), ("1 000", 1000), ("-3", -3), ("007", 7), ("0", 0)])
def test_whole_numbers(text: str, value: int) -> None:
    assert parse_whole(text) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12.0", "Write a whole number: 12 instead of “12.0”."),
        ("12,5", "“12,5” is not a whole number."),
        ("1,000", "“1,000” can mean one thousand or one. Write 1000 or 1."),
        ("1,500", "1500 if you mean that"),
        ("", "Write a number"),
        ("52 cells", "without “cells”"),
    ],
)
def test_whole_numbers_have_no_decimals(text: str, sentence: str) -> None:
    with pytest.raises(NotANumber, match=re.escape(sentence)):
        parse_whole(text)


@pytest.mark.parametrize(
    ("value", "text"), [("1E+6", "1000000"), ("1E-7", "0.0000001"), ("-0.0", "0.0"), ("2.50", "2.50")]
)
def test_plain_digits(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_only_finite_numbers_are_written(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        plain(Decimal(value))
