"""Check characters: the printed examples of ISBT 128, and every single slip of a finger found."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.values import codes

alphanumeric = st.text(alphabet=codes.CHECK_ALPHABET[:36], min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("number", "check"),
    [
        ("G123498654321", "H"),
        ("G123417654321", "A"),
        ("A999921123456", "3"),
        ("A999818123456", "N"),
        ("A999820123456", "E"),
        ("A999917123456", "9"),
        ("A999917123654", "Y"),
        ("A999917345628", "*"),
        ("A999917345658", "O"),
        ("A999915000001", "M"),
        ("A999918000001", "8"),
        ("Z549917123456", "P"),
    ],
)
def test_published_check_characters(number: str, check: str) -> None:
    assert codes.check_character(number) == check
    assert codes.with_check(number) == number + check
    assert codes.is_valid(number + check)


@given(alphanumeric, st.data())
def test_every_single_wrong_character_is_found(body: str, data: st.DataObject) -> None:
    code = codes.with_check(body)
    place = data.draw(st.integers(0, len(body) - 1))
    wrong = data.draw(st.sampled_from(codes.CHECK_ALPHABET[:36]).filter(lambda c: c != code[place]))
    assert not codes.is_valid(code[:place] + wrong + code[place + 1 :])


@given(alphanumeric, st.data())
def test_every_swap_of_neighbours_is_found(body: str, data: st.DataObject) -> None:
    code = codes.with_check(body)
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert codes.is_valid(swapped) == (swapped == code)


@given(st.integers())
def test_new_identity_codes_are_valid_and_unambiguous(seed: int) -> None:
    code = codes.new_identity_code(random.Random(seed).randbytes)
    assert codes.is_valid(code)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("01IO*")


@given(st.integers(), st.sampled_from(["{}", " {} ", "{}\u00a0"]))
def test_spaces_hyphens_and_small_letters_are_tolerated(seed: int, around: str) -> None:
    code = codes.new_identity_code(random.Random(seed).randbytes)
    assert codes.is_valid(around.format(code.replace("-", " ").lower()))
    assert codes.normalise(around.format(code.lower())) == code.replace("-", "")
    assert codes.grouped(code.replace("-", "")) == code


def test_a_letter_o_is_not_taken_for_a_zero() -> None:
    assert codes.normalise("o0") == "O0"


@given(st.text())
def test_anything_may_be_asked_for_validity(text: str) -> None:
    assert codes.is_valid(text) in (True, False)


@pytest.mark.parametrize("text", ["", " - ", "ABC*", "ÄBC", "12\N{ARABIC-INDIC DIGIT THREE}", "ſ1", "A'B"])
def test_other_characters_are_refused(text: str) -> None:
    with pytest.raises(codes.NotACode):
        codes.check_character(text)
    assert not codes.is_valid(text)


def test_codes_are_listed_once_as_they_were_first_written() -> None:
    assert codes.each_once(["ab-1", "AB1", None, "", "AB 2", "ab1"]) == ("ab-1", "AB 2")
