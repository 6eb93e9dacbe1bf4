"""Values of a run as its TOML file writes them, made into the facts of a step by what the step's kind declares.

Numbers are text, so that their decimals are kept. A day is a number of days from today, an instant a number of minutes
from the end of the step; people are named by username and equipment by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from labrecords.domain.facts import Fact, FactType, facts_of


@dataclass(frozen=True)
class Names:
    """What the values of a step refer to: when it ended, people by username, equipment and containers by code."""

    ended_at: datetime
    people: Mapping[str, str]
    equipment: Mapping[str, str]
    codes: Mapping[str, str] = field(default_factory=dict)
    """The ids that the system gave out, by what the file calls the containers."""


def stated(kind: type, written: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The facts of a kind, or of a row of it, that are written. Raises ValueError for a name that it does not have."""
    known = {fact.name: fact for fact in facts_of(kind)}
    if strange := set(written) - set(known):
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(strange))}.")
    return {name: _fact(known[name], value, names) for name, value in written.items()}


def _fact(fact: Fact, value: Any, names: Names) -> Any:
    match fact.type:
        case FactType.NUMBER:
            return Decimal(value)
        case FactType.DATE:
            return (names.ended_at + timedelta(days=value)).date()
        case FactType.MOMENT:
            return names.ended_at + timedelta(minutes=value)
        case FactType.PERSON:
            return names.people[value]
        case FactType.EQUIPMENT:
            return names.equipment[value]
        case FactType.CODE:
            return names.codes.get(value, value)
        case FactType.ROWS:
            row = fact.row
            assert row is not None
            return tuple(row(**stated(row, each, names)) for each in value)
        case _:
            return value
