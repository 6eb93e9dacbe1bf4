"""Who a patient is: the two identifiers and the name, how they are compared, and how the trail commits to them.

Identity stands apart from every record (GDPR 4(5), 25; 45 CFR 164.514). A record holds a random pseudonym; the trail
holds a salted hash, and the salt is destroyed together with the identity, so that erasing breaks no hash.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.values import codes

LETTER = "P"
"""Every pseudonym begins with it; no chain-of-identity code is as short."""
OLDEST_YEARS = 130


@dataclass(frozen=True)
class Identity:
    """What tells one human from another. Never part of a record, an address, a title or a log."""

    name: str
    birth_date: date
    record_number: str
    """The number of the hospital's own patient record, as on the wristband."""

    def words(self) -> tuple[str, ...]:
        """What no text that stays for good may hold: the parts of the name, the day of birth, the number."""
        return (*name_words(self.name), self.birth_date.isoformat(), codes.normalise(self.record_number))


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
    return sorted("".join(sign if sign.isalnum() else " " for sign in plain).split())


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
    """Whether a text that the trail keeps for good holds part of an identity. Words of one or two letters pass."""
    said, joined = set(name_words(text)), codes.normalise(text)
    *names, birth, number = identity.words()
    day = birth.replace("-", "")
    return any(len(word) > 2 and word in said for word in names) or day in joined or number in joined


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
