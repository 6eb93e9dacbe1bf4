"""Traces: from a lot, a piece of equipment, a person, a place, a container or a day to every batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session

from labrecords.domain.custody.traces import (
    CONTAINER,
    DAY,
    IN_HAND,
    INJECTED_BY,
    LONGEST_KEY,
    PLACE,
    is_day,
)
from labrecords.domain.values.codes import normalise
from labrecords.models.equipment import places_known_as
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.overview import BatchOverview, TraceRow
from labrecords.models.records import LabelOverRow


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


def keys_of(session: Session, subject: str, key: str) -> tuple[str, ...]:
    """Under which keys records name what is traced: a place under each code and name that it ever had, a container
    under every code that stood on its label."""
    if subject == CONTAINER:
        return tuple(sorted(_labels_of(session, key)))
    return tuple(sorted(places_known_as(session, key))) if subject == PLACE else (key,)


def _labels_of(session: Session, key: str) -> set[str]:
    """A code with those that stood on the same container before and since, by the labels over that count."""
    trace, over = TraceRow.__table__, LabelOverRow.__table__
    later = over.alias("later")
    named = select(trace.c.batch_id).where(trace.c.subject == CONTAINER, trace.c.key == key)
    count = ~select(true()).where(later.c.replaces_id == over.c.id).exists()
    query = select(over.c.container_code, over.c.new_code).where(over.c.batch_id.in_(named), count)
    pairs = [{normalise(code)[:LONGEST_KEY] for code in row} for row in session.execute(query)]
    found = {key}
    while joined := [pair for pair in pairs if pair & found and not pair <= found]:
        found |= set().union(*joined)
    return found


def named_as(subject: str, keys: tuple[str, ...]) -> ColumnElement[bool]:
    """Which rows name it: of each batch one, that of the earliest."""
    table, other = TraceRow.__table__, TraceRow.__table__.alias("other")
    one = and_(table.c.subject == subject, table.c.key == keys[0])
    if subject == DAY and is_day(keys[0]):
        named = and_(other.c.subject == DAY, other.c.key == keys[0], other.c.batch_id == table.c.batch_id)
        lasting = and_(table.c.subject == IN_HAND, table.c.key <= keys[0])
        return or_(one, and_(lasting, ~select(true()).where(named).exists()))
    if len(keys) == 1:
        return one
    earlier = or_(other.c.at < table.c.at, and_(other.c.at == table.c.at, other.c.key < table.c.key))
    same = (other.c.batch_id == table.c.batch_id, other.c.subject == subject, other.c.key.in_(keys))
    repeated = select(true()).where(*same, earlier).exists()
    return and_(table.c.subject == subject, table.c.key.in_(keys), ~repeated)


def batches_naming(subject: str, key: str) -> Select[tuple[str]]:
    """Ids of the batches that name it."""
    table = TraceRow.__table__
    return select(table.c.batch_id).where(table.c.subject == subject, table.c.key == key)


def traced(session: Session, subject: str, key: str, before: str = "", size: int = PAGE) -> TracePage:
    """One page of the batches connected with it, the newest first."""
    table, batch = TraceRow.__table__, BatchOverview.__table__
    columns = (batch.c.number, batch.c.patient_code, batch.c.identity_code, batch.c.product, batch.c.status)
    query = (
        select(table.c.batch_id, *columns, table.c.words, table.c.at)
        .join(batch, batch.c.batch_id == table.c.batch_id)
        .where(named_as(subject, keys_of(session, subject, key)))
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
