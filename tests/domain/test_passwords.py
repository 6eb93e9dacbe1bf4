"""Passwords: long enough, not what is tried first, and no rules of composition."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.passwords import normalised, password_problems

CONTEXT = ["Tess Nowak", "tess.nowak@clinic.example", "Northside Cell Lab", "labrecords"]


@pytest.mark.parametrize(
    "password",
    [
        "plum kettle violin",
        "zaskakujący żółw pije kakao",
        "seven green umbrellas 1",
        "qv8!tZ2#wL0@pXk",
        "漢字漢字かなカナ山川海空雨雪風",
        "correct pony battery fence",
        "a password for my summer house garden",
        "             x y z w q r",
    ],
)
def test_long_passwords_that_nobody_tries_first_are_good(password: str) -> None:
    assert password_problems(password, context=CONTEXT) == []


@pytest.mark.parametrize(
    ("length", "good"), [(14, False), (15, True), (64, True), (1024, True), (1025, False)]
)
def test_length(length: int, good: bool) -> None:
    password = ("plum kettle violin gravel hinge moth " * 40)[:length]
    assert (password_problems(password, context=()) == []) is good


def test_the_sentence_says_how_many_characters() -> None:
    assert password_problems("plum kettle", context=()) == [
        "Use at least 15 characters; these are 11. Several words are easy to keep."
    ]
    assert password_problems("x" * 2000, context=()) == ["Use at most 1024 characters; these are 2000."]


def test_characters_count_not_bytes_and_composed() -> None:
    assert "these are 14" in password_problems("żółw pije kaka", context=())[0]
    decomposed = unicodedata.normalize("NFD", "żółw pije kaka")
    assert "these are 14" in password_problems(decomposed, context=())[0]


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "Password Password 1",
        "P@ssw0rd-P@ssw0rd!",
        "passwordpassword",
        "iloveyou iloveyou 2026",
        "correct horse battery staple",
        "CorrectHorseBatteryStaple1",
        "qwertyuiopasdfgh",
        "1q2w3e4r5t6y7u8i",
        "1234567890123456",
        "abcdefghijklmnopq",
        "zyxwvutsrqponmlkj",
        "aaaaaaaaaaaaaaaaaaa",
        "aaaabbbbccccdddd",
        "welcome2026welcome",
        "letmein letmein letmein",
        "December December 26",
        "admin administrator 1",
        "bone marrow centrifuge",
        "   password      ",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    problems = password_problems(password, context=())
    assert len(problems) == 1
    assert "have nothing to do with each other" in problems[0]


@pytest.mark.parametrize("password", ["abcxyzabcxyzabcxyz", "hop hop hop hop hop", "k7k7k7k7k7k7k7k7k"])
def test_repetitions_are_refused(password: str) -> None:
    assert password_problems(password, context=()) == [
        "This repeats one short piece. Use several words that have nothing to do with each other."
    ]


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("the garden of tess is wide", "tess"),
        ("the garden of T3SS is wide", "tess"),
        ("NOWAK walks in the garden", "nowak"),
        ("my northside umbrella", "northside"),
        ("umbrella for labrecords", "labrecords"),
    ],
)
def test_words_of_the_context_are_refused_and_named(password: str, word: str) -> None:
    assert password_problems(password, context=CONTEXT) == [
        f"Leave out “{word}”: names of people, of the laboratory and of the product are tried first."
    ]


def test_short_words_of_the_context_are_not_looked_for() -> None:
    assert password_problems("plum kettle violin", context=["Li Um", "in"]) == []


def test_characters_that_no_keyboard_types_are_refused() -> None:
    for character in ("\x00", "\n", "\ud800"):
        problems = password_problems(f"plum kettle{character} violin", context=())
        assert problems == ["The password holds a character that is not text. Type it with the keys."]


@given(st.text(min_size=1, max_size=60))
def test_nothing_is_trimmed_folded_or_repeated_in_a_sentence(password: str) -> None:
    assert normalised(password) == unicodedata.normalize("NFC", password)
    for sentence in password_problems(password, context=()):
        assert len(password) < 6 or password not in sentence
