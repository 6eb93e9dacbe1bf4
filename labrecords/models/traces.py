"""Traces: from a lot, a piece of equipment, a person, a place, a container or a day to every batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from labrecords.domain.custody.traces import CONTAINER, INJECTED_BY
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.overview import BatchOverview, TraceRow


@dataclass(frozen=True)
class TracedBatch:
    """One batch that is connected with what is traced."""

    batch_id: str
    number: str
    patient_code: str
    identity_code: str
    product: str
    status: str
    words: str
    """How the batch names what is traced."""
    at: datetime
    containers: tuple[str, ...] = ()
    injected_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class TracePage:
    batches: tuple[TracedBatch, ...]
    next: str
    """Key of the next page, or empty."""


def traced(session: Session, subject: str, key: str, before: str = "", size: int = PAGE) -> TracePage:
    """One page of the batches connected with it, the newest first."""
    table, batch = TraceRow.__table__, BatchOverview.__table__
    columns = (batch.c.number, batch.c.patient_code, batch.c.identity_code, batch.c.product, batch.c.status)
    query = (
        select(table.c.batch_id, *columns, table.c.words, table.c.at)
        .join(batch, batch.c.batch_id == table.c.batch_id)
        .where(table.c.subject == subject, table.c.key == key)
        .order_by(table.c.at.desc(), table.c.batch_id.desc())
        .limit(size + 1)
    )
    if before:
        query = query.where(beyond(table.c.at, table.c.batch_id, before))
    rows, following = cut(session.execute(query).all(), size, lambda row: (row.at, row.batch_id))
    more = _connected(session, [row.batch_id for row in rows])
    found = tuple(
        TracedBatch(*row, more.get((row.batch_id, CONTAINER), ()), more.get((row.batch_id, INJECTED_BY), ()))
        for row in rows
    )
    return TracePage(found, following)


def all_traced(session: Session, subject: str, key: str) -> Iterator[TracedBatch]:
    """Every batch connected with it, the newest first."""
    before = ""
    while True:
        page = traced(session, subject, key, before, 500)
        yield from page.batches
        if not (before := page.next):
            return


def _connected(session: Session, batch_ids: list[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Containers of these batches, and who injected out of them, by batch and subject."""
    table = TraceRow.__table__
    query = (
        select(table.c.batch_id, table.c.subject, table.c.words)
        .where(table.c.batch_id.in_(batch_ids), table.c.subject.in_((CONTAINER, INJECTED_BY)))
        .order_by(table.c.at, table.c.words)
    )
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in session.execute(query):
        place = (row.batch_id, row.subject)
        found[place] = (*found.get(place, ()), row.words)
    return found
