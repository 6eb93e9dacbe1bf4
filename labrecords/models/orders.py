"""Reading orders: of a patient, by their code, and the batches that were opened from one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from labrecords.domain.registers.orders import OrderWithdrawal, TherapyOrder
from labrecords.domain.registers.patients import Patient
from labrecords.models.patients import patients_with
from labrecords.models.records import (
    BatchOrderRow,
    BatchRow,
    OrderWithdrawalRow,
    TherapyOrderRow,
    VoidRow,
)


@dataclass(frozen=True)
class KnownOrder:
    """An order with its patient, its withdrawal if there is one, and the batches opened from it that are not void."""

    order: TherapyOrder
    patient: Patient
    withdrawal: OrderWithdrawal | None
    batches: tuple[str, ...]


def find_order(session: Session, code: str) -> KnownOrder | None:
    """The order with this code, or None."""
    table = TherapyOrderRow.__table__
    row = session.execute(select(*TherapyOrderRow.columns()).where(table.c.code == code)).first()
    return _known(session, [TherapyOrderRow.read(row)])[0] if row else None


def orders_of(session: Session, patient_id: str) -> list[KnownOrder]:
    """The orders of a patient, the newest first."""
    table = TherapyOrderRow.__table__
    query = select(*TherapyOrderRow.columns()).where(table.c.patient_id == patient_id)
    rows = session.execute(query.order_by(table.c.ordered_at.desc(), table.c.id)).all()
    return _known(session, [TherapyOrderRow.read(row) for row in rows])


def _known(session: Session, orders: list[TherapyOrder]) -> list[KnownOrder]:
    if not orders:
        return []
    ids = [order.id for order in orders]
    ended, copied, batch, void = (
        OrderWithdrawalRow.__table__,
        BatchOrderRow.__table__,
        BatchRow.__table__,
        VoidRow.__table__,
    )
    withdrawn = session.execute(select(*OrderWithdrawalRow.columns()).where(ended.c.order_id.in_(ids)))
    ends = {item.order_id: item for item in map(OrderWithdrawalRow.read, withdrawn)}
    opened = session.execute(
        select(copied.c.order_id, batch.c.number)
        .join(batch, batch.c.id == copied.c.batch_id)
        .outerjoin(void, void.c.batch_id == batch.c.id)
        .where(copied.c.order_id.in_(ids), void.c.id.is_(None))
        .order_by(batch.c.number)
    ).all()
    patients = {item.id: item for item in patients_with(session, {order.patient_id for order in orders})}
    return [
        KnownOrder(
            order,
            patients[order.patient_id],
            ends.get(order.id),
            tuple(row.number for row in opened if row.order_id == order.id),
        )
        for order in orders
    ]
