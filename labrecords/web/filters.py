"""The Jinja filters: the only place where a page's numbers, times, codes and names get their form.

Everything a template prints is escaped by Jinja; markup is made here and nowhere else, and only around text
that has been escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup, escape

from labrecords.domain.calculations import derived as derived_numbers
from labrecords.domain.calculations.derived import Derived
from labrecords.domain.processes.process import PATHWAYS
from labrecords.domain.values import times, typography
from labrecords.domain.values.limits import OPEN, Bounds, Limit, Outcome
from labrecords.domain.values.numbers import plain
from labrecords.web.forms.view import entry_kind, error_list
from labrecords.web.rail import rail

_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_TO_LINE = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", f"0123456789+{typography.MINUS}")
POWERS_FROM = 10**6
_PLAIN_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


# Numbers


def number(value: Decimal | int | str | None) -> Markup:
    """Thousands apart, a true minus sign, powers raised. Never rounds: that is a rule of the domain."""
    if value is None:
        return Markup("")
    text = plain(value) if isinstance(value, Decimal) else str(value)
    return _raised(typography.grouped(text))


def unit(value: Decimal | int | str | None, name: str) -> Markup:
    """A number and its unit, held together: "2 740 rpm"."""
    return number(value) + _raised(typography.with_unit("", name)) if value is not None else Markup("")


def scientific(value: Decimal, digits: int = 3) -> Markup:
    """ "1.20 × 10⁸" with a raised exponent, rounded as domain.calculations.derived rounds it."""
    return number(derived_numbers.scientific(value, digits))


@lru_cache(maxsize=2048, typed=True)
def sentence(text: str) -> Markup:
    """A rule's sentence about a value: thousands apart, powers raised. Not where a code may stand."""
    return _raised(typography.grouped_within(text))


def _element(name: str, text: str, attributes: str = "") -> Markup:
    """The text, escaped, in an element. A page has hundreds of them, and Markup.format takes ten times as long."""
    return Markup(f"<{name}{attributes}>{escape(text)}</{name}>")  # noqa: S704 # nosec B704 - attributes are written in this file


@lru_cache(maxsize=4096)
def _raised(text: str) -> Markup:
    """Escaped text with its superscript digits as <sup>, which the typeface draws at every size."""
    if text.isascii() or not _SUPERSCRIPT.search(text):
        return escape(text)
    found, at = Markup(""), 0
    for match in _SUPERSCRIPT.finditer(text):
        raised = match.group().translate(_TO_LINE)
        found += escape(text[at : match.start()]) + _element("sup", raised)
        at = match.end()
    return found + escape(text[at:])


@lru_cache(maxsize=2048)
def formula(result: Derived) -> Markup:
    """The formula up to the sign before the result, with the typed values in ink where that reads well.

    "RCF = 1.118 × 10⁻⁵ × r × n²" with one number each for r and n becomes "1.118 × 10⁻⁵ × 9.5 × 2 740² = ".
    Where a symbol stands for several numbers, or there are two formulas, it keeps its symbols and ends in
    "; C = ".
    """
    if not shows_values(result):
        return _raised(result.formula) + Markup("; {} = ").format(result.formula.partition("=")[0].strip())
    values = {item.symbol: item.value for item in result.inputs}
    right = result.formula.partition("=")[2]
    either = re.compile("|".join(_symbol(symbol).pattern for symbol in sorted(values, key=len, reverse=True)))
    found, at = Markup(""), 0
    for match in either.finditer(right):
        value = _element("i", typography.grouped(values[match.group()]))
        found += _raised(right[at : match.start()]) + (
            Markup("({})").format(value) if "−" in value else value
        )
        at = match.end()
    return (found + _raised(right[at:])).strip() + Markup(" = ")


def shows_values(result: Derived) -> bool:
    """Whether `formula` puts the values into the formula, so that they need no list of their own."""
    _, equals, right = result.formula.partition("=")
    return (
        equals != ""
        and "=" not in right
        and all(
            _PLAIN_NUMBER.match(item.value) and _symbol(item.symbol).search(right) for item in result.inputs
        )
    )


def _symbol(symbol: str) -> re.Pattern[str]:
    """The symbol where it stands alone: "n" is in "n²" and in "× n", and not in "min"."""
    return re.compile(rf"(?<![A-Za-zΑ-Ωα-ω_]){re.escape(symbol)}(?![A-Za-z0-9Α-Ωα-ω_(])")


def limit_lines(limit: Limit) -> list[str]:
    """What a person must know of a limit before entering a value: target, limit, alert and usual range."""
    lines = []
    if limit.target is not None:
        lines.append(f"Target {typography.with_unit(_bound(limit.target), limit.unit)}")
    if limit.acceptance != OPEN:
        lines.append(f"Limit {_range(limit.acceptance, limit.unit)}")
    if limit.alert != OPEN:
        lines.append(f"Alert {_beyond(limit)}")
    if limit.soft != OPEN:
        lines.append(f"Usual {_range(limit.soft, limit.unit)}")
    return lines


def _beyond(limit: Limit) -> str:
    """On which sides of the alert range there is room for an alert before the limit is reached."""
    low, high = (
        end if end != edge else None for end, edge in zip(limit.alert, limit.acceptance, strict=True)
    )
    if low is not None and high is not None:
        return f"outside {_range((low, high), limit.unit)}"
    bound, word = (low, "below") if low is not None else (high, "above")
    return (
        f"{word} {typography.with_unit(_bound(bound), limit.unit)}"
        if bound is not None
        else "beyond the limit"
    )


def _bound(value: Decimal) -> str:
    """An end of a range as it was written; from a million on as a power of ten with the digits it has."""
    if abs(value) < POWERS_FROM:
        return typography.grouped(plain(value))
    return derived_numbers.scientific(value, max(2, len(value.normalize().as_tuple().digits)))


