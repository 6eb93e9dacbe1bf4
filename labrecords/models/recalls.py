"""Reading the register of recalls, and which batches fall under a recall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from labrecords.domain.custody.recalls import Recalled, concerning
from labrecords.domain.custody.traces import LOT
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.lots import Lot, which
from labrecords.models.barring import RecallEndRow, RecallMarkRow, RecallRow
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.overview import TraceRow
from labrecords.models.traces import keys_of, named_as


def all_recalls(session: Session) -> tuple[Recalled, ...]:
    """The whole register, the oldest first. A laboratory recalls a few times a year at most."""
    return tuple(_recalled(row) for row in session.connection().execute(_register()))


def with_recalls(session: Session, record: BatchRecord) -> BatchRecord:
    """The record with the recalls that something in it falls under."""
    found = concerning(record, all_recalls(session))
    return record if found == record.recalls else replace(record, recalls=found)


def recall_by_id(session: Session, recall_id: str) -> Recalled | None:
    """One line of the register, or None."""
    return next((one for one in all_recalls(session) if one.recall.id == recall_id), None)


def standing_recalls(session: Session, subject: str, key: str) -> tuple[Recalled, ...]:
    """What stands against one thing; of a lot number also against one of the lots that have it."""
    keys = keys_of(session, subject, key)
    return tuple(
        one
        for one in all_recalls(session)
        if one.end is None and one.recall.subject == subject and one.recall.traced_key in keys
    )


def recalls_of_lot(session: Session, versions: Sequence[Lot]) -> tuple[Recalled, ...]:
    """What stands against the lot of a delivery with these versions: against its number, or against this lot."""
    names = {versions[-1].lot_key, *map(which, versions)}
    return tuple(
        one for one in standing_recalls(session, LOT, versions[-1].lot_key) if one.recall.key in names
    )


def recalls_of_number(session: Session, lot_key: str) -> tuple[Recalled, ...]:
    """Every recall that ever was about a lot with this number."""
    return tuple(
        one for one in all_recalls(session) if (one.recall.subject, one.recall.traced_key) == (LOT, lot_key)
    )


@cache
def _register() -> Select[Any]:
    """The statement is built once: every record that is read asks it."""
    recall, end = RecallRow.__table__, RecallEndRow.__table__
    return (
        select(*RecallRow.columns(), *RecallEndRow.columns())
        .outerjoin(end, end.c.recall_id == recall.c.id)
        .order_by(recall.c.recalled_at, recall.c.id)
    )


def _recalled(row: Any) -> Recalled:
    width = len(RecallRow.names)
    end = RecallEndRow.read(row[width:]) if row[width] is not None else None
    return Recalled(RecallRow.read(row[:width]), end)


def marked_batches(session: Session, recall_id: str, act: str) -> frozenset[str]:
    """Ids of the batches in whose own trail it stands that they fell under the recall, or that it was ended."""
    table = RecallMarkRow.__table__
    query = select(table.c.batch_id).where(table.c.recall_id == recall_id, table.c.act == act)
    return frozenset(session.execute(query).scalars())


def naming(
    session: Session, one: Recalled, before: str = "", size: int = PAGE
) -> tuple[tuple[str, ...], str]:
    """One page of ids of the batches that name what is recalled, the newest first, and the key of the next page.

    Whether such a batch falls under the recall, its record says: the days are counted there.
    """
    table, recall = TraceRow.__table__, one.recall
    keys = keys_of(session, recall.subject, recall.traced_key)
    query = select(table.c.batch_id, table.c.at).where(named_as(recall.subject, keys))
    if before:
        query = query.where(beyond(table.c.at, table.c.batch_id, before))
    rows = session.execute(query.order_by(table.c.at.desc(), table.c.batch_id.desc()).limit(size + 1)).all()
    shown, following = cut(rows, size, lambda row: (row.at, row.batch_id))
    return tuple(row.batch_id for row in shown), following


def all_naming(session: Session, one: Recalled) -> Iterator[str]:
    """Ids of all batches that name what is recalled, the newest first."""
    before = ""
    while True:
        found, before = naming(session, one, before, 500)
        yield from found
        if not before:
            return
