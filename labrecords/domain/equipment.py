"""Registered equipment: what each category has, and whether a piece may be used (21 CFR 211.67, 211.68(a), 211.105)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain import times
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, facts_of

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Equipment


@dataclass(frozen=True)
class Category:
    """A kind of equipment, and what is registered of it beside model, serial number, check, cleaning and place."""

    word: str
    plural: str
    radii: bool = False
    speed: bool = False
    software: bool = True


CATEGORY = {
    category.word: category
    for category in (
        Category("centrifuge", "centrifuges", speed=True),
        Category("rotor", "rotors", radii=True, speed=True, software=False),
        Category("counter", "counters"),
        Category("balance", "balances"),
        Category("cabinet", "cabinets"),
        Category("fridge", "fridges"),
        Category("incubator", "incubators"),
    )
}
CATEGORIES = tuple(CATEGORY)


def named_equipment(entry: Entry) -> tuple[str, ...]:
    """Ids of the registered versions that an entry names."""
    facts = (fact for fact in facts_of(type(entry)) if fact.type is FactType.EQUIPMENT)
    return tuple(found for fact in facts if (found := getattr(entry, fact.name)))


def registered_late(record: BatchRecord, entry: Entry) -> tuple[str, ...]:
    """Codes of the pieces that an entry names and that nobody had registered when the act was."""
    codes = [record.equipment_item(item).code for item in named_equipment(entry)]
    return tuple(code for code in codes if not _versions(record, code, entry.performed_at))


def _versions(record: BatchRecord, code: str, at: datetime) -> list[Equipment]:
    """The versions of a piece that had been registered by the minute of an act, the oldest first."""
    end = times.end_of_minute(at)
    return [item for item in record.equipment if item.code == code and item.registered_at <= end]


def equipment_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop for every reason why a piece that an entry names must not be used at the act (GMP-68a, GMP-182)."""
    return tuple(
        stop
        for item in named_equipment(entry)
        for stop in _stops(registered_at(record, item, entry.performed_at), _day(record, entry))
    )


def registered_at(record: BatchRecord, item_id: str, at: datetime) -> Equipment:
    """A piece as it was registered at an instant.

    A registration that was made after the act does not mend what it was at the act. Where the piece was not yet
    registered at all then, its first registration counts.
    """
    code = record.equipment_item(item_id).code
    versions = _versions(record, code, at)
    return versions[-1] if versions else next(piece for piece in record.equipment if piece.code == code)


def _stops(item: Equipment, day: date) -> Iterator[Stop]:
    if not item.in_service:
        yield Stop("equipment", f"{item.code} is out of service.", "Take another one that is in service.")
        return
    if item.next_check and date.fromisoformat(item.next_check) < day:
        yield Stop(
            "equipment",
            f"The check of {item.code} was due on {item.next_check}.",
            "Take another one, or have it checked and registered again.",
        )
    if item.next_clean and date.fromisoformat(item.next_clean) < day:
        yield Stop(
            "equipment",
            f"The cleaning of {item.code} was due on {item.next_clean}.",
            "Take another one, or have it cleaned and registered again.",
        )


def _day(record: BatchRecord, entry: Entry) -> date:
    return times.local(entry.performed_at, ZoneInfo(record.laboratory.zone)).date()