def _range(bounds: Bounds, name: str) -> str:
    low, high = (_bound(end) if end is not None else None for end in bounds)
    if low is not None and high is not None:
        return typography.with_unit(f"{low}–{high}", name)
    return typography.with_unit(f"at least {low}" if low is not None else f"at most {high}", name)


# Time


def instant(value: datetime | None, zone: ZoneInfo, *, seconds: bool = True) -> Markup:
    """Date, time and offset in the laboratory's zone: "2026-11-22 14:30:05 +01:00"."""
    return _time(value, zone, 0, 19 if seconds else 16, True)


def clock(value: datetime | None, zone: ZoneInfo, *, seconds: bool = False, zoned: bool = False) -> Markup:
    """The time of day; the day and zone stand nearby. The full instant is in the element."""
    return _time(value, zone, 11, 19 if seconds else 16, zoned)


def day(value: date | datetime | str | None, zone: ZoneInfo | None = None) -> Markup:
    """A calendar day: "2026-11-22"."""
    if value is None:
        return Markup("")
    if isinstance(value, datetime):
        value = value.astimezone(zone or UTC).date()
    text = value if isinstance(value, str) else value.isoformat()
    return _element("time", text, f' datetime="{escape(text)}"')


def offset(value: datetime, zone: ZoneInfo) -> str:
    """The distance of the zone from UTC at that instant: "+01:00"."""
    text = value.astimezone(zone).strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def machine(value: datetime) -> str:
    """The instant for programs: "2026-11-22T13:30:05Z"."""
    return f"{value.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


@lru_cache(maxsize=4096)
def _time(value: datetime | None, zone: ZoneInfo, first: int, last: int, zoned: bool) -> Markup:
    if value is None:
        return Markup("")
    shown = times.show(value, zone)
    text = shown[first:last] + (shown[19:] if zoned else "")
    return _element("time", text, f' datetime="{machine(value)}"')


def duration(value: timedelta | int | None) -> str:
    """Elapsed time: "1 h 54". A whole number is seconds."""
    if value is None:
        return ""
    return typography.duration(value if isinstance(value, timedelta) else timedelta(seconds=value))


def remaining(value: timedelta) -> str:
    """What is left of a time, or by how much it has passed: "2 h 06 left", "expired 12 min ago"."""
    return f"expired {duration(-value)} ago" if value < timedelta() else f"{duration(value)} left"


def countdown(value: timedelta) -> str:
    """What is left of a time that runs out, or by how much it has: "12 min 05 s left", "over by 2 min 00 s"."""
    left = value >= timedelta()
    return f"{typography.counted(value)} left" if left else f"over by {typography.counted(value)}"


def counted(value: timedelta) -> str:
    """A time that is counted up: "12 min 05 s"."""
    return typography.counted(value)


def many(count: int, word: str) -> str:
    """How many of something: "1 reading", "12 readings"."""
    return f"{count} {word}{'' if count == 1 else 's'}"


# Codes, names, status


def code(value: str | None) -> Markup:
    """A code that is never broken over two lines."""
    return _element("span", value, ' class="id"') if value else Markup("")


def digest(value: str | None, groups: int = 4) -> Markup:
    """The head of a digest in groups of four; 0 groups for the whole."""
    return _element("code", typography.digest_groups(value, groups)) if value else Markup("")


def person(name: str | None) -> Markup:
    """A person's name, whose direction of writing does not disturb its neighbours."""
    return _element("bdi", name) if name else Markup("")


def differing(value: str, other: str) -> Markup:
    """`value` with the characters underlined in which it differs from `other`; none where there is no other."""
    if not other:
        return escape(value)
    found = Markup("")
    if len(value) == len(other):
        pairs = [(a, a == b) for a, b in zip(value, other, strict=True)]
    else:
        same = [False] * len(value)
        for block in SequenceMatcher(None, value, other, autojunk=False).get_matching_blocks():
            same[block.a : block.a + block.size] = [True] * block.size
        pairs = list(zip(value, same, strict=True))
    for text, equal in _runs(pairs):
        found += escape(text) if equal else _element("u", text)
    return found


def _runs(pairs: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    for character, equal in pairs:
        if runs and runs[-1][1] == equal:
            runs[-1] = (runs[-1][0] + character, equal)
        else:
            runs.append((character, equal))
    return runs


@dataclass(frozen=True)
class Shape:
    """How a status looks: the class that colours it, its icon and its word."""

    kind: str
    icon: str
    word: str


_SHAPES = {
    Outcome.PASS: Shape("pass", "pass", "Within limits"),
    Outcome.ALERT: Shape("alert", "alert", "Alert"),
    Outcome.FAIL: Shape("out", "stop", "Out of limits"),
    Outcome.NOT_DONE: Shape("wait", "notdone", "Not done"),
    Outcome.NO_LIMIT: Shape("", "info", "No limit"),
}


def pathway(code: str) -> str:
    """The law that a product is made under, in words."""
    return PATHWAYS[code]


def shape(outcome: Outcome) -> Shape:
    """Shape, word and colour of an outcome: a status is never colour alone."""
    return _SHAPES[outcome]


FILTERS: tuple[Callable[..., Any], ...] = (
    number, unit, scientific, sentence, limit_lines, rail,
    instant, clock, day, offset, machine, duration, remaining, countdown, counted, many,
    code, digest, person, differing, entry_kind, error_list, pathway, typography.mid_sentence,
)  # fmt: skip


def register(environment: Environment) -> None:
    """Make the filters known to the templates, each by its own name."""
    for one in FILTERS:
        environment.filters[one.__name__] = one
