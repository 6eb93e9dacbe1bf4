"""Ids of containers, given out by the system alone: site (5), year (2), sequence (6) and a check character.

They have the shape of an ISBT 128 donation number with its keyboard check character (ISO 7064 MOD 37-2), so that a
laboratory that gets a licence can go on with the same length. A site without a licence must not use a facility number
of ICCBBA's: its ids end their site part with the letter X, where such a number has a digit (domain 5.1 to 5.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from labrecords.domain.values import codes

SITE_LENGTH, LENGTH = 5, 13
"""Characters of the site part, and of an id without its check character."""
MOST_A_YEAR = 999_999
OWN = "X"
"""The last character of a site part that is the laboratory's own."""

_FIRST = frozenset("ABCDEFGHIJKLMNPQRSTUVWXYZ")
"""What a site part begins with: a letter, never O, which is misread for 0."""
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""The prefix by which a scanner may say which kind of code it read, such as ]d1."""
_DONATION = re.compile(r"=([A-NP-Z1-9][A-Z0-9]{4}[0-9]{8})([0-9]{2})")
"""ISBT 128 data structure 001: donation number and two flag characters, which are no part of the number."""
_CHECKED_FLAGS = 60
"""Flags from here on are 60 and the value of the check character (type 3)."""


@dataclass(frozen=True)
class ContainerId:
    """One id that was given out. It is never given again, whatever became of the container."""

    id: str
    batch_id: str
    code: str
    """All 14 characters, as they are printed."""
    person_id: str
    given_at: datetime


def site_part(site_code: str) -> str:
    """The five characters that the laboratory's ids begin with: "KRK" gives "KRKXX".

    The first four letters and digits of its site code, filled up with X, and an X at the end.
    """
    bare = codes.normalise(site_code)
    begun = bare if bare[:1] in _FIRST else OWN + bare
    return begun[: SITE_LENGTH - 1].ljust(SITE_LENGTH, OWN)


def new_code(site_code: str, year: int, sequence: int) -> str:
    """The id with this place in the sequence of a calendar year. Raises ValueError beyond 999,999 a year."""
    if not 1 <= sequence <= MOST_A_YEAR:
        raise ValueError("All ids of this year are given out.")
    return codes.with_check(f"{site_part(site_code)}{year % 100:02d}{sequence:06d}")


def beginning(site_code: str, year: int) -> str:
    """What all ids of one calendar year begin with."""
    return f"{site_part(site_code)}{year % 100:02d}"


def scanned(text: str) -> str:
    """The code that a scanner sent or a person typed, without what is no part of it; any other text as it is.

    A prefix of the scanner is left out. Of a donation number as ISBT 128 encodes it the flags are left out and the
    check character is added, as it is printed. Nothing is guessed: O stays O. Raises `codes.NotACode` where flags
    that check the number contradict it.
    """
    if prefix := _AIM.match(text):
        text = text[prefix.end() :]
    number = _DONATION.fullmatch(codes.normalise(text))
    if number is None:
        return text
    check, flags = codes.check_character(number[1]), int(number[2])
    if flags >= _CHECKED_FLAGS and flags != _CHECKED_FLAGS + codes.CHECK_ALPHABET.index(check):
        raise codes.NotACode("The scanned number and its check do not agree. Scan the label once more.")
    return number[1] + check


def problem_of(text: str, site_code: str) -> str | None:
    """Why a code that begins like one of this laboratory's ids is none of them; None where it is one, or another code.

    A wrong character, a swap of two, O for 0 and a missing check character are all found, and never mended.
    """
    code = codes.normalise(text)
    ours = re.fullmatch(rf"{re.escape(site_part(site_code))}[0-9A-Z*]{{7,10}}", code)
    if ours is None:
        return None
    if len(code) == LENGTH and code[SITE_LENGTH:].isdigit():
        return "The check character is missing: the last one on the label, in its box. Scan the label, or type it too."
    if is_own(code, site_code):
        return None
    return (
        "This is no id of this laboratory: a character was misread, or two were swapped, or O was read as 0. "
        "Scan the label, or compare it character by character and type it again."
    )


def is_own(text: str, site_code: str) -> bool:
    """Whether a code is an id as this laboratory gives them out, whether it was given out or not."""
    code = codes.normalise(text)
    return (
        code.startswith(site_part(site_code))
        and len(code) == LENGTH + 1
        and code[SITE_LENGTH:-1].isdigit()
        and codes.is_valid(code)
    )


def shown(code: str) -> str:
    """An id as it is printed and read aloud, "KRKXX 26 000001 8"; any other code as it is."""
    bare = codes.normalise(code)
    if len(bare) != LENGTH + 1 or not bare[SITE_LENGTH:-1].isdigit() or not codes.is_valid(bare):
        return code
    return f"{bare[:5]} {bare[5:7]} {bare[7:13]} {bare[13]}"
