"""The application's role on PostgreSQL: exactly the declared rights, and no start with fewer or more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from labrecords.config import Settings
from labrecords.installation import NotReady, create_installation, open_installation
from labrecords.models import guards, migrate, roles
from labrecords.models.schema import MigrationRefused
from tests.support.installations import SITE
from tests.support.lab import Lab
from tests.support.postgres import ADMIN_ROLE, APP_ROLE


def as_owner(lab: Lab, statement: str) -> None:
    lab.tampered = True
    engine = create_engine(lab.installation.settings.owner_database_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def administrator(lab: Lab) -> Iterator[psycopg.Connection]:
    """The superuser of the tests' own server, in the laboratory's database."""
    url = make_url(lab.installation.settings.owner_database_url)
    host, name = str(url.query["host"]), url.database
    with psycopg.connect(host=host, dbname=name, user=ADMIN_ROLE, autocommit=True) as connection:
        yield connection


def rights(lab: Lab) -> dict[str, frozenset[str]]:
    with lab.store.read() as session:
        return roles.held(session.connection())


def refusal(settings: Settings) -> str:
    with pytest.raises(NotReady) as why:
        open_installation(settings)
    return str(why.value)


@pytest.mark.req("ASVS-13.2.2")
def test_the_application_has_exactly_the_declared_rights_on_every_table(postgres_lab: Lab) -> None:
    assert rights(postgres_lab) == roles.declared()


def test_records_and_trail_are_only_read_and_inserted() -> None:
    declared = roles.declared()
    assert {declared[name] for name in guards.guarded_tables()} == {frozenset({"SELECT", "INSERT"})}


def test_the_application_can_neither_change_a_record_nor_the_schema(postgres_lab: Lab) -> None:
    with postgres_lab.store.writing.connect() as connection:
        for statement in (
            "UPDATE batch SET number = 'KRK-26-9999'",
            "DELETE FROM trail_event",
            "TRUNCATE trail_event",
            "ALTER TABLE batch DISABLE TRIGGER ALL",
            "DROP TRIGGER guard_batch_row ON batch",
            "SET session_replication_role = replica",
            "UPDATE schema_version SET version_num = '0001'",
        ):
            with pytest.raises(Exception, match=r"permission denied|must be owner"):
                connection.execute(text(statement))
            connection.rollback()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            f"REVOKE INSERT ON trail_event FROM {APP_ROLE}",
            f"The role {APP_ROLE} may not INSERT on trail_event.",
        ),
        (f"REVOKE ALL ON batch, harvest FROM {APP_ROLE}", "may not SELECT, INSERT on batch and 1 more."),
        (f"GRANT DELETE ON trail_event TO {APP_ROLE}", "may, and must not, DELETE on trail_event."),
        (f"GRANT UPDATE (number) ON batch TO {APP_ROLE}", "may, and must not, UPDATE on batch."),
        ("GRANT TRUNCATE ON batch TO PUBLIC", "may, and must not, TRUNCATE on batch."),
    ],
)
def test_rights_that_are_missing_or_too_wide_stop_the_start_and_migrating_mends_them(
    postgres_lab: Lab, change: str, sentence: str
) -> None:
    settings = postgres_lab.installation.settings
    as_owner(postgres_lab, change)
    said = refusal(settings)
    assert sentence in said
    assert "Run `labrecords migrate`" in said
    migrate.migrate(settings.owner_database_url, settings.database_url)
    assert rights(postgres_lab) == roles.declared()
    open_installation(settings).close()


def test_the_owner_does_not_serve(postgres_lab: Lab) -> None:
    settings = postgres_lab.installation.settings
    said = refusal(replace(settings, database_url=settings.owner_database_url))
    assert "signs in to PostgreSQL as labrecords_owner, which owns the database" in said
    assert "CREATE ROLE" in said
    assert "LABRECORDS_OWNER_DATABASE_URL" in said


def test_who_may_become_the_owner_does_not_serve_either(postgres_lab: Lab) -> None:
    with administrator(postgres_lab) as admin:
        admin.execute(f"GRANT labrecords_owner TO {APP_ROLE}")
        try:
            assert "could change records" in refusal(postgres_lab.installation.settings)
        finally:
            admin.execute(f"REVOKE labrecords_owner FROM {APP_ROLE}")


def test_the_role_has_the_name_that_its_address_says(postgres_lab: Lab) -> None:
    settings = postgres_lab.installation.settings
    url = settings.database_url.replace(f"//{APP_ROLE}@", "//the%20clinic@")
    with administrator(postgres_lab) as admin:
        admin.execute('CREATE ROLE "the clinic" LOGIN')
        try:
            assert "may not SELECT" in refusal(replace(settings, database_url=url))
            migrate.migrate(settings.owner_database_url, url)
            open_installation(replace(settings, database_url=url)).close()
        finally:
            admin.execute('DROP OWNED BY "the clinic"')
            admin.execute('DROP ROLE "the clinic"')


def test_a_role_that_is_not_there_is_named_with_how_it_is_made(postgres_lab: Lab) -> None:
    settings = postgres_lab.installation.settings
    url = settings.database_url.replace(f"//{APP_ROLE}@", "//nobody_yet@")
    with pytest.raises(MigrationRefused, match=r"no role nobody_yet .* CREATE ROLE \"nobody_yet\" LOGIN"):
        migrate.migrate(settings.owner_database_url, url)
    nameless = settings.database_url.replace(f"//{APP_ROLE}@", "//")
    with pytest.raises(MigrationRefused, match="names no role"):
        migrate.migrate(settings.owner_database_url, nameless)


def test_an_installation_without_the_role_can_be_made_again_once_it_is_there(postgres_lab: Lab) -> None:
    settings = postgres_lab.installation.settings
    folder = settings.data_dir.parent / "other"
    url = settings.database_url.replace(f"//{APP_ROLE}@", "//nobody_yet@")
    with pytest.raises(NotReady, match="There is no role nobody_yet on the server"):
        create_installation(replace(settings, data_dir=folder, database_url=url), SITE)
    assert not (folder / "initialised").exists()
