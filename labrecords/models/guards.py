"""The database's own refusal: triggers by which records and trail can only be inserted, on SQLite and PostgreSQL.

They stop accidents and faults of the application. Whoever owns the database can drop them; the chain shows that.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, UniqueConstraint, text

from labrecords.models import (
    access,
    factors,
    laboratory,
    masters,
    misuse,
    overview,
    patients,
    people,
    records,
    step_drafts,
    trail,
)
from labrecords.models.base import Base

__all__ = ["guarded_tables", "install", "missing"]

_MODULES = (
    access,
    factors,
    laboratory,
    masters,
    misuse,
    overview,
    patients,
    people,
    records,
    step_drafts,
    trail,
)
"""Imported so that every table is known."""
_TRAIL_TABLES = ("trail_event", "checkpoint", "checkpoint_head")
REFUSAL = "records are append-only"


def record_tables() -> list[type[Base]]:
    """The mapped classes whose rows are records, by table name."""
    mapped = [mapper.class_ for mapper in Base.registry.mappers]
    return sorted((item for item in mapped if item.trailed), key=lambda item: item.__tablename__)


def guarded_tables() -> list[str]:
    """Names of all tables into which rows are only ever inserted."""
    return sorted([item.__tablename__ for item in record_tables()] + list(_TRAIL_TABLES))


def _unique_keys(name: str) -> list[tuple[tuple[str, ...], str]]:
    """Every key of a table that must be unique, with the condition under which it must."""
    table = Base.metadata.tables[name]
    keys = {tuple(column.name for column in table.primary_key): ""}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            keys[tuple(column.name for column in constraint.columns)] = ""
    for index in table.indexes:
        if index.unique:
            partial = index.dialect_options["sqlite"]["where"] is not None
            condition = " AND replaces_id IS NULL AND NEW.replaces_id IS NULL" if partial else ""
            keys[tuple(column.name for column in index.columns)] = condition
    return sorted(keys.items())


def _equal(columns: tuple[str, ...]) -> str:
    return " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)


def _sqlite(table: str) -> Iterator[tuple[str, str]]:
    for act in ("UPDATE", "DELETE"):
        name = f"guard_{table}_{act.lower()}"
        yield (
            name,
            f"CREATE TRIGGER {name} BEFORE {act} ON \"{table}\" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        )
    # INSERT OR REPLACE deletes without firing the delete trigger, so a key that is taken is refused before the insert.
    taken = " OR ".join(f"({_equal(columns)}{condition})" for columns, condition in _unique_keys(table))
    name = f"guard_{table}_replace"
    yield (
        name,
        f'CREATE TRIGGER {name} BEFORE INSERT ON "{table}" WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {taken}) '  # noqa: S608 # nosec B608 - names of our own tables
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    )


_PG_BODY = f" BEGIN RAISE EXCEPTION '{REFUSAL}'; END "
_PG_FUNCTION = (
    f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${_PG_BODY}$$"
)
_PG_TYPES = {"row": 1 + 2 + 8 + 16, "truncate": 2 + 32}
"""pg_trigger.tgtype of our two triggers: for each row, before, delete, update; before, truncate."""


def _postgresql(table: str) -> Iterator[tuple[str, str]]:
    row, whole = f"guard_{table}_row", f"guard_{table}_truncate"
    yield (
        row,
        (
            f'CREATE TRIGGER {row} BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        ),
    )
    yield (
        whole,
        (
            f'CREATE TRIGGER {whole} BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
        ),
    )


def _triggers(dialect: str, table: str) -> Iterator[tuple[str, str]]:
    return _sqlite(table) if dialect == "sqlite" else _postgresql(table)


def install(connection: Connection, tables: list[str]) -> None:
    """Create the triggers of these tables. Migrations call it for every table they create or rebuild."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text(_PG_FUNCTION))
    for table in tables:
        for _, statement in _triggers(dialect, table):
            connection.execute(text(statement))


def remove(connection: Connection) -> None:
    """Drop all our triggers, so that they can be installed anew."""
    dialect = connection.dialect.name
    for table in guarded_tables():
        for name, _ in _triggers(dialect, table):
            on = "" if dialect == "sqlite" else f' ON "{table}"'
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))


def missing(connection: Connection) -> list[str]:
    """Names of triggers that should exist and do not (a table rebuild drops them silently), or were altered."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        present = {row.name: row.sql for row in rows}
        wanted = {name: sql for table in guarded_tables() for name, sql in _sqlite(table)}
        return sorted(name for name, sql in wanted.items() if present.get(name) != sql)
    # Enabled, unconditional, on the right acts, and calling the function whose body refuses.
    whole = text(
        "SELECT tgname, tgtype FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE n.nspname = current_schema() AND tgenabled IN ('O', 'A') AND tgqual IS NULL "
        "AND tgattr = '' AND p.prosrc = :body"
    )
    names = {(row.tgname, row.tgtype) for row in connection.execute(whole, {"body": _PG_BODY})}
    return sorted(
        name
        for table in guarded_tables()
        for name, _ in _postgresql(table)
        if (name, _PG_TYPES[name.rpartition("_")[2]]) not in names
    )
