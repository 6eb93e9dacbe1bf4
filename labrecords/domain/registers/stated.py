"""What is stated of who a patient is, compared with who is registered: by the system, never ticked (domain B2).

What was said or scanned is compared and forgotten. A record keeps which identifier was asked for, and what came of it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from labrecords.domain.registers.patients import MONTHS, Identity, is_of_a_word, name_words

UNKNOWN = "not recognised"
"""In place of a code or record number that belongs to nobody here: its text may tell who somebody is."""
RECORD_NUMBER, BIRTH_DATE, FULL_NAME = "record number", "date of birth", "full name"
AGREES, DIFFERS, NOT_COMPARED = "agrees", "differs", "not compared"
YEAR_FIRST = (
    "Write the date of birth with the year first, such as 1968-04-30: this one can be read in two ways."
)
NO_DATE = (
    "This is no date of birth. Write it with the year first, such as 1968-04-30, or enter the full name."
)
NO_NAME = "Enter the full name, or the date of birth such as 1968-04-30."
_YEAR_FIRST = re.compile(r"([0-9]{4})([-./ ])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4})")
_WORDS = re.compile(r"([0-9]{1,2})\.? ([a-z]{3,9})\.?,? ([0-9]{4})|([a-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_MARKS_MAY_LACK = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")
"""Scripts whose marks are left out by many; in others they are vowels and voices, and make another name."""
_IN_FULL = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
"""How passports and wristbands write these letters out (ICAO 9303-3, section 6)."""


class Unclear(ValueError):
    """What was stated is no name and no date, or a date of two readings. The sentence asks back, without the text."""


def stated_identifier(text: str) -> str | date:
    """What was stated: a date of birth, or else a name. Raises Unclear."""
    if any(sign.isdigit() for sign in text):
        return stated_day(text)
    if not name_words(text):
        raise Unclear(NO_NAME)
    return text


def stated_day(text: str) -> date:
    """The day of birth that was stated, where it can be read in one way only. Raises Unclear."""
    said = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if found := _YEAR_FIRST.fullmatch(said):
        year, month, day = found.group(1, 3, 4) if found[1] else found.group(5, 6, 7)
        return _day(int(year), int(month), int(day))
    if found := _YEAR_LAST.fullmatch(said):
        one, two = int(found[1]), int(found[2])
        if one <= 12 and two <= 12 and one != two:
            raise Unclear(YEAR_FIRST)
        return _day(int(found[3]), min(one, two), max(one, two))
    if found := _WORDS.fullmatch(said):
        day, word, year = found.group(1, 2, 3) if found[1] else found.group(5, 4, 6)
        months = [number for number, name in enumerate(MONTHS, start=1) if name.startswith(word)]
        if len(months) == 1:
            return _day(int(year), months[0], int(day))
    raise Unclear(NO_DATE)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear(NO_DATE) from None


def same_name(one: str, other: str) -> bool:
    """Whether two names are one: case, order, spaces, hyphens and diacritics make no difference, letters do.

    Letters with an umlaut or a ring may be written out, all of a name alike: Müller is Mueller, and Muller.
    """
    return any(
        sorted(first) == sorted(second) or "".join(first) == "".join(second)
        for first in _spellings(one)
        for second in _spellings(other)
    )


def _spellings(name: str) -> tuple[list[str], list[str]]:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return _plain_words(plain), _plain_words(plain.translate(_IN_FULL))


def _plain_words(folded: str) -> list[str]:
    letters, may_lack = "", False
    for sign in unicodedata.normalize("NFKD", folded).translate(_LETTERS):
        if not unicodedata.category(sign).startswith("M"):
            may_lack = unicodedata.name(sign, "").startswith(_MARKS_MAY_LACK)
        elif may_lack:
            continue
        letters += sign if is_of_a_word(sign) else " "
    return letters.split()


def outcome(stated: str | date, identity: Identity | None) -> str:
    """What the record keeps, such as "date of birth agrees". Without an identity it says that nothing was compared."""
    what = BIRTH_DATE if isinstance(stated, date) else FULL_NAME
    if identity is None:
        return f"{what} {NOT_COMPARED}"
    agrees = stated == identity.birth_date if isinstance(stated, date) else same_name(stated, identity.name)
    return f"{what} {AGREES if agrees else DIFFERS}"


def is_other(outcome: str) -> bool:
    """Whether an outcome says that what was stated is somebody else's."""
    return outcome.endswith(f" {DIFFERS}")


def was_compared(outcome: str) -> bool:
    """Whether an outcome says that there was something to compare with."""
    return not outcome.endswith(f" {NOT_COMPARED}")


def kind_of(outcome: str) -> str:
    """Which identifier an outcome is about."""
    return BIRTH_DATE if outcome.startswith(BIRTH_DATE) else FULL_NAME
