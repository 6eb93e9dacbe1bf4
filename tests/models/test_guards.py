"""What the database itself refuses: changing or removing anything that was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DatabaseError, DBAPIError

from labrecords.installation import NotReady, open_installation
from labrecords.models import guards, migrate
from labrecords.models.base import Base
from labrecords.models.engine import sqlite_module
from labrecords.models.session import undeclared_columns
from tests.support.everything import fill_every_table
from tests.support.lab import Lab


def owner_engine(lab: Lab) -> Engine:
    """A connection past the application, as the owner of the database."""
    url = lab.installation.settings.owner_database_url
    return create_engine(url, **({"module": sqlite_module()} if url.startswith("sqlite") else {}))


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def refused(connection: Connection, statement: str) -> bool:
    """Whether the database refuses a statement. What it did is undone."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(text(statement))
    except DBAPIError as error:
        if not any(words in str(error) for words in ("append-only", "permission denied", "must be owner")):
            raise
        return True
    finally:
        savepoint.rollback()
    return False


def some_column(table: str) -> str:
    return next(column.name for column in Base.metadata.tables[table].columns if not column.foreign_keys)


ATTACKS = {
    "update": 'UPDATE "{table}" SET "{column}" = "{column}"',
    "delete": 'DELETE FROM "{table}"',
    "replace": 'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"',
    "upsert": 'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE true ON CONFLICT ({key}) '
    'DO UPDATE SET "{column}" = excluded."{column}"',
    "truncate": 'TRUNCATE "{table}" CASCADE',
}
FIXTURES = {"sqlite": "lab", "postgresql": "postgres_lab"}
ONLY = {"replace": "sqlite", "truncate": "postgresql"}


def attack(name: str, table: str) -> str:
    key = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].primary_key)
    return ATTACKS[name].format(table=table, column=some_column(table), key=key)


@pytest.mark.req("P11-10e")
@pytest.mark.parametrize(
    ("dialect", "name"),
    [(dialect, name) for name in ATTACKS for dialect in FIXTURES if ONLY.get(name, dialect) == dialect],
)
def test_no_recorded_row_can_be_changed_or_removed_even_by_the_owner(
    request: pytest.FixtureRequest, dialect: str, name: str
) -> None:
    lab: Lab = request.getfixturevalue(FIXTURES[dialect])
    fill_every_table(lab)
    with connected(owner_engine(lab)) as connection:
        for table in guards.guarded_tables():
            assert connection.execute(text(f'SELECT 1 FROM "{table}"')).first(), f"{table} is empty"
        allowed = [table for table in guards.guarded_tables() if not refused(connection, attack(name, table))]
    assert allowed == []


def test_replacing_by_another_unique_key_is_refused_too(lab: Lab) -> None:
    with connected(owner_engine(lab)) as connection:
        statement = (
            "INSERT OR REPLACE INTO person (id, username, name, added_at) "
            "VALUES ('new', 'tess', 'Mallory', '2026-11-23T08:00:00.000000Z')"
        )
        assert refused(connection, statement)


def test_a_refusal_does_not_depend_on_the_settings_of_a_connection(lab: Lab) -> None:
    with connected(owner_engine(lab)) as connection:
        for setting in ("recursive_triggers = OFF", "foreign_keys = OFF", "trusted_schema = ON"):
            connection.execute(text(f"PRAGMA {setting}"))
        assert all(refused(connection, attack(name, "person")) for name in ("update", "delete", "replace"))


def test_the_application_may_only_add_and_read_records(postgres_lab: Lab) -> None:
    lab = postgres_lab
    fill_every_table(lab)
    with connected(create_engine(lab.installation.settings.database_url)) as connection:
        for name in ("update", "delete", "upsert", "truncate"):
            assert [
                table for table in guards.guarded_tables() if not refused(connection, attack(name, table))
            ] == []


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "person" DISABLE TRIGGER ALL',
        'DROP TRIGGER guard_person_row ON "person"',
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        'ALTER TABLE "person" ADD COLUMN nickname text',
        'DROP TABLE "trail_event"',
        "CREATE TABLE elsewhere (id text)",
    ],
)
def test_the_application_cannot_take_the_guards_away(postgres_lab: Lab, statement: str) -> None:
    with connected(create_engine(postgres_lab.installation.settings.database_url)) as connection:
        assert refused(connection, statement)


# ---- noticing what is missing ------------------------------------------------------------------------------------


def test_nothing_is_missing_after_a_migration(lab_on_both: Lab) -> None:
    with lab_on_both.store.read() as session:
        assert guards.missing(session.connection()) == []


def change_guards(lab: Lab, *statements: str) -> None:
    lab.tampered = True
    lab.disconnect()
    engine = owner_engine(lab)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def missing(lab: Lab) -> list[str]:
    with lab.store.read() as session:
        return guards.missing(session.connection())


