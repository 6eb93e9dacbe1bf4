"""The batches that carry a code, by an index. Codes are compared without spaces, hyphens and case (values/codes.py).

The codes of a batch are written in the commit that changes its record, and compared with it at verification.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from labrecords.domain.custody.carried import CONTAINER, LONGEST, NUMBER, PATIENT
from labrecords.domain.record import Batch
from labrecords.domain.values.codes import SEPARATORS, normalise
from labrecords.models.overview import BatchCodeRow
from labrecords.models.records import BatchRow

MOST = 50


def batches_with(session: Session, code: str) -> list[str]:
    """Numbers of the batches that carry this normalised code: as number, identity, patient, order, container or sample.

    A batch that is numbered so comes alone. At most 50, the newest first.
    """
    carried, batch = BatchCodeRow.__table__, BatchRow.__table__
    query = (
        select(carried.c.kind, batch.c.number)
        .join(batch, batch.c.id == carried.c.batch_id)
        .where(carried.c.code == code[:LONGEST])
        .order_by(carried.c.kind != NUMBER, batch.c.opened_at.desc(), batch.c.number)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    if rows and rows[0].kind == NUMBER:
        return [rows[0].number]
    return list(dict.fromkeys(row.number for row in rows))


def in_other_batches(session: Session, code: str, batch: Batch) -> list[Batch]:
    """The other batches in which a container or sample carries this normalised code."""
    table, carried = BatchRow.__table__, BatchCodeRow.__table__
    inside = select(carried.c.batch_id).where(carried.c.code == code[:LONGEST], carried.c.kind == CONTAINER)
    found = select(*BatchRow.columns()).where(table.c.id.in_(inside), table.c.id != batch.id)
    return [BatchRow.read(row) for row in session.execute(found.order_by(table.c.number))]


def batches_of_patient(session: Session, code: str) -> list[Batch]:
    """All batches that were opened for this patient code, by their numbers."""
    carried, table = BatchCodeRow.__table__, BatchRow.__table__
    mine = select(carried.c.batch_id).where(
        carried.c.code == normalise(code)[:LONGEST], carried.c.kind == PATIENT
    )
    found = select(*BatchRow.columns()).where(
        table.c.id.in_(mine), bare(table.c.patient_code) == normalise(code)
    )
    return [BatchRow.read(row) for row in session.execute(found.order_by(table.c.number))]


def newest_of_patient(session: Session, code: str, most: int) -> list[str]:
    """Numbers of the batches that were opened for this normalised patient code, the newest first, `most` at most."""
    carried, batch = BatchCodeRow.__table__, BatchRow.__table__
    query = (
        select(batch.c.number)
        .select_from(carried)
        .join(batch, batch.c.id == carried.c.batch_id)
        .where(carried.c.code == code[:LONGEST], carried.c.kind == PATIENT)
        .order_by(batch.c.opened_at.desc(), batch.c.number.desc())
        .limit(most)
    )
    return list(session.execute(query).scalars())


def is_carried(session: Session, code: str) -> bool:
    """Whether a container or sample of any batch carries this normalised code, or it was given out."""
    carried = BatchCodeRow.__table__
    query = select(carried.c.batch_id).where(carried.c.code == code[:LONGEST], carried.c.kind == CONTAINER)
    return session.execute(query.limit(1)).first() is not None


def bare(column: Any) -> ColumnElement[str]:
    """A column of codes as `domain.values.codes.normalise` compares them."""
    for separator in SEPARATORS:
        column = func.replace(column, separator, "")
    return func.upper(column)
