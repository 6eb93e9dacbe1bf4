"""Migrations: numbered, forward only, run by the owner from the command line, never at start-up."""

from __future__ import annotations

from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine

from labrecords.models import guards, roles
from labrecords.models.base import Base
from labrecords.models.engine import sqlite_module
from labrecords.models.schema import VERSION_TABLE, newest


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("labrecords.models") / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _owner_engine(owner_url: str) -> Engine:
    options = {"module": sqlite_module()} if owner_url.startswith("sqlite") else {}
    return create_engine(owner_url, **options)


def migrate(owner_url: str, application_url: str) -> str:
    """Bring a database to the newest migration, as its owner. Returns that number.

    On PostgreSQL the role of the application's address has then exactly the rights that are declared.
    """
    engine = _owner_engine(owner_url)
    try:
        with engine.begin() as connection:
            roles.name_application(connection, application_url)
            command.upgrade(_config(connection), "head")
            roles.settle(connection)
    finally:
        engine.dispose()
    return newest()


def differences(connection: Connection) -> list[object]:
    """How the database differs from the models; empty when they are equal."""
    context = MigrationContext.configure(
        connection,
        opts={"version_table": VERSION_TABLE, "compare_type": True, "target_metadata": Base.metadata},
    )
    return list(compare_metadata(context, Base.metadata))


def restore_guards(owner_url: str) -> list[str]:
    """Put back missing or altered triggers, as the owner. Returns the names of those that were missing."""
    engine = _owner_engine(owner_url)
    try:
        with engine.begin() as connection:
            missing = guards.missing(connection)
            if missing:
                guards.remove(connection)
                guards.install(connection, guards.guarded_tables())
    finally:
        engine.dispose()
    return missing
