"""Registered equipment: what a centrifuge and a rotor are, and whether one may be used (21 CFR 211.68(a), 211.105)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain import times
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, facts_of

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Equipment

CATEGORIES = ("centrifuge", "rotor")


def registered_late(record: BatchRecord, entry: Entry) -> tuple[str, ...]:
    """Codes of the pieces that an entry names and that nobody had registered when the act was."""
    named = [
        record.equipment_item(getattr(entry, fact.name)).code
        for fact in facts_of(type(entry))
        if fact.type is FactType.EQUIPMENT
    ]
    return tuple(code for code in named if not _versions(record, code, entry.performed_at))


def _versions(record: BatchRecord, code: str, at: datetime) -> list[Equipment]:
    """The versions of a piece that had been registered by the minute of an act, the oldest first."""
    end = times.end_of_minute(at)
    return [item for item in record.equipment if item.code == code and item.registered_at <= end]


def check_stop(record: BatchRecord, item_id: str, at: datetime) -> Stop | None:
    """A stop when a piece was out of service, or its check had run out, as it was registered at the given instant.

    A registration that was made after the act does not mend what it was at the act. Where the piece was not yet
    registered at all then, its first registration counts.
    """
    code = record.equipment_item(item_id).code
    versions = _versions(record, code, at)
    item = versions[-1] if versions else next(piece for piece in record.equipment if piece.code == code)
    if not item.in_service:
        return Stop("equipment", f"{item.code} is out of service.", "Take another one that is in service.")
    day = times.local(at, ZoneInfo(record.laboratory.zone)).date()
    if item.next_check and date.fromisoformat(item.next_check) < day:
        return Stop(
            "equipment",
            f"The check of {item.code} was due on {item.next_check}.",
            "Take another one, or have it checked and registered again.",
        )
    return None
