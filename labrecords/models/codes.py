"""Finding what a scanned code stands for. Codes are compared without spaces, hyphens and case (values/codes.py)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.facts import facts_of
from labrecords.domain.record import Batch
from labrecords.domain.values.codes import SEPARATORS
from labrecords.models.overview import BatchOverview
from labrecords.models.records import ENTRY_ROWS, BatchRow, ContainerIdRow

MOST = 50
_GIVEN_IN = tuple((row, fact.name) for row in ENTRY_ROWS for fact in facts_of(row.record) if fact.new)
"""Where a container or sample gets its code. Versions that were corrected since count too: labels may be older."""
_GIVEN_IN_ROWS = tuple(
    (row, fact.name)
    for row in ENTRY_ROWS
    for fact in facts_of(row.record)
    if fact.row is not None and any(column.new for column in facts_of(fact.row))
)
"""Where several get theirs in one act: rows stand in one column, as JSON."""


def batches_with(session: Session, code: str) -> list[str]:
    """Numbers of the batches that carry this normalised code: as number, identity, patient, container or sample.

    A batch that is numbered so comes alone. At most 50, the newest first.
    """
    table = BatchOverview.__table__
    exact = select(table.c.number).where(bare(table.c.number) == code)
    number = session.execute(exact).scalar()
    if number is not None:
        return [number]
    inside = _carrying(code)
    found = select(table.c.number).where(
        or_(
            bare(table.c.identity_code) == code,
            bare(table.c.patient_code) == code,
            *(table.c.batch_id.in_(query) for query in inside),
        )
    )
    return list(session.execute(found.order_by(table.c.opened_at.desc()).limit(MOST)).scalars())


def in_other_batches(session: Session, code: str, batch: Batch) -> list[Batch]:
    """The other batches in which a container or sample carries this normalised code."""
    table = BatchRow.__table__
    inside = or_(*(table.c.id.in_(query) for query in _carrying(code)))
    found = select(*BatchRow.columns()).where(inside, table.c.id != batch.id).order_by(table.c.number)
    return [BatchRow.read(row) for row in session.execute(found)]


def is_carried(session: Session, code: str) -> bool:
    """Whether a container or sample of any batch carries this normalised code, or it was given out."""
    table = BatchRow.__table__
    inside = or_(*(table.c.id.in_(query) for query in _carrying(code)))
    return session.execute(select(table.c.id).where(inside).limit(1)).first() is not None


def _carrying(code: str) -> list[Select[Any]]:
    alone = [
        select(row.__table__.c.batch_id).where(bare(row.__table__.c[name]) == code) for row, name in _GIVEN_IN
    ]
    in_rows = [
        select(row.__table__.c.batch_id).where(
            bare(cast(row.__table__.c[name], Text)).contains(f':"{code}"', autoescape=True)
        )
        for row, name in _GIVEN_IN_ROWS
    ]
    # Ids are stored as they are compared.
    given = select(ContainerIdRow.__table__.c.batch_id).where(ContainerIdRow.__table__.c.code == code)
    return [*alone, *in_rows, given]


def bare(column: Any) -> ColumnElement[str]:
    """A column of codes as `domain.values.codes.normalise` compares them."""
    for separator in SEPARATORS:
        column = func.replace(column, separator, "")
    return func.upper(column)
