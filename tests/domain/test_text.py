"""Typed text: taken as typed, or asked back with the character named."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.values.text import (
    COVERAGE_FILE,
    NotText,
    clean_text,
    printable,
    prints_alone,
    read_ranges,
    write_ranges,
)


@pytest.mark.parametrize(
    "text",
    [
        "Łukasz Żółć, Dvořák, Nguyễn Thị Ánh, Ελένη, Жанна",
        "漢字 かな カナ",
        "≥ 70 %, 37 °C, 121 × 10⁶, 3 µL, √2 − 1 → ✓",
        "<b>bold</b> & {{ 7 * 7 }} '; DROP TABLE count; -- =1+1 @x",
        "no-break\u00a0space, thin\u2009space",
    ],
)
def test_what_can_be_printed_is_taken_as_typed(text: str) -> None:
    assert clean_text(text) == text


def test_letters_are_composed_and_spaces_around_dropped() -> None:
    assert clean_text("  Nguye\u0302\u0303n\t") == "Nguy\u1ec5n"
    assert clean_text(" \n ") == ""


def test_line_ends_become_one_kind() -> None:
    assert clean_text("one\r\ntwo\nthree", multiline=True) == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("two\nlines", "This holds a line break. Write it on one line."),
        ("two\u2028lines", "a line break"),
        ("a\tb", "This holds a tab. Use a space instead."),
        ("a\x00b", "not text (U+0000)"),
        ("a\x1bb", "not text (U+001B)"),
        ("a\ud800b", "not text (U+D800)"),
        ("a\ue000b", "not text (U+E000)"),
        ("a\u202eb", "an invisible character (U+202E, right-to-left override)"),
        ("a\u2066b", "an invisible character (U+2066, left-to-right isolate)"),
        ("a\u200bb", "an invisible character (U+200B, zero width space)"),
        ("a\u200db", "an invisible character (U+200D, zero width joiner)"),
        ("a\ufeffb", "an invisible character (U+FEFF, zero width no-break space)"),
        ("a\u00adb", "an invisible character (U+00AD, soft hyphen)"),
        ("😀", "The record cannot print “😀” (U+1F600, grinning face)."),
        ("שלום", "cannot print “ש” (U+05E9, hebrew letter shin)"),
        ("سلام", "cannot print “س” (U+0633, arabic letter seen)"),
        ("नमस्ते", "cannot print “न” (U+0928, devanagari letter na)"),
        ("x\u0335", "cannot print (U+0335, combining short stroke overlay)"),
        ("\ufffd", "U+FFFD, replacement character"),
        ("\u3164", "U+3164, hangul filler"),
    ],
)
def test_the_rest_is_asked_back_with_its_name(text: str, sentence: str) -> None:
    with pytest.raises(NotText, match=re.escape(sentence)):
        clean_text(text)


def test_several_lines_do_not_allow_other_controls() -> None:
    with pytest.raises(NotText, match=r"not text \(U\+0000\)"):
        clean_text("a\n\x00", multiline=True)
    with pytest.raises(NotText, match="line break"):
        clean_text("a\rb", multiline=True)


@pytest.mark.parametrize("length", [2001, 10_000])
def test_too_long_text_is_not_cut(length: int) -> None:
    assert len(clean_text("x" * 2000)) == 2000
    with pytest.raises(NotText, match=f"{length} characters, and 2000 are possible"):
        clean_text("x" * length)
    with pytest.raises(NotText, match="and 10 are possible"):
        clean_text("x" * 11, limit=10)


@given(st.text(), st.booleans())
def test_accepted_text_is_what_was_typed(text: str, multiline: bool) -> None:
    try:
        cleaned = clean_text(text, multiline=multiline)
    except NotText:
        return
    assert cleaned == unicodedata.normalize("NFC", text).strip()
    assert all(printable(character) or character == "\n" for character in cleaned)
    assert clean_text(cleaned, multiline=multiline) == cleaned


def test_the_coverage_holds_nothing_that_needs_shaping() -> None:
    covered = list(read_ranges(COVERAGE_FILE.read_text(encoding="ascii")))
    assert len(covered) > 25_000
    assert all(prints_alone(character) for character in covered)
    assert [c for c in map(chr, range(0x20, 0x7F)) if not printable(c)] == []


@given(st.sets(st.characters(), max_size=60))
def test_ranges_are_read_as_written(characters: set[str]) -> None:
    assert set(read_ranges("# comment 41\n" + write_ranges(characters))) == characters


def test_ranges_are_compact() -> None:
    assert write_ranges("cabz") == "61-63 7A\n"
    assert list(read_ranges("61-63 7A # 41")) == ["a", "b", "c", "z"]
