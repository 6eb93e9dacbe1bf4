"""How the value of a fact is printed: as it was entered, with the names of what it refers to, and with its limits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from labrecords.documents.edition import Edition
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, FactType
from labrecords.domain.values.limits import OPEN, Bounds, Limit
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import NO_BREAK, grouped

NOT_STATED = "not stated"
_TYPED = (
    FactType.NUMBER,
    FactType.WHOLE,
    FactType.TEXT,
    FactType.NOTE,
    FactType.CODE,
    FactType.MOMENT,
    FactType.DATE,
)


def shown(edition: Edition, fact: Fact, value: Any) -> str:
    """A value in words."""
    if value is None or value == "":
        return NOT_STATED
    if isinstance(value, Decimal):
        return plain(value)
    if fact.type is FactType.YESNO:
        return "yes" if value else "no"
    if fact.type is FactType.MOMENT:
        return edition.when(value)
    if fact.type is FactType.DATE:
        return str(value.isoformat())
    if fact.type is FactType.PERSON:
        return edition.name(value)
    if fact.type is FactType.EQUIPMENT:
        item = edition.record.equipment_item(value)
        return f"{item.code}, {item.model}"
    return str(value)


def entered(edition: Edition, fact: Fact, value: Any, typed: str) -> tuple[str, str]:
    """A value as it was entered, and a remark where what is stored reads differently."""
    stored = shown(edition, fact, value)
    if not typed or fact.type not in _TYPED or typed == stored:
        return stored, ""
    if fact.type is FactType.MOMENT:
        return stored, "" if stored.startswith(typed.strip().replace("T", " ")) else f"entered as {typed}"
    return typed, f"stored as {stored}"


def entered_fact(edition: Edition, entry: Entry, fact: Fact) -> tuple[str, str]:
    """The same for a fact of one version of an entry; a blank is closed with the reason that was given."""
    if fact.name in entry.blanks:
        return f"N/A: {entry.blanks[fact.name]}", ""
    return entered(edition, fact, getattr(entry, fact.name), entry.as_entered.get(fact.name, ""))


def range_words(bounds: Bounds) -> str:
    """ "2 to 30", "at least 70", "at most 110"; empty for no limit. The unit stands beside it."""
    low, high = bounds
    if low is not None and high is not None:
        return f"{grouped(plain(low))}{NO_BREAK}to{NO_BREAK}{grouped(plain(high))}"
    if low is not None:
        return f"at least{NO_BREAK}{grouped(plain(low))}"
    return f"at most{NO_BREAK}{grouped(plain(high))}" if high is not None else ""


def limit_words(limit: Limit | None, *, possible: bool = False) -> str:
    """Every range of a limit in words; the range of what is possible at all only where it is asked for."""
    if limit is None:
        return ""
    ranges: Mapping[str, Bounds] = {
        "accepted": limit.acceptance,
        "no alert": limit.alert,
        "usual": limit.soft,
        "possible": limit.hard if possible else OPEN,
    }
    words = [f"target {grouped(plain(limit.target))}"] if limit.target is not None else []
    return "; ".join(
        [*words, *(f"{name} {range_words(bounds)}" for name, bounds in ranges.items() if range_words(bounds))]
    )
