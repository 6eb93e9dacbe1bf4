"""Who a patient is: the two identifiers and the name, how they are compared, and how the trail commits to them.

Identity stands apart from every record (GDPR 4(5), 25; 45 CFR 164.514). A record holds a random pseudonym; the trail
holds a salted hash, and the salt is destroyed together with the identity, so that erasing breaks no hash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.values import codes

_DATE = re.compile(r"\b([0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{4})\b")
LETTER = "P"
"""Every pseudonym begins with it; no chain-of-identity code is as short."""
OLDEST_YEARS = 130
FEWEST_SIGNS = 4
"""A record number of fewer signs is not looked for in a text: it stands in many that tell nothing."""
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)


@dataclass(frozen=True, repr=False)
class Identity:
    """What tells one human from another. Never part of a record, an address, a title or a log."""

    name: str
    birth_date: date
    record_number: str
    """The number of the hospital's own patient record, as on the wristband."""


@dataclass(frozen=True)
class Patient:
    """A patient as every record knows them."""

    id: str
    pseudonym: str
    identity_code: str
    """The chain-of-identity code: one for all material of this patient, for life (domain 5.7)."""
    registered_by: str
    registered_at: datetime
    erased_at: datetime | None = None


def new_pseudonym(randbytes: Callable[[int], bytes], letter: str = LETTER) -> str:
    """A random pseudonym such as "P7QX-4M2K" (with another letter, code of an order); it ends with a check character.

    `randbytes(n)` gives n random bytes. Six free characters of 32: whoever registers makes sure that it is new. It
    must not follow from anything about the patient (45 CFR 164.514(c)).
    """
    while True:
        body = letter + "".join(codes.IDENTITY_ALPHABET[byte % 32] for byte in randbytes(6))
        if codes.check_character(body) in codes.IDENTITY_ALPHABET:
            return codes.grouped(codes.with_check(body))


def name_words(name: str) -> list[str]:
    """The words of a name as they are compared: without case, whatever order they were written in."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return sorted("".join(sign if is_of_a_word(sign) else " " for sign in plain).split())


def is_of_a_word(sign: str) -> bool:
    """Letters and digits, and the marks of scripts that write vowels and voices with them."""
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def person_key(identity: Identity) -> str:
    """Name and day of birth as they are searched for and compared."""
    return f"{' '.join(name_words(identity.name))}/{identity.birth_date.isoformat()}"


def record_key(record_number: str) -> str:
    """A record number as it is searched for and compared."""
    return codes.normalise(record_number)


def identity_problems(identity: Identity, today: date) -> dict[str, str]:
    """What cannot be an identity: a sentence per field."""
    problems = {}
    if not name_words(identity.name):
        problems["name"] = "Enter the name as it stands in the passport or on the wristband."
    if identity.birth_date > today:
        problems["birth_date"] = "This day is in the future."
    elif today.year - identity.birth_date.year > OLDEST_YEARS:
        problems["birth_date"] = f"This is more than {OLDEST_YEARS} years ago. Check the year."
    if not record_key(identity.record_number):
        problems["record_number"] = "Enter the number of the patient's record, as on the wristband."
    return problems


def tells_identity(text: str, identity: Identity) -> bool:
    """Whether a text that the trail keeps for good holds part of an identity, the name with an ending too.

    Words of one or two letters and numbers of less than four signs pass: they are in too many other words.
    """
    number = _signs(identity.record_number)
    return (len(number) >= FEWEST_SIGNS and number in _signs(text)) or names_or_dates(text, identity)


def names_or_dates(text: str, identity: Identity) -> bool:
    """Whether a text holds a name or the day of birth of an identity, in whatever way the day is written."""
    names = [word for word in name_words(identity.name) if len(word) > 2]
    said = name_words(text)
    if any(word == name or (len(name) > 3 and word.startswith(name)) for word in said for name in names):
        return True
    born, plain = identity.birth_date, unicodedata.normalize("NFKC", text).casefold()
    if any(day in _signs(plain) for day in (f"{born:%Y%m%d}", f"{born:%d%m%Y}", f"{born:%m%d%Y}")):
        return True
    return any(re.search(rf"(?<![0-9]){day}(?![0-9])", plain) for day in _spellings(born))


def _signs(text: str) -> str:
    return "".join(sign for sign in codes.normalise(text) if sign.isalnum())


def _spellings(born: date) -> tuple[str, ...]:
    """Patterns of a day: with or without zeros, of two or four digits of the year, the month in words or shortened."""
    gap, day, month = r"[^0-9a-z]{1,3}", f"0?{born.day}", f"0?{born.month}"
    year = f"(?:{born.year}|{born:%y})"
    name = MONTHS[born.month - 1]
    word, nth = f"{name[:3]}(?:{name[3:]})?", f"{day}(?:st|nd|rd|th)?"
    orders = (
        (day, month, year),
        (month, day, year),
        (year, month, day),
        (nth, word, year),
        (word, nth, year),
    )
    return (*(gap.join(parts) for parts in orders), f"{born:%d%m%y}", f"{born:%y%m%d}")


def looks_like_a_code(text: str) -> bool:
    """Whether a text may be a patient's code of another system: it has digits, no date, and no two words in a row."""
    if not any(sign.isdigit() for sign in text) or _DATE.search(text):
        return False
    return sum(len(word) > 2 and word.isalpha() for word in name_words(text)) < 2


def commitment_to(identity: Identity, salt: str) -> str:
    """What the trail holds of an identity: a salted SHA-256 in hex, which says nothing once the salt is gone."""
    return sha256_hex(identity_bytes(identity, salt))


def identity_bytes(identity: Identity, salt: str) -> bytes:
    """An identity with its salt in canonical bytes: what is sealed, and what the trail commits to."""
    return canonical_bytes(
        {
            "birth_date": identity.birth_date.isoformat(),
            "name": identity.name,
            "record_number": identity.record_number,
            "salt": salt,
        }
    )
