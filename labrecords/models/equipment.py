"""Reading the register of equipment: the pieces, every version of one with who registered it, and where it was used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from labrecords.domain.entries import REPEATED
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.record import Equipment
from labrecords.domain.registers.equipment import PLACES
from labrecords.domain.registers.place_tree import known_as
from labrecords.domain.registers.places import place_key
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.people import PersonRow
from labrecords.models.records import ENTRY_ROWS, BatchRow, EntryRow, EquipmentRow
from labrecords.models.trail import TrailEvent

EQUIPMENT_CHAIN = "equipment"
_NAMED_IN = tuple(
    (row, fact.name) for row in ENTRY_ROWS for fact in facts_of(row.record) if fact.type is FactType.EQUIPMENT
)
"""Where a step names a piece."""


@dataclass(frozen=True)
class Version:
    """One registered version of a piece, and who registered it as the trail holds it."""

    item: Equipment
    registered_by: str


@dataclass(frozen=True)
class EquipmentPage:
    items: tuple[Equipment, ...]
    next: str
    """Code of the last piece when there are more, or empty."""


@dataclass(frozen=True)
class Use:
    """One act in which a piece was used, as the step's record states it (21 CFR 211.182)."""

    entry_id: str
    number: str
    process_digest: str
    step_key: str
    performed_at: datetime
    performed_by: str


@dataclass(frozen=True)
class UsePage:
    uses: tuple[Use, ...]
    next: str
    """Key of the next page, or empty."""


def list_equipment(session: Session, category: str = "", after: str = "", size: int = PAGE) -> EquipmentPage:
    """One page of the pieces as they are registered now, by code: of one category, or of all."""
    query = newest_pieces().order_by(EquipmentRow.__table__.c.code).limit(size + 1)
    if category:
        query = query.where(EquipmentRow.__table__.c.category == category)
    if after:
        query = query.where(EquipmentRow.__table__.c.code > after)
    items = [EquipmentRow.read(row) for row in session.execute(query)]
    more = len(items) > size
    return EquipmentPage(tuple(items[:size]), items[size - 1].code if more else "")


def newest_pieces() -> Select[Any]:
    """The version of each piece after which none was registered."""
    return EquipmentRow.newest("code")


def places_known_as(session: Session, text: str) -> frozenset[str]:
    """Every code and name, as `place_key` compares them, of the places that were ever called so; and the text."""
    table, place = EquipmentRow.__table__, EquipmentRow.__table__.alias("place")
    called_so = or_(func.lower(place.c.code) == place_key(text), func.lower(place.c.model) == place_key(text))
    codes = select(place.c.code).where(place.c.category.in_(PLACES), called_so)
    rows = session.execute(select(*EquipmentRow.columns()).where(table.c.code.in_(codes)))
    return known_as([EquipmentRow.read(row) for row in rows], text)


def versions(session: Session, code: str) -> tuple[Version, ...]:
    """All versions of the piece with this code, the newest first; none when there is no such piece."""
    table, by = EquipmentRow.__table__, _registered_by(session, code)
    query = select(*EquipmentRow.columns()).where(table.c.code == code).order_by(table.c.registered_at.desc())
    items = [EquipmentRow.read(row) for row in session.execute(query)]
    return tuple(Version(item, by.get(item.id, "")) for item in items)


def _registered_by(session: Session, code: str) -> dict[str, str]:
    """Name of the one who registered each version, by the version's id."""
    table = TrailEvent.__table__
    query = select(table.c.payload).where(table.c.chain == EQUIPMENT_CHAIN, table.c.subject == code)
    found: dict[str, str] = {}
    for payload in session.execute(query).scalars():
        event = json.loads(bytes(payload))
        found |= {row["id"]: event["actor"]["name"] for row in event["rows"]}
    return found


def use_log(session: Session, code: str, before: str = "", size: int = PAGE) -> UsePage:
    """One page of the acts in which a piece was used, whatever version of it, the newest first.

    It follows from the records of the steps: nobody writes it. What was corrected counts as it was corrected; a run
    that was repeated was a use all the same.
    """
    used, batch, person = acts_with(code).subquery(), BatchRow.__table__, PersonRow.__table__
    query = (
        select(
            used.c.id,
            batch.c.number,
            batch.c.process_digest,
            used.c.step_key,
            used.c.performed_at,
            person.c.name,
        )
        .join(batch, batch.c.id == used.c.batch_id)
        .join(person, person.c.id == used.c.performed_by)
        .order_by(used.c.performed_at.desc(), used.c.id.desc())
        .limit(size + 1)
    )
    if before:
        query = query.where(beyond(used.c.performed_at, used.c.id, before))
    uses = [Use(*row) for row in session.execute(query)]
    return UsePage(*cut(uses, size, lambda use: (use.performed_at, use.entry_id)))


def acts_with(code: str) -> CompoundSelect[Any]:
    """Every act that names a piece, whatever version of it, each found by an index of its table."""
    return union_all(*(_uses_in(row, name, code) for row, name in _NAMED_IN))


def _uses_in(row: type[EntryRow], name: str, code: str) -> Select[Any]:
    table, later, piece = row.__table__, row.__table__.alias("later"), EquipmentRow.__table__
    replaced = (
        select(literal(1))
        .where(later.c.replaces_id == table.c.id, later.c.follows_as.is_distinct_from(REPEATED))
        .exists()
    )
    return select(
        table.c.id, table.c.batch_id, table.c.step_key, table.c.performed_at, table.c.performed_by
    ).where(table.c[name].in_(select(piece.c.id).where(piece.c.code == code)), ~replaced)
