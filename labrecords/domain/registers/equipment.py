"""Registered equipment and places: what each category has, and whether a piece may be used (21 CFR 211.42, 211.67,
211.68(a), 211.105)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Equipment


@dataclass(frozen=True)
class Category:
    """A kind of equipment or place, and what is registered of it beside check, cleaning and where it is."""

    word: str
    plural: str
    radii: bool = False
    speed: bool = False
    software: bool = True
    made: bool = True
    """Whether it has a maker, a model and a serial number; a room has a name instead."""
    place: bool = False
    """Whether steps name it as the place where something was done."""

    @property
    def check(self) -> str:
        """What is done to it from time to time, beside cleaning."""
        return "check" if self.made else "monitoring"

    @property
    def checked(self) -> str:
        """That this was done, as the day of the last one is headed."""
        return "calibrated" if self.made else "monitored"

    def use(self, in_service: bool) -> str:
        """Whether it is used at all, in words."""
        if self.made:
            return "in service" if in_service else "out of service"
        return "in use" if in_service else "closed"


def _room(word: str, plural: str) -> Category:
    return Category(word, plural, software=False, made=False, place=True)


CATEGORY = {
    category.word: category
    for category in (
        Category("centrifuge", "centrifuges", speed=True),
        Category("rotor", "rotors", radii=True, speed=True, software=False),
        Category("counter", "counters"),
        Category("balance", "balances"),
        Category("cabinet", "cabinets", place=True),
        Category("fridge", "fridges", place=True),
        Category("freezer", "freezers", place=True),
        Category("incubator", "incubators"),
        Category("analyser", "analysers"),
        Category("instrument", "instruments"),
        Category("device", "devices"),
        _room("clean room", "clean rooms"),
        _room("theatre", "theatres"),
        _room("bench", "benches"),
        _room("store", "stores"),
        _room("transport", "transports"),
        _room("site", "sites"),
        _room("shelf", "shelves"),
        _room("box", "boxes"),
        _room("position", "positions"),
    )
}
CATEGORIES = tuple(CATEGORY)
PLACES = tuple(word for word, category in CATEGORY.items() if category.place)
ROOMS = tuple(word for word in PLACES if not CATEGORY[word].made)
"""The places that are no equipment. As soon as one is registered, the register of places is kept."""


@dataclass(frozen=True)
class DueDay:
    """One thing that is done to a piece or place from time to time, and the last day on which the last time counts."""

    what: str
    done: str
    day: date


def due_days(item: Equipment) -> tuple[DueDay, ...]:
    """Check (of a room monitoring) and cleaning of a piece, each where the register has a day for it."""
    category = CATEGORY[item.category]
    days = (
        (category.check, "checked" if category.made else "monitored", item.next_check),
        ("cleaning", "cleaned", item.next_clean),
    )
    return tuple(DueDay(what, done, date.fromisoformat(text)) for what, done, text in days if text)


def named_equipment(entry: Entry) -> tuple[str, ...]:
    """Ids of the registered versions that an entry names."""
    facts = (fact for fact in facts_of(type(entry)) if fact.type is FactType.EQUIPMENT)
    return tuple(found for fact in facts if (found := getattr(entry, fact.name)))


def named_otherwise(values: Mapping[str, Any], *names: str) -> frozenset[str]:
    """The facts among `names`, two ways of saying what was used, that stay empty because the other says it."""
    return frozenset(names) if any(values.get(name) for name in names) else frozenset()


def registered_late(record: BatchRecord, entry: Entry) -> tuple[str, ...]:
    """Codes of the pieces that an entry names and that nobody had registered when the act was."""
    codes = [record.equipment_item(item).code for item in named_equipment(entry)]
    return tuple(code for code in codes if not versions_at(record.equipment, code, entry.performed_at))


def undated(record: BatchRecord, entry: Entry) -> tuple[str, ...]:
    """Codes of the pieces that an entry names and of which the register does not say until when they were checked."""
    pieces = (registered_at(record, item, entry.performed_at) for item in named_equipment(entry))
    return tuple(item.code for item in pieces if item.next_check is None)


def versions_at(register: Sequence[Equipment], code: str, at: datetime) -> list[Equipment]:
    """The versions of a piece that had been registered by the minute of an act, the oldest first."""
    end = times.end_of_minute(at)
    return [item for item in register if item.code == code and item.registered_at <= end]


def equipment_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop for every reason why a piece that an entry names must not be used at the act (GMP-68a, GMP-182)."""
    return tuple(
        stop
        for item in named_equipment(entry)
        for stop in _stops(registered_at(record, item, entry.performed_at), record.day_of(entry.performed_at))
    )


def registered_at(record: BatchRecord, item_id: str, at: datetime) -> Equipment:
    """A piece as it was registered at an instant.

    A registration that was made after the act does not mend what it was at the act. Where the piece was not yet
    registered at all then, its first registration counts.
    """
    code = record.equipment_item(item_id).code
    versions = versions_at(record.equipment, code, at)
    return versions[-1] if versions else next(piece for piece in record.equipment if piece.code == code)


def _stops(item: Equipment, day: date) -> Iterator[Stop]:
    if not item.in_service:
        yield Stop("equipment", f"{item.code} is out of service.", "Take another one that is in service.")
        return
    for due in due_days(item):
        if due.day < day:
            yield Stop(
                "equipment",
                f"The {due.what} of {item.code} was due on {due.day}.",
                f"Take another one, or have it {due.done} and registered again.",
            )
