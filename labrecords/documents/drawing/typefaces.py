"""The record's typefaces: registered once, embedded in every document, never silently short of a character.

IBM Plex for everything, Droid Sans Fallback for Chinese and Japanese. All figures of these cuts have one width, so
columns of numbers stand under each other. Widths are in thousandths of the size.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from labrecords.domain.values.text import prints_alone, write_ranges

FOLDER = Path(__file__).with_name("fonts")
SANS, SANS_BOLD, COND, COND_BOLD, MONO, HAN = "Sans", "SansBold", "Cond", "CondBold", "Mono", "Han"

_FILES = {
    SANS: "IBMPlexSans-Regular.ttf",
    SANS_BOLD: "IBMPlexSans-SemiBold.ttf",
    COND: "IBMPlexSansCondensed-Regular.ttf",
    COND_BOLD: "IBMPlexSansCondensed-SemiBold.ttf",
    MONO: "IBMPlexMono-Regular.ttf",
    HAN: "DroidSansFallbackFull.ttf",
}
_INSTEAD = {
    SANS: (SANS, HAN),
    SANS_BOLD: (SANS_BOLD, SANS, HAN),
    COND: (COND, SANS, HAN),
    COND_BOLD: (COND_BOLD, SANS_BOLD, HAN),
    MONO: (MONO, SANS, HAN),
    HAN: (HAN,),
}
"""Where a character is looked for, when the typeface itself does not have it."""

rl_config.invariant = 1  # no time of day and no random number in the file
rl_config.useA85 = 0  # plain compressed streams: a tenth smaller, a quarter faster


class MissingGlyph(Exception):
    """A character that none of the typefaces has: nothing is printed rather than something else."""

    def __init__(self, character: str, text: str) -> None:
        super().__init__(
            f"The record cannot be printed: no typeface has the character U+{ord(character):04X} in “{text[:60]}”."
        )
        self.character = character


@cache
def font(name: str) -> TTFont:
    """The typeface, registered when it is first wanted: the one for Chinese and Japanese takes long to read."""
    made = TTFont(name, str(FOLDER / _FILES[name]))
    pdfmetrics.registerFont(made)
    return made


@cache
def widths(name: str) -> dict[str, float]:
    """Width of every character that the typeface has."""
    face = font(name).face
    return {chr(code): face.charWidths[code] for code in face.charToGlyph if code in face.charWidths}


@lru_cache(20_000)
def runs(name: str, text: str) -> tuple[tuple[str, str], ...]:
    """The text in pieces of one typeface each. Raises MissingGlyph."""
    if widths(name).keys() >= set(text):
        return ((name, text),)
    pieces: list[tuple[str, str]] = []
    for character in text:
        found = next((instead for instead in _INSTEAD[name] if character in widths(instead)), None)
        if found is None:
            raise MissingGlyph(character, text)
        if pieces and pieces[-1][0] == found:
            pieces[-1] = (found, pieces[-1][1] + character)
        else:
            pieces.append((found, character))
    return tuple(pieces)


@lru_cache(40_000)
def width_of(name: str, text: str) -> float:
    """Width of a text in thousandths of its size. Raises MissingGlyph."""
    try:
        return sum(map(widths(name).__getitem__, text))
    except KeyError:
        return sum(widths(found)[character] for found, piece in runs(name, text) for character in piece)


def width(name: str, size: float, text: str) -> float:
    """Width of a text in points."""
    return width_of(name, text) * size / 1000


def coverage() -> str:
    """The characters that the record can print one after another, as the list of domain/values/printable.txt."""
    plex = set.intersection(*(set(widths(name)) for name in (SANS, SANS_BOLD, COND, COND_BOLD)))
    return write_ranges(character for character in plex | set(widths(HAN)) if prints_alone(character))
