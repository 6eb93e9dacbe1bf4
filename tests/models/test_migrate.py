"""Migrations: they make exactly the models, run forward only, and a start with one pending refuses."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy import inspect as inspect_database

from labrecords.cli import main
from labrecords.installation import NotReady, open_installation
from labrecords.models import guards, migrate, schema
from labrecords.models.base import Base
from labrecords.models.engine import sqlite_module
from labrecords.models.migrations import versions
from tests.support.lab import Lab

VERSIONS = Path(inspect.getfile(versions)).parent


def test_the_migrations_make_exactly_the_models(lab_on_both: Lab) -> None:
    with lab_on_both.store.read() as session:
        assert migrate.differences(session.connection()) == []


def test_a_difference_between_models_and_database_is_noticed(lab: Lab) -> None:
    lab.tampered = True
    engine = create_engine(lab.installation.settings.database_url, module=sqlite_module())
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE harvest ADD COLUMN colour TEXT"))
        assert "colour" in str(migrate.differences(connection))
    engine.dispose()


def test_an_installation_stands_at_the_newest_migration(lab_on_both: Lab) -> None:
    with lab_on_both.store.read() as session:
        assert schema.current(session.connection()) == schema.newest()


def test_migrating_again_changes_nothing(lab_on_both: Lab) -> None:
    lab = lab_on_both
    lab.play("order")
    settings = lab.installation.settings
    assert migrate.migrate(settings.owner_database_url, settings.database_url) == schema.newest()
    assert lab.record("KRK-26-0001").current("order")


def test_an_empty_database_stands_at_no_migration(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}", module=sqlite_module())
    with engine.connect() as connection:
        assert schema.current(connection) is None
    engine.dispose()


@pytest.mark.parametrize("run_log", [None, "spin.csv"])
def test_a_column_falls_away_only_where_no_record_would_differ_from_its_trail(
    tmp_path: Path, run_log: str | None
) -> None:
    url = f"sqlite:///{tmp_path / 'older.sqlite3'}"
    engine = create_engine(url, module=sqlite_module())
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0019")
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        columns = inspect_database(connection).get_columns("centrifugation")
        stated = {f'"{column["name"]}"': "1" for column in columns if not column["nullable"]}
        stated["run_log"] = "NULL" if run_log is None else f"'{run_log}'"
        names, values = ", ".join(stated), ", ".join(stated.values())
        connection.execute(text(f"INSERT INTO centrifugation ({names}) VALUES ({values})"))
    environment = {"LABRECORDS_DATABASE_URL": url, "LABRECORDS_DATA_DIR": str(tmp_path)}
    answer = CliRunner().invoke(main, ["migrate"], env=environment)
    with engine.connect() as connection:
        if run_log is None:
            assert schema.current(connection) == schema.newest()
        else:
            assert (answer.exit_code, schema.current(connection)) == (1, "0019")
            assert "Error: A spin of this database names its run log" in answer.output
    engine.dispose()


def test_a_start_with_a_pending_migration_refuses_and_says_the_command(lab: Lab) -> None:
    lab.tampered = True
    engine = create_engine(lab.installation.settings.database_url, module=sqlite_module())
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = '0000'"))
    engine.dispose()
    with pytest.raises(NotReady, match=r"stands at migration 0000, .* then run `labrecords migrate`"):
        open_installation(lab.installation.settings)


def test_a_start_with_an_empty_database_refuses_and_says_the_command(lab: Lab) -> None:
    lab.tampered = True
    lab.disconnect()
    for file in lab.folder.glob("labrecords.sqlite3*"):
        file.unlink()
    with pytest.raises(NotReady, match=r"The database is empty\. Run `labrecords init`"):
        open_installation(lab.installation.settings)


def test_every_guarded_table_of_the_models_was_guarded_by_a_migration() -> None:
    listed: set[str] = set()
    for file in VERSIONS.glob("[0-9]*.py"):
        tree = ast.parse(file.read_text())
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "GUARDED":
                listed |= set(ast.literal_eval(node.value))
    assert listed == set(guards.guarded_tables())


def test_migrations_are_numbered_without_holes_and_go_forward_only() -> None:
    files = sorted(file for file in VERSIONS.glob("[0-9]*.py"))
    assert [file.name[:4] for file in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert schema.newest() == files[-1].name[:4]
    assert ScriptDirectory.from_config(migrate._config()).get_current_head() == schema.newest()
    for file in files:
        names = {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}
        assert names == {"upgrade"}, f"{file.name} is forward only"


def test_the_names_of_the_tables_are_those_of_the_kinds() -> None:
    from labrecords.domain.kinds import KINDS

    assert set(KINDS) <= set(Base.metadata.tables)


def test_two_migrations_of_an_empty_database_at_once_do_not_harm_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'two.sqlite3'}"
    command = [
        sys.executable,
        "-c",
        f"from labrecords.models.migrate import migrate; migrate({url!r}, {url!r})",
    ]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    codes = [process.wait(timeout=60) for process in both]
    for process in both:
        assert process.stderr is not None
        process.stderr.close()
    assert 0 in codes
    engine = create_engine(url, module=sqlite_module())
    with engine.connect() as connection:
        assert migrate.differences(connection) == []
        assert guards.missing(connection) == []
    engine.dispose()
