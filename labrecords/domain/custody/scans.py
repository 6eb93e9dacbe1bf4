"""What a scanner sent or a person typed: which code it is, and what is wrong with one that nobody here has.

Every screen reads codes in this one way. A prefix (AIM), line ends and control characters around a code are no part of
it. Nothing is guessed: where O stands for 0, the check character must prove it, it is said, and it serves to find
something; what is recorded is asked back instead (domain 5.2, 5.3; ISO/IEC 15424, GS1 General Specifications 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labrecords.domain.custody.container_ids import LENGTH, SITE_LENGTH, is_own, shown, site_part
from labrecords.domain.values import codes

GROUP_SEPARATOR = "\x1d"
"""Ends a part of varying length in a code of GS1; a scanner sends it as it is."""
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""The prefix by which a scanner may say which kind of code it read, such as ]d1."""
_GS1_AIM = ("]d2", "]C1", "]e0", "]Q3")
_AROUND = "".join(map(chr, range(33))) + "\x7f"
"""Control characters and the space: suffixes of scanners, and what a cable adds."""
_BETWEEN = re.compile(r"[\r\n\t\x00]+")
"""What stands between two codes that came in one burst."""
_DONATION = re.compile(r"=([A-NP-Z1-9][A-Z0-9]{4}[0-9]{8})([0-9]{2})")
"""ISBT 128 data structure 001: donation number and two flag characters, which are no part of the number."""
_CHECKED_FLAGS = 60
"""Flags from here on are 60 and the value of the check character (type 3)."""
_ID = r"[A-Z0-9]{5}[0-9]{8}[0-9A-Z*]"
_MISREAD_ID = re.compile(r"([A-Z0-9]{5})([0-9OI]{8})([0-9A-Z*])")
_COPY = re.compile(rf"({_ID})\.([0-9]{{1,3}})")
_LETTERS_FOR_DIGITS = str.maketrans("OI", "01")
_GS1_FIXED = {"01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2}
"""Application identifiers whose part has a length of its own: trade item, and days."""
_GS1_OPEN = ("10", "21", "22", "240")
"""Those whose part runs to the separator, or to the end: lot, serial number, variant."""
_GS1_PLAIN = re.compile(r"01[0-9]{14}(?:1[1-7][0-9]{6})*(?:10|21).+")
"""A code of GS1 whose scanner sends no prefix."""


@dataclass(frozen=True)
class Scan:
    """One code as it was read."""

    text: str
    """As it was sent, without what is no part of it."""
    code: str
    """As it is compared."""
    copy: int | None = None
    """The number of the label's copy, where a label of ours says it."""


@dataclass(frozen=True)
class Misreading:
    """What is wrong with a code, as a sentence, and which one it is where the check character proves that."""

    sentence: str
    meant: str = ""


def read_scan(sent: str) -> Scan:
    """The one code that was scanned or typed; blank where there is none. Of a pack with a GS1 code, its lot number.

    Raises `codes.NotACode` for two codes in one burst, and where flags that check a number contradict it.
    """
    text, by_gs1 = sent.strip(_AROUND), False
    while prefix := AIM.match(text):
        by_gs1 = by_gs1 or prefix[0] in _GS1_AIM
        text = text[prefix.end() :].strip(_AROUND)
    _ask_back_two(text)
    if by_gs1 or _GS1_PLAIN.fullmatch(text):
        text = _gs1_lot(text) or text
    text = text.replace(GROUP_SEPARATOR, "")
    code = codes.normalise(text)
    if number := _DONATION.fullmatch(code):
        text = code = _checked(number[1], int(number[2]))
    if (copy := _COPY.fullmatch(code)) and codes.is_valid(copy[1]):
        return Scan(copy[1], copy[1], int(copy[2]))
    return Scan(text, code)


def misread_id(code: str, site_code: str) -> Misreading | None:
    """Why a code that is nearly one of this laboratory's ids is none; None where it is one, or a code of others.

    A wrong character, a swap of two, O for 0, a lost one and a missing check character are all found. `code` as it is
    compared.
    """
    own = site_part(site_code)
    if is_own(code, site_code):
        return None
    if code.startswith(own) and len(code) == LENGTH and code[SITE_LENGTH:].isdigit():
        return Misreading(
            "The check character is missing: the last one on the label, in its box. Scan the label, or type it too."
        )
    if (meant := _letters_for_digits(code, own)).startswith(own):
        return _meant(meant)
    ours = re.fullmatch(rf"{re.escape(own)}[0-9A-Z*]{{7,10}}", code)
    if ours is None and not _one_slip_away(code, site_code):
        return None
    return Misreading(
        "This is no id of this laboratory: a character was misread, or two were swapped, or O was read as 0. "
        "Scan the label, or compare it character by character and type it again."
    )


def unknown_code(code: str, site_code: str) -> Misreading | None:
    """What is to be said of a code that nobody here has; None where there is nothing to be said of it by itself."""
    if found := misread_id(code, site_code):
        return found
    if meant := _letters_for_digits(code, site_part(site_code)):
        return _meant(meant)
    half = len(code) // 2
    if half >= 4 and code[:half] == code[half:] and len(set(code)) > 1:
        return Misreading(f"{shown(code[:half])} was read twice at once. Scan it once.")
    if not re.fullmatch(_ID, code) or is_own(code, site_code):
        return None
    if not codes.is_valid(code):
        return Misreading(
            f"The check character {code[-1]} does not belong to {code[:-1]}: a character was misread, or two were "
            "swapped. Scan the label once more."
        )
    return Misreading(
        f"{shown(code)} is an id of another site: it begins with {code[:SITE_LENGTH]}, and those of this laboratory "
        f"with {site_part(site_code)}. No batch here carries it."
    )


def copy_code(code: str, copy: int) -> str:
    """What the Data Matrix of a label holds: with an id as the laboratories give them out, also which copy it is."""
    bare = codes.normalise(code)
    return f"{bare}.{copy}" if re.fullmatch(_ID, bare) and codes.is_valid(bare) else bare


def _meant(code: str) -> Misreading:
    return Misreading(
        f"{shown(code)} is meant: a letter stood for a digit, or the other way round, and the check character proves "
        "it. Compare it with the label.",
        code,
    )


def _ask_back_two(text: str) -> None:
    parts = [part for part in _BETWEEN.split(text) if part.strip(_AROUND)]
    if len(parts) == 1 and len(between := [part for part in AIM.split(text) if part]) > 1:
        parts = between
    bare = codes.normalise(text)
    ids = re.findall(_ID, bare) or [f"={number}" for number, _ in _DONATION.findall(bare)]
    if (
        len(parts) == 1
        and len(ids) > 1
        and re.fullmatch(rf"(?:{_ID}){{2,}}|(?:{_DONATION.pattern}){{2,}}", bare)
    ):
        parts = ids
    if len(parts) > 1:
        raise codes.NotACode(
            "Two codes came at once, and it is not known which was meant. Scan one at a time."
        )


def _checked(number: str, flags: int) -> str:
    check = codes.check_character(number)
    if flags >= _CHECKED_FLAGS and flags != _CHECKED_FLAGS + codes.CHECK_ALPHABET.index(check):
        raise codes.NotACode("The scanned number and its check do not agree. Scan the label once more.")
    return number + check


def _gs1_lot(text: str) -> str:
    """The lot number in an element string of GS1; empty where it has none or is not understood as a whole."""
    found, rest = "", text
    while rest := rest.lstrip(GROUP_SEPARATOR):
        length = _GS1_FIXED.get(rest[:2])
        name = rest[:2] if length else next((part for part in _GS1_OPEN if rest.startswith(part)), "")
        if not name:
            return ""
        rest = rest[len(name) :]
        value, rest = (rest[:length], rest[length:]) if length else _until_separator(rest)
        if not value or (length and not (len(value) == length and value.isdigit())):
            return ""
        found = value if name == "10" else found
    return found


def _until_separator(text: str) -> tuple[str, str]:
    value, _, rest = text.partition(GROUP_SEPARATOR)
    return value, rest


def _letters_for_digits(code: str, own: str) -> str:
    """The id that a code is with the digits for which O and I were read; empty where the check does not prove it."""
    parts = _MISREAD_ID.fullmatch(code)
    if parts is None:
        return ""
    site = own if parts[1].translate(_LETTERS_FOR_DIGITS) == own.translate(_LETTERS_FOR_DIGITS) else parts[1]
    meant = site + parts[2].translate(_LETTERS_FOR_DIGITS) + parts[3]
    return meant if meant != code and codes.is_valid(meant) else ""


def _one_slip_away(code: str, site_code: str) -> bool:
    """Whether an id of ours comes out where two neighbours are swapped, or the site part is put right."""
    own = site_part(site_code)
    swaps = (code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(len(code) - 1))
    put_right = (code[:n] + own[n] + code[n + 1 :] for n in range(SITE_LENGTH))
    put_in = (code[:n] + own[n] + code[n:] for n in range(SITE_LENGTH))
    return any(is_own(tried, site_code) for tries in (swaps, put_right, put_in) for tried in tries)
