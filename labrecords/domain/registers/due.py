"""What of the registers has run out or soon will: equipment, places, lots, training (21 CFR 211.25, 211.67, 211.68)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from labrecords.domain.registers.equipment import due_days

if TYPE_CHECKING:
    from labrecords.domain.record import Equipment

SOON = timedelta(days=30)
"""So long before its day a thing is said to be due."""


@dataclass(frozen=True)
class Due:
    """One thing that is valid to the end of a day."""

    day: date
    register: str
    """Where it is mended: "equipment", "lot" or "training"."""
    key: str
    """What the page of that register is called by: code of the piece, id of the delivery or of the person."""
    name: str
    what: str
    """What is due, as a clause: "cleaning", "training on SOP-012"."""


def due_of(item: Equipment, until: date) -> tuple[Due, ...]:
    """What of a piece or place is due up to a day: check (of a room monitoring) and cleaning."""
    name = f"{item.category.capitalize()} {item.code}, {item.model}"
    return tuple(
        Due(due.day, "equipment", item.code, name, due.what) for due in due_days(item) if due.day <= until
    )


def in_order(due: Iterable[Due]) -> tuple[Due, ...]:
    """What ran out first on top, so that everything overdue comes before what is due soon."""
    return tuple(sorted(due, key=lambda item: (item.day, item.register, item.name, item.what)))
