"""What every place keeps now, of all batches: read from what the traces say, which each act on a batch writes anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.custody.traces import STORED, stored_key
from labrecords.models.overview import BatchOverview, TraceRow

MOST = 2000
"""So many containers are shown on one page."""


@dataclass(frozen=True)
class Stored:
    """One container that a place keeps."""

    number: str
    """Of its batch."""
    key: str
    """Place and container, as `stored_key` writes them."""
    words: str
    since: datetime


def batches_in(names: Collection[str]) -> Select[tuple[str]]:
    """Ids of the batches of which places with these names keep a container."""
    table = TraceRow.__table__
    return select(table.c.batch_id).where(table.c.subject == STORED, _begins(names)).distinct()


def stored_now(session: Session, names: Collection[str] = ()) -> tuple[Stored, ...]:
    """Every container that a place keeps, the longest there first: of the place with these names, or of all."""
    table, batch = TraceRow.__table__, BatchOverview.__table__
    query = (
        select(batch.c.number, table.c.key, table.c.words, table.c.at)
        .join(batch, batch.c.batch_id == table.c.batch_id)
        .where(table.c.subject == STORED)
        .order_by(table.c.at, table.c.key)
        .limit(MOST)
    )
    if names:
        query = query.where(_begins(names))
    return tuple(Stored(*row) for row in session.execute(query))


def _begins(names: Collection[str]) -> ColumnElement[bool]:
    key = TraceRow.__table__.c.key
    return or_(*(key.startswith(stored_key(name), autoescape=True) for name in sorted(names)))
