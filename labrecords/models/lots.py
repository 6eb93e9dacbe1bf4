"""Reading the register of lots: deliveries as they stand now, every version of one, and the acts that used a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.registers.lots import LOT_RELEASED, Lot, LotUse, key_of
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.overview import LotUseRow
from labrecords.models.records import BatchRow, CertificateFileRow, LotRow
from labrecords.models.stored import as_bytes

MOST_OFFERED = 200
"""So many released lots are offered for choice in a form; any other is typed."""


@dataclass(frozen=True)
class LotQuery:
    """What is looked for: part of a material, maker or lot number, and a status."""

    words: str = ""
    status: str = ""
    before: str = ""


@dataclass(frozen=True)
class LotPage:
    lots: tuple[Lot, ...]
    next: str
    """Key of the next page, or empty."""


@dataclass(frozen=True)
class ActOfUse:
    """One act that used a lot, in which batch: what a recall follows."""

    entry_id: str
    number: str
    process_digest: str
    step_key: str
    material: str
    use: LotUse
    performed_at: datetime


@dataclass(frozen=True)
class UsePage:
    acts: tuple[ActOfUse, ...]
    next: str


def certificate_bytes(session: Session, sha256: str) -> bytes | None:
    """The bytes of a maker's certificate as they are stored; None where there is no such file."""
    table = CertificateFileRow.__table__
    stored = session.execute(select(table.c.original).where(table.c.sha256 == sha256)).scalar()
    return None if stored is None else as_bytes(stored)


def list_lots(session: Session, query: LotQuery, size: int = PAGE) -> LotPage:
    """One page of deliveries as they are registered now, those that changed last first."""
    table = LotRow.__table__
    wanted = newest_deliveries().order_by(table.c.registered_at.desc(), table.c.id.desc()).limit(size + 1)
    if query.words:
        words = [
            column.icontains(query.words, autoescape=True)
            for column in (table.c.material, table.c.maker, table.c.lot, table.c.catalogue_number)
        ]
        if key := key_of(query.words):
            words.append(table.c.lot_key.contains(key, autoescape=True))
        wanted = wanted.where(or_(*words))
    if query.status:
        wanted = wanted.where(table.c.status == query.status)
    if query.before:
        wanted = wanted.where(beyond(table.c.registered_at, table.c.id, query.before))
    lots = [LotRow.read(row) for row in session.execute(wanted)]
    return LotPage(*cut(lots, size, lambda lot: (lot.registered_at, lot.id)))


def newest_deliveries() -> Select[Any]:
    """The version of each delivery after which none was registered."""
    return LotRow.newest("delivery_id")


def delivery_versions(session: Session, delivery_id: str) -> tuple[Lot, ...]:
    """All versions of a delivery, the oldest first; none when there is no such delivery."""
    table = LotRow.__table__
    query = select(*LotRow.columns()).where(table.c.delivery_id == delivery_id)
    rows = session.execute(query.order_by(table.c.registered_at, table.c.id))
    return tuple(LotRow.read(row) for row in rows)


def deliveries_of(session: Session, lot_key: str) -> tuple[Lot, ...]:
    """Every delivery of the lot with this number as it stands now, of whatever material."""
    query = newest_deliveries().where(LotRow.__table__.c.lot_key == lot_key)
    rows = session.execute(query.order_by(LotRow.__table__.c.registered_at))
    return tuple(LotRow.read(row) for row in rows)


def versions_of_number(session: Session, lot_key: str) -> tuple[Lot, ...]:
    """Every version of every delivery of a lot with this number, the oldest first."""
    table = LotRow.__table__
    query = select(*LotRow.columns()).where(table.c.lot_key == lot_key)
    return tuple(
        LotRow.read(row) for row in session.execute(query.order_by(table.c.registered_at, table.c.id))
    )


def released_lots(session: Session, today: date) -> tuple[Lot, ...]:
    """The deliveries that may be used today, by material, for choice in a form."""
    rows = session.connection().execute(_usable_on(), {"today": today})
    return tuple(LotRow.read(row) for row in rows)


@cache
def _usable_on() -> Select[Any]:
    table = LotRow.__table__
    in_date = or_(table.c.expiry.is_(None), table.c.expiry >= bindparam("today", type_=table.c.expiry.type))
    usable = newest_deliveries().where(table.c.status == LOT_RELEASED, in_date)
    return usable.order_by(table.c.material, table.c.lot).limit(MOST_OFFERED)


def uses_of(session: Session, lot_key: str) -> tuple[LotUse, ...]:
    """Every use of a lot in all batches, to be added up."""
    table = LotUseRow.__table__
    query = select(table.c.volume_ml, table.c.pieces).where(table.c.lot_key == lot_key)
    return tuple(LotUse(row.volume_ml, row.pieces) for row in session.execute(query))


def acts_of_use(session: Session, lot_key: str, before: str = "", size: int = PAGE) -> UsePage:
    """One page of the acts that used a lot, the newest first: its way forward into batches."""
    used, batch = LotUseRow.__table__, BatchRow.__table__
    query = (
        select(
            used.c.entry_id,
            batch.c.number,
            batch.c.process_digest,
            used.c.step_key,
            used.c.material,
            used.c.volume_ml,
            used.c.pieces,
            used.c.performed_at,
        )
        .join(batch, batch.c.id == used.c.batch_id)
        .where(used.c.lot_key == lot_key)
        .order_by(used.c.performed_at.desc(), used.c.entry_id.desc())
        .limit(size + 1)
    )
    if before:
        query = query.where(beyond(used.c.performed_at, used.c.entry_id, before))
    acts = [
        ActOfUse(
            row.entry_id,
            row.number,
            row.process_digest,
            row.step_key,
            row.material,
            LotUse(row.volume_ml, row.pieces),
            row.performed_at,
        )
        for row in session.execute(query)
    ]
    return UsePage(*cut(acts, size, lambda act: (act.performed_at, act.entry_id)))
