"""Ids of containers, given out by the system alone: site (5), year (2), sequence (6) and a check character.

They have the shape of an ISBT 128 donation number with its keyboard check character (ISO 7064 MOD 37-2), so that a
laboratory that gets a licence can go on with the same length. A site without a licence must not use a facility number
of ICCBBA's: its ids end their site part with the letter X, where such a number has a digit (domain 5.1 to 5.3).
"""

from __future__ import annotations

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
