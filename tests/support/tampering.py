"""Changing the database past the system, as somebody with full access to it would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, func, select, text, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from labrecords.actions.verification import verify_trail
from labrecords.domain.evidence.trail import Report
from labrecords.models import guards
from labrecords.models.base import Base
from labrecords.models.engine import sqlite_module
from tests.support.lab import Lab
from tests.support.postgres import ADMIN_ROLE, APP_ROLE


@cache
def _owner_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        return create_engine(url, module=sqlite_module())
    return create_engine(url.replace(f"//{APP_ROLE}@", f"//{ADMIN_ROLE}@"))


@contextmanager
def intruder(lab: Lab) -> Iterator[Connection]:
    """A connection of the database's owner, with every guard and foreign key out of the way.

    What is done through it is undone at the end unless it was committed.
    """
    lab.disconnect()
    engine = _owner_engine(lab.installation.settings.database_url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                guards.remove(connection)
            else:
                connection.execute(text("SET session_replication_role = replica"))
            connection.commit()
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def verified(lab: Lab, connection: Connection, *, with_file: bool = False) -> Report:
    """What verification says of the database as this connection sees it."""
    with Session(bind=connection, join_transaction_mode="create_savepoint") as session:
        return verify_trail(
            session,
            lab.installation.authority.checkpoint_certificate_pem,
            lab.installation.settings.checkpoint_file if with_file else None,
        )


def table_named(name: str) -> Table:
    return Base.metadata.tables[name]


def as_stored(column: Any) -> Any:
    return type_coerce(column, NullType())


def rows_of(connection: Connection, name: str) -> list[dict[str, Any]]:
    """Every row of a table, as it is stored."""
    columns = [as_stored(column).label(column.name) for column in table_named(name).columns]
    return [dict(row._mapping) for row in connection.execute(select(*columns))]


def key_of(name: str, row: dict[str, Any]) -> str:
    """A row's key as problems name it."""
    return "/".join(str(row[column.name]) for column in table_named(name).primary_key)


def this(name: str, row: dict[str, Any]) -> Any:
    """The condition that finds a row by its key."""
    condition: Any = None
    for column in table_named(name).primary_key:
        found = as_stored(column) == row[column.name]
        condition = found if condition is None else condition & found
    return condition


def other(value: Any, column: Any = None) -> Any:
    """Another value of the same type, which fits the same column."""
    if value is None:
        return 1 if column is not None and issubclass(column.type.python_type, (int, bool)) else "1"
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"\x01"
    if isinstance(value, int):
        return value + 1
    if not value:
        return "x"
    return ("1" if value[0] != "1" else "2") + value[1:]


def set_value(connection: Connection, name: str, row: dict[str, Any], column: str, value: Any) -> None:
    """Write one value by SQL."""
    keys = [part.name for part in table_named(name).primary_key]
    where = " AND ".join(f'"{key}" = :key_{key}' for key in keys)
    statement = text(f'UPDATE "{name}" SET "{column}" = :value WHERE {where}')
    connection.execute(statement, {"value": value} | {f"key_{key}": row[key] for key in keys})


def add_row(connection: Connection, name: str, row: dict[str, Any]) -> None:
    """Insert a row by SQL."""
    names, places = ", ".join(f'"{key}"' for key in row), ", ".join(f":{key}" for key in row)
    connection.execute(text(f'INSERT INTO "{name}" ({names}) VALUES ({places})'), row)


def count(connection: Connection, name: str) -> int:
    return int(connection.execute(select(func.count()).select_from(table_named(name))).scalar_one())
