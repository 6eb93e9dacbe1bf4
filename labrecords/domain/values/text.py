"""Text as people type it: taken as it is or asked back, and only with characters that the printed record can
show."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

COVERAGE_FILE = Path(__file__).with_name("printable.txt")

_UNPRINTED = ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me", "Zl", "Zp")
"""Unicode categories that never stand alone on paper: controls, formats, marks that hang on other letters."""

_NOTHING = "\u3164\uffa0\ufffd"
"""Two Hangul fillers, which are blank, and the sign that stands for a character that was lost."""

_SHAPED = (
    (0x0590, 0x08FF),  # Hebrew to Arabic Extended-A: written from right to left
    (0x0900, 0x109F),  # the scripts of India, Sinhala, Thai, Lao, Tibetan, Myanmar
    (0x1100, 0x11FF),  # Hangul letters that join to syllables
    (0x1700, 0x18AF),  # Philippine scripts, Khmer, Mongolian
    (0x1900, 0x1CFF),  # Limbu to Vedic
    (0xA800, 0xABFF),  # Syloti Nagri to Meetei Mayek
    (0xD7B0, 0xD7FF),  # more joining Hangul letters
    (0xFB1D, 0xFDFF),  # Hebrew and Arabic letter forms
    (0xFE70, 0xFEFF),  # more Arabic letter forms
    (0x10800, 0x11FFF),  # ancient scripts from right to left, Brahmic scripts
    (0x1E800, 0x1EFFF),  # Mende Kikakui to Arabic mathematical letters
)
"""Blocks whose letters change their form, order or place with their neighbours; the record's printer sets
characters one after another from left to right, so it would print them wrong."""


class NotText(ValueError):
    """The text cannot be recorded as it is; the message is a sentence for the user."""


def decoded(data: bytes) -> str:
    """The text of a file, in UTF-8 or in UTF-16 with its mark. Raises UnicodeDecodeError where it is neither."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig")


def clean_text(text: str, *, limit: int = 2000, multiline: bool = False) -> str:
    """`text` composed (Unicode NFC), without spaces around; empty if nothing was typed.

    With `multiline`, line ends become a single newline. Raises `NotText`, naming the character, for control
    characters and line ends where there is one line, invisible and direction-changing characters, characters
    that the printed record cannot show, and more than `limit` characters.
    """
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n") if multiline else text).strip()
    if len(cleaned) > limit:
        raise NotText(f"This is too long: {len(cleaned)} characters, and {limit} are possible. Shorten it.")
    for character in cleaned:
        if not printable(character) and not (multiline and character == "\n"):
            raise NotText(_what_is_wrong(character))
    return cleaned


def printable(character: str) -> bool:
    """Whether the record's typefaces can print this one character, by itself, from left to right."""
    return character in _coverage()


def prints_alone(character: str) -> bool:
    """Whether a character can be printed without shaping, marks or reordering, if a typeface has it.

    printable.txt holds the characters of the record's typefaces for which this is true.
    """
    if character in _NOTHING or unicodedata.category(character) in _UNPRINTED:
        return False
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return False
    return not any(first <= ord(character) <= last for first, last in _SHAPED)


def read_ranges(text: str) -> Iterator[str]:
    """The characters of a list of hexadecimal code points and ranges ("20-7E A0"); # starts a comment."""
    for line in text.splitlines():
        for item in line.partition("#")[0].split():
            first, _, last = item.partition("-")
            yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


def write_ranges(characters: Iterable[str]) -> str:
    """The shortest list for `read_ranges`, ascending, in lines of up to 100 characters."""
    runs: list[list[int]] = []
    for code in sorted(set(map(ord, characters))):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    lines = [""]
    for first, last in runs:
        item = f"{first:X}" if first == last else f"{first:X}-{last:X}"
        if len(lines[-1]) + 1 + len(item) > 100:
            lines.append("")
        lines[-1] += f" {item}" if lines[-1] else item
    return "\n".join(lines) + "\n"


@cache
def _coverage() -> frozenset[str]:
    return frozenset(read_ranges(COVERAGE_FILE.read_text(encoding="ascii")))


def _what_is_wrong(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    category = unicodedata.category(character)
    if character in "\n\r\v\f\x85\u2028\u2029":
        return "This holds a line break. Write it on one line."
    if character == "\t":
        return "This holds a tab. Use a space instead."
    if category in ("Cc", "Cs", "Cn", "Co"):
        return f"This holds a character that is not text ({code}). Delete it, or type the text with the keys."
    if category == "Cf":
        return f"This holds an invisible character ({code}, {name.lower()}). Delete it, or type it anew."
    shown = "" if category.startswith("M") else f"“{character}” "
    return f"The record cannot print {shown}({code}, {name.lower()}). Say it in words or in other letters."