@pytest.mark.parametrize(
    ("dialect", "statements", "expected"),
    [
        ("sqlite", ("DROP TRIGGER guard_harvest_update",), ["guard_harvest_update"]),
        (
            "sqlite",
            (
                "DROP TRIGGER guard_harvest_delete",
                "CREATE TRIGGER guard_harvest_delete BEFORE DELETE ON harvest BEGIN SELECT 1; END",
            ),
            ["guard_harvest_delete"],
        ),
        ("postgresql", ("DROP TRIGGER guard_harvest_row ON harvest",), ["guard_harvest_row"]),
        ("postgresql", ("ALTER TABLE harvest DISABLE TRIGGER guard_harvest_row",), ["guard_harvest_row"]),
        (
            "postgresql",
            ("ALTER TABLE harvest ENABLE REPLICA TRIGGER guard_harvest_row",),
            ["guard_harvest_row"],
        ),
        (
            "postgresql",
            (
                "DROP TRIGGER guard_harvest_row ON harvest",
                "CREATE TRIGGER guard_harvest_row BEFORE UPDATE OR DELETE ON harvest FOR EACH ROW "
                "WHEN (false) EXECUTE FUNCTION refuse_change()",
            ),
            ["guard_harvest_row"],
        ),
        (
            "postgresql",
            (
                "DROP TRIGGER guard_harvest_row ON harvest",
                "CREATE TRIGGER guard_harvest_row BEFORE UPDATE OF note OR DELETE ON harvest FOR EACH ROW "
                "EXECUTE FUNCTION refuse_change()",
            ),
            ["guard_harvest_row"],
        ),
        (
            "postgresql",
            (
                "DROP TRIGGER guard_harvest_row ON harvest",
                "CREATE TRIGGER guard_harvest_row BEFORE DELETE ON harvest FOR EACH ROW "
                "EXECUTE FUNCTION refuse_change()",
            ),
            ["guard_harvest_row"],
        ),
    ],
)
def test_a_guard_that_was_dropped_or_altered_is_noticed(
    request: pytest.FixtureRequest, dialect: str, statements: tuple[str, ...], expected: list[str]
) -> None:
    lab: Lab = request.getfixturevalue(FIXTURES[dialect])
    change_guards(lab, *statements)
    assert missing(lab) == expected


def test_a_refusing_function_that_refuses_no_more_is_noticed(postgres_lab: Lab) -> None:
    change_guards(
        postgres_lab,
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    )
    assert len(missing(postgres_lab)) == 2 * len(guards.guarded_tables())


def test_a_rebuilt_table_has_lost_its_guards(lab: Lab) -> None:
    change_guards(
        lab,
        "CREATE TABLE copy AS SELECT * FROM residual",
        "DROP TABLE residual",
        "ALTER TABLE copy RENAME TO residual",
    )
    assert missing(lab) == ["guard_residual_delete", "guard_residual_replace", "guard_residual_update"]


def test_an_installation_with_a_missing_guard_does_not_open(lab: Lab) -> None:
    change_guards(lab, "DROP TRIGGER guard_harvest_update")
    with pytest.raises(
        NotReady, match=r"lacks 1 of the triggers .* guard_harvest_update.*labrecords migrate --guards"
    ):
        open_installation(lab.installation.settings)


def test_guards_can_be_put_back(lab_on_both: Lab) -> None:
    lab = lab_on_both
    on = "" if lab.store.sqlite else " ON harvest"
    name = "guard_harvest_update" if lab.store.sqlite else "guard_harvest_row"
    change_guards(lab, f"DROP TRIGGER {name}{on}")
    assert migrate.restore_guards(lab.installation.settings.owner_database_url) == [name]
    assert missing(lab) == []
    assert migrate.restore_guards(lab.installation.settings.owner_database_url) == []


def test_every_table_is_guarded_or_said_to_be_no_record() -> None:
    plain = set(Base.metadata.tables) - set(guards.guarded_tables())
    assert plain == {
        "batch_code",
        "ceremony",
        "factor_state",
        "recovery_code",
        "visit_due",
        "batch_overview",
        "batch_trace",
        "lot_use",
        "idempotency_key",
        "identity_vault",
        "sign_in_failure",
        "step_draft",
        "trail_head",
        "web_session",
    }


def test_every_column_has_a_trail_policy() -> None:
    assert undeclared_columns(Base.metadata.tables.values()) == []


def test_a_damaged_file_is_no_traceback(lab: Lab) -> None:
    lab.tampered = True
    lab.disconnect()
    (lab.folder / "labrecords.sqlite3").write_bytes(b"this is no database at all" * 100)
    for name in ("labrecords.sqlite3-wal", "labrecords.sqlite3-shm"):
        (lab.folder / name).unlink(missing_ok=True)
    with pytest.raises((NotReady, DatabaseError), match=r"cannot be opened"):
        open_installation(lab.installation.settings)
