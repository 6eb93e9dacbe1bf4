"""At which migration a database stands, and which one the program needs. Asked at every start, without Alembic."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import Connection, inspect, text


class MigrationRefused(Exception):
    """A migration would lose what was recorded; the text says what to do. The database stands where it stood."""


VERSION_TABLE = "schema_version"


def newest() -> str:
    """Number of the newest migration: its file is named by it."""
    versions = resources.files("labrecords.models") / "migrations" / "versions"
    return max(file.name[:4] for file in versions.iterdir() if file.name[:4].isdigit())


def current(connection: Connection) -> str | None:
    """Number of the migration the database stands at, or None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    number: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 # nosec B608 - a name written above
    return number
