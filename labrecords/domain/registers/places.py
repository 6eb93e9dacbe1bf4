"""Places that a step states, beside the register: unknown, closed or overdue ones are said, and stop nothing.

A place stays free text: what happened somewhere happened there. It is matched with the register by code or name,
capitals aside. Before the laboratory registers its first room the register says nothing (21 CFR 211.42(c), 211.46,
211.56).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry
from labrecords.domain.facts import PLACE, Fact, FactType, facts_of
from labrecords.domain.once import grouped, once
from labrecords.domain.registers.equipment import CATEGORY, PLACES, ROOMS, due_days, versions_at
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Equipment


TRANSPORT = "transport"


def names_place(fact: Fact) -> bool:
    """Whether a fact names a place of the register."""
    return fact.type is FactType.TEXT and fact.register == PLACE


def stated_places(entry: Entry) -> tuple[str, ...]:
    """The places that an entry states, each once."""
    said = (getattr(entry, fact.name) for fact in facts_of(type(entry)) if names_place(fact))
    return tuple(dict.fromkeys(text for text in said if text))


@lru_cache(maxsize=4096)
def place_key(text: str) -> str:
    """Code or name of a place as it is compared: ASCII letters small, whichever database holds it."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def called(item: Equipment) -> str:
    """What a step states of a place: a room goes by its name, a cabinet by its code."""
    return item.code if CATEGORY[item.category].made else item.model


def is_called(item: Equipment, text: str) -> bool:
    """Whether a place goes by this name or code."""
    return item.category in PLACES and place_key(text) in (place_key(item.code), place_key(called(item)))


def place_findings(record: BatchRecord, entry: Entry) -> list[Finding]:
    """What the register held against each place of an entry on the day of the act."""
    title, day = record.process.step(entry.step_key).title, record.day_of(entry.performed_at)
    return [
        Finding(
            "place", Severity.EXCEPTION, f"{title}: {sentence}", entry.step_key, entry.performed_at, entry.id
        )
        for text in stated_places(entry)
        for sentence in against(_called_so(record, text), text, entry.performed_at, day)
    ]


def _called_so(record: BatchRecord, text: str) -> tuple[Equipment, ...]:
    """Every version of the places that were ever called so, and of the rooms the first."""
    rooms = (item for item in record.equipment if item.category in ROOMS)
    first = min(rooms, key=lambda item: item.registered_at, default=None)
    found = _by_name(record).get(place_key(text), ())
    return found if first is None or first in found else (*found, first)


@once
def _by_name(record: BatchRecord) -> dict[str, tuple[Equipment, ...]]:
    """Every version of the places by each code and name that they ever had: many acts ask."""
    places = [item for item in record.equipment if item.category in PLACES]
    versions = grouped(places, lambda item: item.code)
    known: dict[str, dict[str, None]] = {}
    for item in places:
        for name in (item.code, called(item)):
            known.setdefault(place_key(name), {})[item.code] = None
    return {name: tuple(one for code in codes for one in versions[code]) for name, codes in known.items()}


def against(register: Sequence[Equipment], text: str, at: datetime, day: date) -> tuple[str, ...]:
    """Sentences on what the register held against a place at an instant; none where all is in order.

    `register` has at least every version of the places called so, and the first room there ever was; `day` is that of
    the instant on the clocks of the laboratory. Where several places are called so, it was the one that is in order.
    """
    codes = {item.code for item in register if is_called(item, text)}
    known = [found[-1] for code in sorted(codes) if (found := versions_at(register, code, at))]
    if known:
        judged = [_wrong(item, text, day) for item in known]
        return () if () in judged else judged[0]
    if not any(item.category in ROOMS and item.registered_at <= times.end_of_minute(at) for item in register):
        return ()
    said = "was registered only after the act" if codes else "is not in the register of places"
    return (f"“{text}” {said}.",)


def is_transport(record: BatchRecord, text: str) -> bool:
    """Whether the register has a transport that is called so."""
    return any(item.category == TRANSPORT and is_called(item, text) for item in record.equipment)


def _wrong(item: Equipment, text: str, day: date) -> tuple[str, ...]:
    if not item.in_service:
        return (f"“{text}” was registered as {CATEGORY[item.category].use(False)}.",)
    return tuple(
        f"The {due.what} of “{text}” was due on {due.day}." for due in due_days(item) if due.day < day
    )
