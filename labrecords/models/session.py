"""The two sessions: `db.session` for pages, which cannot write, and the write session of an action."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.evidence.trail import Row
from labrecords.models.base import COMMITMENT, DIGEST, NEVER, Base

db = SQLAlchemy(session_options={"autoflush": False})


class WriteRefused(RuntimeError):
    """A write that does not go through an action, or that would change a record."""


class WriteSession(Session):
    """Collects every record row that is inserted; refuses any change of one, and bulk statements on one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(autoflush=False, expire_on_commit=False, **options)
        self.inserted: list[Row] = []


@event.listens_for(WriteSession, "before_flush")
def _refuse_changes(session: WriteSession, _: UOWTransaction, __: Any) -> None:
    changed = [item for item in session.dirty if session.is_modified(item)]
    for item in (*changed, *session.deleted):
        if item.trailed:
            raise WriteRefused(
                f"A {item.__tablename__} is a record: it is added to, never changed or deleted."
            )


@event.listens_for(WriteSession, "after_flush")
def _collect(session: WriteSession, _: UOWTransaction) -> None:
    session.inserted += [trail_row(item) for item in session.new if item.trailed]


@event.listens_for(WriteSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    if getattr(state.statement, "table", None) in _tables_of_records():
        raise WriteRefused("Bulk statements on records are refused: the trail would not see them.")


@cache
def _tables_of_records() -> frozenset[Any]:
    return frozenset(mapper.local_table for mapper in Base.registry.mappers if mapper.class_.trailed)


def trail_row(item: Base) -> Row:
    """What the trail holds of a row: each column by its policy, in stored form."""
    table = item.__table__
    values: dict[str, Any] = {}
    for column in table.columns:
        policy = column.info["trail"]
        if policy == NEVER:
            continue
        stored = stored_form(column, getattr(item, column.key))
        values[column.name] = commit(policy, stored, getattr(item, "salt", ""))
    key = inspect(item).mapper.primary_key_from_instance(item)
    return Row(table.name, "/".join(map(str, key)), values)


def stored_form(column: Any, value: Any) -> Any:
    """A value as it stands in the database: text, integer, bytes or None."""
    convert = getattr(column.type, "process_bind_param", None)
    return convert(value, None) if convert else value


def commit(policy: str, stored: Any, salt: str) -> Any:
    """What an event holds of a stored value under a trail policy."""
    if stored is None:
        return None
    if policy == COMMITMENT:
        return sha256_hex(canonical_bytes({"salt": salt, "value": stored}))
    if policy == DIGEST:
        return sha256_hex(bytes(stored))
    return stored


def undeclared_columns(tables: Iterable[Any]) -> list[str]:
    """Columns without a trail policy, as table.column."""
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if "trail" not in column.info
    ]
