"""How numbers, durations and digests are written for people: one way for the pages and the printed record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

NO_BREAK = "\u00a0"
"""A number never leaves its unit, nor its thousands, at the end of a line."""
MINUS = "\u2212"

_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
_UNIT = r"(?:[/%×°µ]|(?:[mk]?g|[mn]?L|[mnc]?m|m?mol|min|h|d|s|rpm|IU|U|EU|kPa|(?:viable |live )?cells|per)(?![\w-]))"
_DIGITS = re.compile(
    rf"(?<![\w.,:/-])\d{{4,}}(?=(?:\.\d+)?(?:(?: to |–| and )\d+(?:\.\d+)?)?[ {NO_BREAK}]{_UNIT})"
)


def grouped(text: str) -> str:
    """A number in plain digits with thousands apart and a true minus sign: "-2740.50" becomes "−2 740.50".

    Text that is not such a number comes back unchanged. The decimals are never grouped, so that they can be
    compared with the limit beside them.
    """
    if not _NUMBER.match(text):
        return text
    whole, dot, decimals = text.lstrip("-").partition(".")
    return f"{MINUS if text.startswith('-') else ''}{_thousands(whole)}{dot}{decimals}"


def grouped_within(text: str) -> str:
    """Every whole part of four digits and more that has a unit grouped: "(2740 rpm)" becomes "(2 740 rpm)".

    What has no unit may be a code, and stays as it is written on the thing: "seal 41880", "P 7777 was given".
    """
    return _DIGITS.sub(lambda match: _thousands(match.group()), text)


def mid_sentence(words: str) -> str:
    """A title or label as it stands within a sentence: "Volume drawn" becomes "volume drawn".

    Only the first letter changes, and not that of an abbreviation or a code: "CFU-F", "SHA-256", "B7" stay.
    """
    first = words.split(" ", 1)[0]
    plain = first[:1].isupper() and first[1:] == first[1:].lower() and not any(map(str.isdigit, first))
    return words[:1].lower() + words[1:] if plain or len(first) == 1 else words


def _thousands(digits: str) -> str:
    return f"{int(digits):,}".replace(",", NO_BREAK) if not digits.startswith("0") else digits


def with_unit(number: str, unit: str) -> str:
    """Number and unit held together: "797 × g", "93.8 %". An empty unit leaves the number alone."""
    return f"{number}{NO_BREAK}{unit.replace(' ', NO_BREAK)}" if unit else number


def duration(span: timedelta) -> str:
    """Whole minutes, never rounded up: "42 s", "39 min", "1 h 54", "3 d 4 h"; negative with a minus."""
    seconds = int(abs(span).total_seconds())
    sign = MINUS if span < timedelta() else ""
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if seconds < 60:
        text = with_unit(str(seconds), "s")
    elif hours < 1:
        text = with_unit(str(minutes), "min")
    elif hours < 48:
        text = f"{hours}{NO_BREAK}h{NO_BREAK}{minutes % 60:02d}"
    else:
        text = f"{days}{NO_BREAK}d{NO_BREAK}{hours % 24}{NO_BREAK}h"
    return sign + text


def counted(span: timedelta) -> str:
    """A time that is counted while one looks at it, to the second below an hour: "12 min 05 s", "42 s", "1 h 54"."""
    seconds = int(abs(span).total_seconds())
    if seconds < 60 or seconds >= 3600:
        return duration(abs(span))
    return f"{seconds // 60}{NO_BREAK}min{NO_BREAK}{seconds % 60:02d}{NO_BREAK}s"


def digest_groups(hexadecimal: str, groups: int = 4) -> str:
    """The first `groups` groups of four digits of a digest; 0 for all of it. People compare it by eye."""
    parts = [hexadecimal[start : start + 4] for start in range(0, len(hexadecimal), 4)]
    return " ".join(parts[:groups] if groups else parts)


def one_after_another(sentences: Sequence[str]) -> str:
    """Sentences in one line, parted by semicolons: only the last one keeps its full stop."""
    *before, last = sentences or ("",)
    return "; ".join([*(sentence.removesuffix(".") for sentence in before), last])
