"""Which entries of a step's form wait for a code that was scanned. It is brought there; the form alone judges it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labrecords.domain.custody.carried import CONTAINER, IDENTITY, ORDER, PATIENT, put_on
from labrecords.domain.custody.scans import Scan
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import facts_in
from labrecords.domain.processes.process import Step
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.equipment import CATEGORY
from labrecords.domain.registers.places import names_place
from labrecords.domain.steps.storage import PUT_AWAY, Storage
from labrecords.domain.values.codes import normalise
from labrecords.models.whose import (
    EQUIPMENT,
    LOT,
    PERSON,
    PLACE,
    REGISTERED_ORDER,
    REGISTERED_PATIENT,
    Found,
)
from labrecords.web.forms.fields import names_lot

KEEPS = ("fridge", "incubator", "cabinet")
"""Equipment that keeps containers: it is named as the place where one is put away."""
WRISTBAND = Found("wristband", "", "", "", "")
"""What the record number of a patient who is registered here stands for: it is not said whose it is."""
ROWS = 12
"""So many rows of a table are looked at for one that waits."""


@dataclass(frozen=True)
class Waits:
    """The entries that a code may stand in."""

    takes: tuple[tuple[str, str], ...] = ()
    """Name of an entry and what is put there, the likeliest first."""
    alone: bool = False
    """Whether it is put there only where no other one of these is empty: else nobody knows which was meant."""


def waiting(record: BatchRecord, step: Step, scan: Scan, found: tuple[Found, ...]) -> Waits:
    """Where the code that was scanned goes in the form of a step; nothing where no entry takes such a code."""
    asked = tuple(_asked(facts_in(step)))
    for item in found:
        if takes := tuple(_takes(record, asked, scan, item)):
            if item.kind == PERSON:
                return Waits((*takes, ("performed_by", item.key)))
            return Waits(takes, alone=item.kind == LOT)
    if found:
        performed = next((item.key for item in found if item.kind == PERSON), "")
        return Waits((("performed_by", performed),)) if performed else Waits()
    if any(fact.private and fact.type is FactType.CODE for _, fact in asked):
        # A wristband of somebody who is not registered here: the check itself says that nobody knows it.
        return Waits(tuple(_of_patient(asked, scan)))
    # A maker's code that nobody has recorded yet: a new container, a seal, a box.
    fresh = tuple((name, scan.text) for name, fact in asked if fact.type is FactType.CODE)
    return Waits(fresh, alone=True)


def beside(kind: type[Entry], found: tuple[Found, ...]) -> dict[str, str]:
    """What goes without saying, where a form is opened by a scan: what is scanned at a place is put away there."""
    at_place = any(item.kind == PLACE or item.sort in KEEPS for item in found)
    return {"movement": PUT_AWAY} if kind is Storage and at_place else {}


def _asked(facts: tuple[Fact, ...]) -> Iterator[tuple[str, Fact]]:
    for fact in facts:
        if fact.row is None:
            yield fact.name, fact
        else:
            for number in range(ROWS):
                yield from ((f"{fact.name}-{number}-{column.name}", column) for column in facts_of(fact.row))


def _takes(
    record: BatchRecord, asked: tuple[tuple[str, Fact], ...], scan: Scan, item: Found
) -> Iterator[tuple[str, str]]:
    """The entries for what a code stands for, each with what is put there."""
    if item == WRISTBAND:
        yield from _of_patient(asked, scan)
        return
    if item.kind == CONTAINER:
        fresh, kind_of_code = _stands(record, scan.code)
        wanted = {
            name: scan.text for name, fact in asked if fact.new == fresh and name.endswith(kind_of_code)
        }
    elif item.kind in (REGISTERED_PATIENT, PATIENT, IDENTITY):
        theirs = item.kind == PATIENT or normalise(item.key) == scan.code
        last = "patient_code" if theirs else "identity_code"
        wanted = {name: scan.text for name, _ in asked if name == last}
    elif item.kind in (ORDER, REGISTERED_ORDER):
        wanted = {name: scan.text for name, _ in asked if name == "order_code"}
    elif item.kind == LOT:
        wanted = {name: item.code for name, fact in asked if names_lot(fact)}
    elif item.kind == PERSON:
        wanted = {name: item.key for name, fact in asked if fact.type is FactType.PERSON}
    else:
        wanted = dict(_equipment(asked, item)) if item.kind in (EQUIPMENT, PLACE) else {}
    yield from wanted.items()


def _of_patient(asked: tuple[tuple[str, Fact], ...], scan: Scan) -> Iterator[tuple[str, str]]:
    """The entry that asks whose wristband was scanned, of which no text is kept."""
    return ((name, scan.text) for name, fact in asked if fact.private and name == "patient_code")


def _equipment(asked: tuple[tuple[str, Fact], ...], item: Found) -> Iterator[tuple[str, str]]:
    for name, fact in asked:
        if fact.type is FactType.EQUIPMENT and fact.register == item.sort:
            yield name, item.key
        elif names_place(fact) and (item.kind == PLACE or item.sort in KEEPS):
            yield name, item.code if CATEGORY[item.sort].made else item.name


def _stands(record: BatchRecord, code: str) -> tuple[bool, str]:
    """Whether an id of this batch is on nothing yet, and how the facts are called that take the code."""
    where = {normalise(put): name for entry in record.entries for name, put in put_on(entry)}
    if where.get(code) == "sample_code":
        return False, "sample_code"
    fresh = code not in where and code in {item.code for item in record.container_ids}
    return fresh, "_code" if fresh else "container_code"
