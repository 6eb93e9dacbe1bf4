"""Which passwords are too easy to guess.

The rules of NIST SP 800-63B-4 and OWASP ASVS 6.2: length, a list of what is tried first, and words of the
context. No rules of composition, no forced change. A password is checked whole, and never trimmed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SHORTEST, LONGEST = 15, 1024
COMMON_FILE = Path(__file__).with_name("common_passwords.txt")

LEAST_OWN = 6
"""So many characters must be left when everything that is tried first is taken away."""

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_SHORTEST_RUN = 4
_LONGEST_UNIT = 8
_SHORTEST_WORD = 4
_LOOKALIKES = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)


def normalised(password: str) -> str:
    """The password in Unicode NFC, as it is hashed, so that it verifies from every keyboard.

    Nothing is trimmed.
    """
    return unicodedata.normalize("NFC", password)


def password_problems(password: str, *, context: Iterable[str]) -> list[str]:
    """What is wrong with a new password, as sentences for the user; empty if it can be used.

    `context` are the words an attacker tries first here: names of the person, the laboratory and the product.
    Words of fewer than 4 letters are not looked for. No sentence repeats the password.
    """
    exact = normalised(password)
    problems = _shape_problems(exact)
    if len(exact) > LONGEST:
        return problems
    folded = exact.casefold()
    words = {part for word in context for part in _words(word)}
    found = sorted(word for word in words if word in folded or word in folded.translate(_LOOKALIKES))
    if found:
        problems.append(
            f"Leave out “{found[0]}”: names of people, of the laboratory and of the product are tried first."
        )
    elif _is_repetition(folded):
        problems.append(
            "This repeats one short piece. Use several words that have nothing to do with each other."
        )
    elif len(exact) >= SHORTEST and _own_part(folded) < LEAST_OWN:
        problems.append(
            "This is easy to guess: it is made of common passwords or of neighbouring keys. "
            "Use several words that have nothing to do with each other."
        )
    return problems


def _shape_problems(password: str) -> list[str]:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        return ["The password holds a character that is not text. Type it with the keys."]
    if len(password) < SHORTEST:
        return [
            f"Use at least {SHORTEST} characters; these are {len(password)}. Several words are easy to keep."
        ]
    if len(password) > LONGEST:
        return [f"Use at most {LONGEST} characters; these are {len(password)}."]
    return []


def _words(text: str) -> list[str]:
    """The words in a name or an address, folded, that are long enough to be looked for."""
    separated = "".join(
        character if character.isalnum() else " " for character in normalised(text).casefold()
    )
    return [word for word in separated.split() if len(word) >= _SHORTEST_WORD]


def _is_repetition(text: str) -> bool:
    """Whether the text is one piece of up to 8 characters over and over, the last one perhaps cut off."""
    return any(
        text == (text[:unit] * len(text))[: len(text)]
        for unit in range(1, min(_LONGEST_UNIT, len(text) // 2) + 1)
    )


def _own_part(folded: str) -> int:
    """How many letters and digits are left without common passwords and runs of neighbouring keys.

    The text is taken as it is and with lookalikes (p@ssw0rd) read as letters; the smaller rest counts.
    """
    return min(_rest(folded), _rest(folded.translate(_LOOKALIKES)))


def _rest(text: str) -> int:
    # Removed pieces leave a mark, so that what stood around them does not join to a new word.
    bare = "".join(character for character in text if character.isalnum())
    for common in _common():
        bare = bare.replace(common, " ")
    return sum(len(piece) - _in_runs(piece) for piece in bare.split())


def _in_runs(piece: str) -> int:
    """How many characters of the piece lie in runs of 4 or more, repeated or neighbours on the keys."""
    counted = start = 0
    while start < len(piece):
        end = start + 1
        while end < len(piece) and _is_run(piece[start : end + 1]):
            end += 1
        if end - start >= _SHORTEST_RUN:
            counted += end - start
        start = end
    return counted


def _is_run(piece: str) -> bool:
    if len(set(piece)) == 1:
        return True
    return any(piece in row or piece[::-1] in row for row in _ROWS)


@cache
def _common() -> tuple[str, ...]:
    """The list, longest first, so that a long entry is found before a short one that it contains."""
    lines = COMMON_FILE.read_text(encoding="ascii").splitlines()
    entries = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return tuple(sorted(entries, key=lambda entry: (-len(entry), entry)))
