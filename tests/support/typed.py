"""What a person types into the page of a step, from what the story states."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from labrecords.domain.facts import facts_of
from labrecords.domain.values.numbers import plain
from tests.support.lab import NOT_APPLICABLE, Lab

ZONE = ZoneInfo("Europe/Warsaw")


def typed(lab: Lab, number: str, key: str, **changes: str) -> dict[str, str]:
    """The entries of a step's form as the story has them, by name. `changes` replaces or adds some."""
    reading = lab.reading(number, key)
    entries: dict[str, str] = {"performed_by": reading.performed_by}
    for name, value in reading.facts.items():
        if isinstance(value, tuple):
            for place, row in enumerate(value):
                for column in facts_of(type(row)):
                    entries[f"{name}-{place}-{column.name}"] = text_of(getattr(row, column.name))
        else:
            entries[name] = text_of(value)
    facts = facts_of(reading.kind)
    needless = reading.kind.answered(dict.fromkeys(fact.name for fact in facts))
    if any(not (fact.required or fact.one_of or fact.private or fact.name in needless) for fact in facts):
        entries["blank_reason"] = NOT_APPLICABLE
    return entries | changes


def text_of(value: Any) -> str:
    """A value as one types it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)
