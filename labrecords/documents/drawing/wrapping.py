"""Breaking text into lines: greedy, without hyphens, a number never parted from its unit."""

from __future__ import annotations

import re
from functools import lru_cache

from labrecords.documents.drawing.typefaces import width, width_of

_BREAK = re.compile(r"(?<!\d) | (?!(?:%|°C|mL|min|µm|mm|cm|rpm|×|[hgs]\b))")
"""A space, unless it stands between a number and its unit."""
ELLIPSIS = "…"


@lru_cache(20_000)
def wrap(font: str, size: float, text: str, limit: float) -> tuple[str, ...]:
    """The lines of a text that is to be at most `limit` points wide; a longer word is cut.

    Every character stays: line ends of the text are kept, and only the space at which a line breaks is left out.
    """
    most = limit * 1000 / size
    if "\n" not in text and width_of(font, text) <= most:
        return (text,)
    return tuple(line for part in text.split("\n") for line in _wrap_line(font, part, most))


def words_of(text: str) -> list[str]:
    """What a line is not broken within: words, and numbers with their units."""
    return [word for line in text.split("\n") for word in _BREAK.split(line)]


def _wrap_line(font: str, text: str, most: float) -> list[str]:
    if width_of(font, text) <= most:
        return [text]
    space, lines, line, used = width_of(font, " "), [], "", 0.0
    for number, word in enumerate(_BREAK.split(text)):
        needed = width_of(font, word)
        if number and used + space + needed <= most:
            line, used = f"{line} {word}", used + space + needed
            continue
        if number:
            lines.append(line)
        while needed > most and len(word) > 1:
            head = _fitting(font, word, most)
            lines.append(word[:head])
            word = word[head:]
            needed = width_of(font, word)
        line, used = word, needed
    return [*lines, line]


def _fitting(font: str, word: str, most: float) -> int:
    """How many characters of a word fit; at least one."""
    used = 0.0
    for index, character in enumerate(word):
        used += width_of(font, character)
        if used > most:
            return max(index, 1)
    return len(word)


@lru_cache(5_000)
def fit(font: str, size: float, text: str, limit: float, smallest: float = 5.6) -> tuple[float, str]:
    """The size at which a text fits into one line, and the text; shortened with “…” where even the smallest is too big.

    Only for repetitions of what stands in full elsewhere (headers and footers), never for the record itself.
    """
    text = text.replace("\n", " ")
    wide = width(font, size, text)
    if wide <= limit:
        return size, text
    smaller = max(int(size * limit / wide * 10) / 10, smallest)
    if width(font, smaller, text) <= limit:
        return smaller, text
    room = limit * 1000 / smaller - width_of(font, ELLIPSIS)
    return smaller, text[: _fitting(font, text, room)] + ELLIPSIS


def in_two(
    font: str, size: float, text: str, limit: float, least: float = 6.6
) -> tuple[float, tuple[str, ...]]:
    """The size and lines of a text in one line where it can be, else in two small ones, the second as by `fit`."""
    smaller, line = fit(font, size, text, limit, least)
    if not line.endswith(ELLIPSIS) or text.endswith(ELLIPSIS):
        return smaller, (line,)
    first, *rest = wrap(font, least, text.replace("\n", " "), limit)
    return least, (first, fit(font, least, " ".join(rest), limit, least)[1])


def groups(digest: str, size: int = 8) -> str:
    """A digest in groups, so that the eye can compare it and lines break between them."""
    return " ".join(digest[start : start + size] for start in range(0, len(digest), size))
