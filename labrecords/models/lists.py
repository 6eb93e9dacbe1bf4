"""Lists of batches, paged by key, never by offset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.custody.traces import PERSON
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise
from labrecords.models.codes import bare
from labrecords.models.overview import BatchCodeRow, BatchOverview, TraceRow
from labrecords.models.records import DocumentRow

ShownT = TypeVar("ShownT")
PAGE = 50
COUNTED_TO = 1000
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class BatchQuery:
    """What is looked for: part of a number or code, one status or several, certain numbers, awaited confirmations,
    a product, somebody who took part, the days on which it was opened.

    `awaited` holds ids of people whose own confirmation it is, and "verified" where anybody may verify, with
    spaces between; a batch matches when one of them is awaited.
    """

    words: str = ""
    beginning: str = ""
    """How a code begins that the batch carries, as codes are compared: by an index, however many batches there are."""
    status: str = ""
    product: str = ""
    person_id: str = ""
    """Somebody whom the record names; the list is then in the order in which it named them first."""
    begins: datetime | None = None
    ends: datetime | None = None
    """Opened from the one instant on, and before the other."""
    statuses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    awaited: str = ""
    late_tests: tuple[str, ...] = ()
    """Where late tests stand, in the words of domain.review.disposition.late_tests."""
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
    moment, key = table.c.opened_at, table.c.batch_id
    if query.person_id:
        moment, key = TraceRow.__table__.c.at, TraceRow.__table__.c.batch_id
    wanted = _matching(query, session).add_columns(moment.label("listed_at"))
    wanted = wanted.order_by(moment.desc(), key.desc()).limit(size + 1)
    if query.before:
        wanted = wanted.where(beyond(moment, key, query.before))
    rows = session.execute(wanted).all()
    return Page(*cut(rows, size, lambda row: (row.listed_at, row.batch_id)))


def cut(
    found: Sequence[ShownT], size: int, key: Callable[[ShownT], tuple[datetime, str]]
) -> tuple[tuple[ShownT, ...], str]:
    """One page of what was found, of which one more was asked for, and the key of the next page; empty at the end.

    `key` gives instant and id of a row, by which the list is ordered: `beyond` goes on after the last one shown.
    """
    shown = tuple(found[:size])
    if len(found) <= size:
        return shown, ""
    at, last = key(shown[-1])
    return shown, f"{times.to_text(at)}/{last}"


def beyond(moment: Any, key: Any, before: str) -> ColumnElement[bool]:
    """What comes after a row in a list that shows the newest first: `before` is its instant and id, with a slash."""
    at, _, last = before.partition("/")
    instant = times.from_text(at)
    return or_(moment < instant, and_(moment == instant, key < last))


def urgent_batches(session: Session, query: BatchQuery, size: int = PAGE) -> tuple[Row[Any], ...]:
    """Batches in the order in which they must be used; those without a limit yet come last, oldest first."""
    table = BatchOverview.__table__
    order = (table.c.use_before.asc().nulls_last(), table.c.opened_at, table.c.batch_id)
    return tuple(session.execute(_matching(query, session).order_by(*order).limit(size)))


def due_batches(session: Session, size: int = PAGE) -> tuple[Row[Any], ...]:
    """Batches that wait for the result of a test, the one that is expected first on top."""
    table = BatchOverview.__table__
    wanted = select(table).where(
        table.c.tests_due.is_not(None), table.c.status.not_in(("rejected", "voided"))
    )
    return tuple(session.execute(wanted.order_by(table.c.tests_due, table.c.batch_id).limit(size)))


def count_batches(session: Session, query: BatchQuery) -> int:
    """How many batches match, counted no further than one beyond COUNTED_TO."""
    some = (
        _matching(query, session)
        .with_only_columns(BatchOverview.__table__.c.batch_id)
        .limit(COUNTED_TO + 1)
        .subquery()
    )
    return session.execute(select(func.count()).select_from(some)).scalar_one()


def begins_a_code(session: Session, beginning: str) -> bool:
    """Whether a code of any batch begins so."""
    code = BatchCodeRow.__table__
    query = select(code.c.batch_id).where(_begins_with(code.c.code, beginning, session)).limit(1)
    return session.execute(query).first() is not None


def products(session: Session) -> list[str]:
    """The product of every batch, each once, by name: one step in the index for each."""
    table = BatchOverview.__table__
    step = select(func.min(table.c.product).label("product")).cte("step", recursive=True)
    following = select(func.min(table.c.product)).where(table.c.product > step.c.product).scalar_subquery()
    step = step.union_all(select(following).where(step.c.product.is_not(None)))
    return list(session.execute(select(step.c.product).where(step.c.product.is_not(None))).scalars())


def _begins_with(column: Any, beginning: str, session: Session) -> ColumnElement[bool]:
    """In the words that each database answers by its index: SQLite by a range of bytes, PostgreSQL by its LIKE."""
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= beginning, column < beginning + LAST_CHARACTER)
    return cast("ColumnElement[bool]", column.startswith(beginning, autoescape=True))


def _with_code(query: BatchQuery, session: Session) -> ColumnElement[bool]:
    """Batches with a code that begins so: few are read from the index of codes, of many each is asked in its turn."""
    table, code = BatchOverview.__table__, BatchCodeRow.__table__
    meant = _begins_with(code.c.code, query.beginning, session)
    few = session.execute(select(code.c.batch_id).where(meant).limit(COUNTED_TO + 1)).scalars().all()
    if len(few) <= COUNTED_TO:
        return cast("ColumnElement[bool]", table.c.batch_id.in_(sorted(set(few))))
    return select(code.c.batch_id).where(code.c.batch_id == table.c.batch_id, meant).exists()


def _matching(query: BatchQuery, session: Session) -> Select[Any]:
    table, trace = BatchOverview.__table__, TraceRow.__table__
    wanted = select(table)
    if query.person_id:
        named = (trace.c.subject == PERSON, trace.c.key == query.person_id)
        wanted = wanted.join(trace, trace.c.batch_id == table.c.batch_id).where(*named)
    if query.beginning:
        wanted = wanted.where(_with_code(query, session))
    if query.product:
        wanted = wanted.where(table.c.product == query.product)
    if query.begins is not None:
        wanted = wanted.where(table.c.opened_at >= query.begins)
    if query.ends is not None:
        wanted = wanted.where(table.c.opened_at < query.ends)
    if query.words:
        like = [
            form.icontains(words, autoescape=True)
            for column in (table.c.number, table.c.patient_code, table.c.identity_code)
            for form, words in ((column, query.words), (bare(column), normalise(query.words)))
            if words
        ]
        wanted = wanted.where(or_(*like))
    if query.numbers:
        wanted = wanted.where(table.c.number.in_(query.numbers))
    if query.status:
        wanted = wanted.where(table.c.status == query.status)
    if query.statuses:
        wanted = wanted.where(table.c.status.in_(query.statuses))
    if query.late_tests:
        wanted = wanted.where(table.c.late_tests.in_(query.late_tests))
    if query.awaited:
        said = [table.c.outstanding.contains(f" {word} ", autoescape=True) for word in query.awaited.split()]
        wanted = wanted.where(or_(*said))
    return wanted


def documents_of(session: Session, batch_id: str) -> tuple[Row[Any], ...]:
    """The sealed documents of a batch without their bytes, the oldest first."""
    return tuple(session.connection().execute(_documents_of_batch(), {"batch_id": batch_id}))


@cache
def _documents_of_batch() -> Select[Any]:
    table = DocumentRow.__table__
    columns = [column for column in table.columns if column.name != "pdf"]
    return select(*columns).where(table.c.batch_id == bindparam("batch_id")).order_by(table.c.sealed_at)
