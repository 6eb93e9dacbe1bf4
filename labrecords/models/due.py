"""What is due in the registers up to a day: three bounded queries, whatever the registers hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.registers.due import Due, due_of, in_order
from labrecords.domain.registers.lots import LOT_REJECTED
from labrecords.models.codes import bare
from labrecords.models.equipment import newest_pieces
from labrecords.models.lots import newest_deliveries
from labrecords.models.people import DeactivationRow, PersonRow
from labrecords.models.records import EquipmentRow, LotRow, TrainingRow

LISTED = 30


@dataclass(frozen=True)
class DueList:
    items: tuple[Due, ...]
    more: bool
    """Whether there is more than is listed."""


def due_until(session: Session, until: date, size: int = LISTED) -> DueList:
    """What has run out or will by the end of a day, the longest overdue first, `size` at most.

    A piece or place that is not used, a lot that was rejected, training that was withdrawn or given again, and people
    who left are not asked for.
    """
    found = in_order(
        [*_equipment(session, until, size), *_lots(session, until, size), *_training(session, until, size)]
    )
    return DueList(found[:size], len(found) > size)


def _equipment(session: Session, until: date, size: int) -> Iterator[Due]:
    table, day = EquipmentRow.__table__, until.isoformat()
    first = case(
        (table.c.next_clean.is_(None), table.c.next_check),
        (table.c.next_check < table.c.next_clean, table.c.next_check),
        else_=table.c.next_clean,
    )
    query = newest_pieces().where(
        table.c.in_service == 1, or_(table.c.next_check <= day, table.c.next_clean <= day)
    )
    for row in session.execute(query.order_by(first, table.c.id).limit(size + 1)):
        yield from due_of(EquipmentRow.read(row), until)


def _lots(session: Session, until: date, size: int) -> Iterator[Due]:
    table = LotRow.__table__
    query = newest_deliveries().where(table.c.status != LOT_REJECTED, table.c.expiry <= until)
    for row in session.execute(query.order_by(table.c.expiry, table.c.id).limit(size + 1)):
        lot = LotRow.read(row)
        yield Due(lot.expiry, "lot", lot.delivery_id, f"Lot {lot.lot} of {lot.material}", "expiry")


def lapsing(until: date) -> Select[Any]:
    """Trainings that count no longer than to the end of a day: id, person, procedure, last day.

    One that was withdrawn or given again is none of them, nor is one of a person who left.
    """
    table, gone = TrainingRow.__table__, DeactivationRow.__table__
    withdrawal, again, undone = table.alias("withdrawal"), table.alias("again"), table.alias("undone")
    withdrawn = select(withdrawal.c.id).where(withdrawal.c.withdraws_id == table.c.id).exists()
    left = select(gone.c.id).where(gone.c.person_id == table.c.person_id).exists()
    renewed = (
        select(again.c.id)
        .where(
            again.c.person_id == table.c.person_id,
            bare(again.c.sop) == bare(table.c.sop),
            again.c.withdraws_id.is_(None),
            or_(again.c.expires_on.is_(None), again.c.expires_on > table.c.expires_on),
            ~select(undone.c.id).where(undone.c.withdraws_id == again.c.id).exists(),
        )
        .exists()
    )
    return select(table.c.id, table.c.person_id, table.c.sop, table.c.expires_on).where(
        table.c.expires_on <= until, table.c.withdraws_id.is_(None), ~withdrawn, ~left, ~renewed
    )


def _training(session: Session, until: date, size: int) -> Iterator[Due]:
    person, found = PersonRow.__table__, lapsing(until).subquery()
    query = (
        select(found.c.expires_on, found.c.person_id, person.c.name, found.c.sop)
        .join(person, person.c.id == found.c.person_id)
        .order_by(found.c.expires_on, found.c.id)
        .limit(size + 1)
    )
    for row in session.execute(query):
        yield Due(row.expires_on, "training", row.person_id, row.name, f"training on {row.sop}")
