"""Typefaces, wrapping and drawing: every character arrives as itself, or nothing is printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labrecords.documents.drawing.qr import qr_code
from labrecords.documents.drawing.typefaces import (
    COND,
    COND_BOLD,
    HAN,
    MONO,
    SANS,
    SANS_BOLD,
    MissingGlyph,
    coverage,
    runs,
    width,
    widths,
)
from labrecords.documents.drawing.wrapping import ELLIPSIS, fit, groups, in_two, wrap
from labrecords.documents.pages.geometry import LEFT
from labrecords.domain.values.text import COVERAGE_FILE, read_ranges
from tests.support.printed import example_edition, finished, sheet, text_of

CUTS = (SANS, SANS_BOLD, COND, COND_BOLD, MONO)
WORDS = st.text(alphabet="abc ABC 012 ,.äłΩЖ漢\n", max_size=120)


def test_what_can_be_typed_is_what_the_fonts_can_print() -> None:
    listed = set(read_ranges(COVERAGE_FILE.read_text(encoding="utf-8")))
    assert listed == set(read_ranges(coverage())), (
        "make domain/values/printable.txt anew from typefaces.coverage()"
    )


@pytest.mark.parametrize("cut", CUTS)
def test_every_cut_prints_every_character_that_can_be_typed(cut: str) -> None:
    listed = "".join(sorted(read_ranges(COVERAGE_FILE.read_text(encoding="utf-8"))))
    assert "".join(piece for _, piece in runs(cut, listed)) == listed


@pytest.mark.parametrize("cut", [SANS, COND])
def test_figures_have_one_width(cut: str) -> None:
    assert len({widths(cut)[figure] for figure in "0123456789"}) == 1


@pytest.mark.parametrize("character", ["\U0001f9ec", "\n", "\t", "\u202e", "ש", "\ue000"])
def test_a_character_that_no_font_has_is_refused(character: str) -> None:
    with pytest.raises(MissingGlyph, match=f"U\\+{ord(character):04X}"):
        sheet().ink.text(0, 0, f"a{character}b")


def test_chinese_and_japanese_names_take_the_other_typeface() -> None:
    assert runs(SANS_BOLD, "佐藤 Satō") == ((HAN, "佐藤"), (SANS_BOLD, " Satō"))


def test_signs_of_pdf_syntax_are_only_text() -> None:
    drawn, text = sheet(), "(unbalanced \\ ) %PDF endstream \\n \\101 BT (x) Tj ET"
    drawn.ink.text(LEFT, 400, text)
    assert text in text_of(finished(drawn))


def test_more_characters_than_one_subset_holds() -> None:
    drawn = sheet()
    text = "".join(sorted(set(widths(SANS)) & set(read_ranges(COVERAGE_FILE.read_text(encoding="utf-8")))))
    text = "".join(character for character in text if not character.isspace())
    assert len(text) > 500
    lines = [text[start : start + 60] for start in range(0, len(text), 60)]
    drawn.ink.lines(LEFT, 700, [*lines, "A" + text[-1] + "B" + text[300] + "C"], SANS, 7, 9)
    found = text_of(finished(drawn))
    assert [line for line in lines if line not in found] == []
    assert "A" + text[-1] + "B" + text[300] + "C" in found


@given(WORDS, st.floats(min_value=20, max_value=300))
@settings(max_examples=300)
def test_wrapping_loses_nothing_and_stays_inside(text: str, room: float) -> None:
    lines = wrap(COND, 8, text, room)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(COND, 8, line.strip()) <= room + 0.01 or len(line) == 1 for line in lines)


def test_line_ends_are_kept() -> None:
    assert wrap(COND, 8, "one\n\ntwo", 200) == ("one", "", "two")


def test_a_number_stays_with_its_unit() -> None:
    text = "The volume was 12.5 mL at 21 °C"
    for room in range(40, 160):
        for line in wrap(COND, 8, text, room):
            assert not line.endswith(("12.5", "21"))


def test_a_long_code_is_cut_and_nothing_else() -> None:
    lines = wrap(MONO, 8, "X" * 60, 100)
    assert "".join(lines) == "X" * 60
    assert len({len(line) for line in lines[:-1]}) == 1


@pytest.mark.parametrize(("text", "short"), [("KRK-26-0001", False), ("M" * 90, True)])
def test_repetitions_shrink_and_are_marked_when_shortened(text: str, short: bool) -> None:
    size, shown = fit(SANS, 9, text, 120)
    assert width(SANS, size, shown) <= 120
    assert shown.endswith(ELLIPSIS) is short


def test_two_small_lines_before_a_shortening() -> None:
    size, lines = in_two(SANS, 9, "Pracownia Komórkowa Łabędzia, Zakład Medycyny Regeneracyjnej", 140)
    assert len(lines) == 2
    assert " ".join(lines).startswith("Pracownia Komórkowa")
    assert all(width(SANS, size, line) <= 140 for line in lines)


def test_digests_are_grouped() -> None:
    assert groups("0123456789abcdef", 4) == "0123 4567 89ab cdef"


def test_the_code_says_batch_version_and_digest_only() -> None:
    edition = replace(example_edition(), sha256="ab" * 32)
    number, version = edition.record.batch.number, edition.document.version
    assert edition.qr_payload == f"LABRECORDS:1:{number}:{version}:{'AB' * 32}"
    rows = qr_code(edition.qr_payload)
    assert rows[0][0] == (0, 7), "the finder pattern begins with seven dark modules"
    assert all(start >= 0 and start + length <= len(rows) for row in rows for start, length in row)
