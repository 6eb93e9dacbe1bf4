"""Follow-up visits that are due or overdue, across all batches."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from labrecords.models.lists import PAGE
from labrecords.models.overview import BatchOverview, VisitDueRow


class DueVisit(NamedTuple):
    """One visit that is waited for, with the days of its window, both of which count."""

    batch_id: str
    number: str
    patient_code: str
    product: str
    visit: str
    due_on: date
    first_on: date
    last_on: date

    @property
    def key(self) -> str:
        """Where the next page of the list goes on: after this visit."""
        return f"{self.last_on}/{self.batch_id}/{self.visit}"


class DuePage(NamedTuple):
    visits: tuple[DueVisit, ...]
    next: str
    """Key of the next page, or empty."""


def due_visits(session: Session, today: date, size: int = PAGE, after: str = "") -> DuePage:
    """The visits whose window has begun, the one that ends first on top: what is overdue longest leads.

    `after` is the key of the last visit of the page before.
    """
    table, batch = VisitDueRow.__table__, BatchOverview.__table__
    query = (
        select(
            table.c.batch_id, batch.c.number, batch.c.patient_code, batch.c.product,
            table.c.visit, table.c.due_on, table.c.first_on, table.c.last_on,
        )
        .join(batch, batch.c.batch_id == table.c.batch_id)
        .where(table.c.first_on <= today)
        .order_by(table.c.last_on, table.c.batch_id, table.c.visit)
        .limit(size + 1)
    )  # fmt: skip
    if after:
        day, batch_id, visit = after.split("/", 2)
        last = date.fromisoformat(day)
        later = or_(table.c.batch_id > batch_id, and_(table.c.batch_id == batch_id, table.c.visit > visit))
        query = query.where(or_(table.c.last_on > last, and_(table.c.last_on == last, later)))
    found = tuple(DueVisit(*row) for row in session.execute(query))
    return DuePage(found[:size], found[size - 1].key if len(found) > size else "")
