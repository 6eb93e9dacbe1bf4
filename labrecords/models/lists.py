"""Lists of batches, paged by key, never by offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from labrecords.domain import times
from labrecords.models.overview import BatchOverview
from labrecords.models.records import DocumentRow

PAGE = 50


@dataclass(frozen=True)
class BatchQuery:
    """What is looked for: part of a number or code, one status, a person whose confirmation is awaited."""

    words: str = ""
    status: str = ""
    statuses: tuple[str, ...] = ()
    awaited: str = ""
    before: str = ""
    """Key of the page: opened-at text and id of the last row of the page before, joined by a slash."""


@dataclass(frozen=True)
class Page:
    rows: tuple[Row[Any], ...]
    next: str
    """Key of the next page, or empty."""


def list_batches(session: Session, query: BatchQuery, size: int = PAGE) -> Page:
    """One page of batches, the newest first."""
    table = BatchOverview.__table__
    wanted = select(table).order_by(table.c.opened_at.desc(), table.c.batch_id.desc()).limit(size + 1)
    if query.words:
        like = [
            column.icontains(query.words, autoescape=True)
            for column in (table.c.number, table.c.patient_code, table.c.identity_code)
        ]
        wanted = wanted.where(or_(*like))
    if query.status:
        wanted = wanted.where(table.c.status == query.status)
    if query.statuses:
        wanted = wanted.where(table.c.status.in_(query.statuses))
    if query.awaited:
        wanted = wanted.where(table.c.outstanding.contains(f" {query.awaited} ", autoescape=True))
    if query.before:
        opened_at, _, batch_id = query.before.partition("/")
        instant = times.from_text(opened_at)
        wanted = wanted.where(
            or_(table.c.opened_at < instant, and_(table.c.opened_at == instant, table.c.batch_id < batch_id))
        )
    rows = session.execute(wanted).all()
    more = len(rows) > size
    rows = rows[:size]
    key = f"{times.to_text(rows[-1].opened_at)}/{rows[-1].batch_id}" if more else ""
    return Page(tuple(rows), key)


def documents_of(session: Session, batch_id: str) -> tuple[Row[Any], ...]:
    """The sealed documents of a batch without their bytes, the oldest first."""
    table = DocumentRow.__table__
    columns = [column for column in table.columns if column.name != "pdf"]
    return tuple(session.execute(select(*columns).where(table.c.batch_id == batch_id).order_by(table.c.sealed_at)))
