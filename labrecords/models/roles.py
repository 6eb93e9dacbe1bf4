"""The two roles on PostgreSQL: the owner migrates; the application may only read and insert records."""

from __future__ import annotations

from sqlalchemy import Connection, text

APPLICATION_ROLE = "labrecords_app"


def grant(connection: Connection, guarded: list[str], plain: list[str]) -> None:
    """Grant the application role what it needs on these tables, where that role exists. Nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    exists = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APPLICATION_ROLE}
    )
    if exists.first() is None:
        return
    for table in guarded:
        connection.execute(text(f'GRANT SELECT, INSERT ON "{table}" TO {APPLICATION_ROLE}'))
    for table in plain:
        connection.execute(text(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {APPLICATION_ROLE}'))
    connection.execute(text(f"GRANT SELECT ON schema_version TO {APPLICATION_ROLE}"))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE}"))
