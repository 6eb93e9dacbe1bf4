"""Reading the register of equipment with its history: every version of a piece, and who registered it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from labrecords.domain.record import Equipment
from labrecords.models.records import EquipmentRow
from labrecords.models.trail import TrailEvent

EQUIPMENT_CHAIN = "equipment"


@dataclass(frozen=True)
class Version:
    """One registered version of a piece, and who registered it as the trail holds it."""

    item: Equipment
    registered_by: str


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
