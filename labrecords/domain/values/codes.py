"""Codes that people type and scan: a check character by ISO 7064 MOD 37-2, and new chain-of-identity codes.

The check character finds every single wrong character and every swap of two neighbours. ISBT 128 uses the
same algorithm for donation numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
"""The 37 check characters in the order of their values."""

IDENTITY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters without 0, O, 1 and I, which are misread for one another on labels and in handwriting."""

IDENTITY_LENGTH = 12
GROUP = 4

SEPARATORS = " \t\u00a0\u2009\u202f-\u2010\u2011\u2012\u2013\u2212"
"""Spaces and hyphens, as keyboards and documents write them: no part of any code."""
_DROPPED = dict.fromkeys(map(ord, SEPARATORS))


class NotACode(ValueError):
    """The text has characters that no code has; the message is a sentence for the user."""


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The code without spaces and hyphens, in capitals: what is compared and stored.

    Nothing else is changed; in particular O is not turned into 0 (that would hide a misreading).
    """
    # Only ASCII letters: str.upper would turn other letters (long s, dotless i) into ASCII ones.
    return "".join(c.upper() if c.isascii() else c for c in text.translate(_DROPPED))


def each_once(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Each code once, as it was first written, in the order given; a blank is none."""
    found: dict[str, str] = {}
    for text in texts:
        if text:
            found.setdefault(normalise(text), text)
    return tuple(found.values())


def check_character(text: str) -> str:
    """The ISO 7064 MOD 37-2 check character for `text`, one of 0-9, A-Z and *.

    `text` is the code without its check character; spaces and hyphens do not count. Raises `NotACode` when it
    is empty or has other characters than letters A-Z and digits 0-9.
    """
    code = normalise(text)
    if not code:
        raise NotACode("The code is empty. Scan it, or type it as it is printed.")
    return CHECK_ALPHABET[(38 - _running_sum(code)) % 37]


def with_check(text: str) -> str:
    """`text` as it is, followed by its check character. Raises `NotACode` like `check_character`."""
    return text + check_character(text)


def is_valid(text: str) -> bool:
    """Whether the last character of `text` is the right check character for the rest. Never raises."""
    code = normalise(text)
    if len(code) < 2:
        return False
    try:
        return check_character(code[:-1]) == code[-1]
    except NotACode:
        return False


def new_identity_code(randbytes: Callable[[int], bytes]) -> str:
    """A random chain-of-identity code such as "7QX4-M2KD-9RTV"; its last character is the check character.

    `randbytes(n)` gives n random bytes (`secrets.token_bytes` outside tests). Eleven free characters of 32
    give 55 random bits, of which the demand that the check character too be unambiguous costs less than one.
    The code says nothing about the patient.
    """
    while True:
        body = "".join(IDENTITY_ALPHABET[byte % 32] for byte in randbytes(IDENTITY_LENGTH - 1))
        if check_character(body) in IDENTITY_ALPHABET:
            return grouped(with_check(body))


def is_identity_code(text: str) -> bool:
    """Whether a text has the shape of a chain-of-identity code that this system gives, check character and all."""
    code = normalise(text)
    return len(code) == IDENTITY_LENGTH and set(code) <= set(IDENTITY_ALPHABET) and is_valid(code)


def grouped(code: str) -> str:
    """A code in groups of four with hyphens between, as it is printed and read aloud."""
    bare = normalise(code)
    return "-".join(bare[start : start + GROUP] for start in range(0, len(bare), GROUP))


def _running_sum(code: str) -> int:
    total = 0
    for character in code:
        value = CHECK_ALPHABET.find(character)
        if not 0 <= value < 36:
            raise NotACode(
                "A code has only the letters A to Z and the digits 0 to 9. Scan it, or type it again."
            )
        total = (total + value) * 2 % 37
    return total
