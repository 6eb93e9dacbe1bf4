"""Serious adverse events that nobody has reported yet, across all batches."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from labrecords.domain.steps.adverse_event import NOT_SERIOUS
from labrecords.models.records import AdverseEventRow, BatchRow


class Unreported(NamedTuple):
    number: str
    step_key: str
    event: str
    seriousness: str
    began_on: date
    known_at: datetime
    """When it first became known: the days of the report count from there."""


def unreported(session: Session, size: int = 30) -> tuple[Unreported, ...]:
    """Serious events whose version that counts names no day of a report, those known first on top."""
    table, batch = AdverseEventRow.__table__, BatchRow.__table__
    later, first = table.alias("later"), table.alias("first")
    query = (
        select(
            batch.c.number,
            table.c.step_key,
            table.c.event,
            table.c.seriousness,
            table.c.began_on,
            first.c.performed_at,
        )
        .join(batch, batch.c.id == table.c.batch_id)
        .join(
            first,
            (first.c.batch_id == table.c.batch_id)
            & (first.c.step_key == table.c.step_key)
            & first.c.replaces_id.is_(None),
        )
        .where(
            table.c.seriousness != NOT_SERIOUS,
            table.c.authority_on.is_(None),
            ~select(later.c.id).where(later.c.replaces_id == table.c.id).exists(),
        )
        .order_by(first.c.performed_at, table.c.id)
        .limit(size)
    )
    return tuple(Unreported(*row) for row in session.execute(query))
