"""Ids of containers: given in one shape, read however they were scanned or typed, and never mended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.custody import container_ids as ids
from labrecords.domain.values import codes

SITE = "KRK"


@pytest.mark.parametrize(
    ("site_code", "part"),
    [("KRK", "KRKXX"), ("a9999", "A999X"), ("LAB123", "LAB1X"), ("7B", "X7BXX"), ("OSLO", "XOSLX")],
)
def test_the_site_part_is_clearly_the_laboratorys_own(site_code: str, part: str) -> None:
    assert ids.site_part(site_code) == part


def test_an_id_has_site_year_sequence_and_check_character() -> None:
    code = ids.new_code(SITE, 2026, 1)
    assert code[:-1] == "KRKXX26000001"
    assert code[-1] == codes.check_character("KRKXX26000001")
    assert ids.shown(code) == f"KRKXX 26 000001 {code[-1]}"
    assert ids.problem_of(ids.shown(code).lower(), SITE) is None
    with pytest.raises(ValueError, match="given out"):
        ids.new_code(SITE, 2026, 1_000_000)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("=A99992600012300", "A999926000123P"),
        ("]d1=A99992600012300", "A999926000123P"),
        ("]C0=A99992600012385", "A999926000123P"),
        ("= A9999 26 000123 00", "A999926000123P"),
        ("]d1KRKXX260000018", "KRKXX260000018"),
        ("BAG-7", "BAG-7"),
        ("=<D0001100", "=<D0001100"),
    ],
)
def test_what_a_scanner_adds_is_left_out(sent: str, read: str) -> None:
    assert ids.scanned(sent) == read


def test_flags_that_contradict_the_number_are_refused() -> None:
    with pytest.raises(codes.NotACode, match="do not agree"):
        ids.scanned("=A99992600012368")


@given(st.integers(1, 999_999), st.data())
def test_every_wrong_character_and_every_swap_of_neighbours_is_found(
    sequence: int, data: st.DataObject
) -> None:
    code = ids.new_code(SITE, 2026, sequence)
    place = data.draw(st.integers(5, 13))
    wrong = data.draw(st.sampled_from(codes.CHECK_ALPHABET).filter(lambda c: c != code[place]))
    assert ids.problem_of(code[:place] + wrong + code[place + 1 :], SITE)
    swapped = code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
    if place > 5 and swapped != code:
        assert ids.problem_of(swapped, SITE)


def test_the_letter_o_is_never_read_as_a_zero() -> None:
    code = ids.new_code(SITE, 2026, 10)
    problem = ids.problem_of(code[:7] + "O" + code[8:], SITE)
    assert problem is not None
    assert "O was read as 0" in problem


def test_a_missing_check_character_is_told_as_that() -> None:
    problem = ids.problem_of(ids.new_code(SITE, 2026, 1)[:-1], SITE)
    assert problem is not None
    assert problem.startswith("The check character is missing")


@pytest.mark.parametrize("code", ["BAG-7", "KRK-26-0001", "KRKXX", "A999926000123Q", "W123426000001"])
def test_a_code_of_another_origin_is_left_as_it_is(code: str) -> None:
    assert ids.problem_of(code, SITE) is None
