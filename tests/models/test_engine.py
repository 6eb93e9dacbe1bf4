"""Engines: one that cannot write, one whose writers queue, and the SQLite that is safe for both."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

import labrecords.installation
from labrecords.installation import NotReady, open_installation
from labrecords.models import engine
from labrecords.models.people import SignInFailure
from labrecords.models.store import Store
from tests.support.lab import Lab


def pragma(store: Store, name: str, *, writing: bool) -> object:
    chosen = store.writing if writing else store.reading
    with chosen.connect() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar()


@pytest.mark.parametrize("writing", [False, True])
def test_a_connection_to_sqlite_is_careful(lab: Lab, writing: bool) -> None:
    wanted = {
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "synchronous": 2,
        "query_only": int(not writing),
    }
    assert {name: pragma(lab.store, name, writing=writing) for name in wanted} == wanted


def test_the_bundled_sqlite_is_safe_with_a_write_ahead_log(lab: Lab) -> None:
    assert engine.sqlite_version() >= engine.FIRST_SAFE_WAL
    assert engine.wal_is_safe()
    assert pragma(lab.store, "journal_mode", writing=False) == "wal"


@pytest.mark.parametrize(
    ("version", "safe"), [((3, 51, 2), False), ((3, 51, 3), True), ((3, 40, 1), False), ((4, 0), True)]
)
def test_a_write_ahead_log_is_safe_from_one_version_on(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], safe: bool
) -> None:
    monkeypatch.setattr(engine, "sqlite_version", lambda: version)
    assert engine.wal_is_safe() is safe


def test_a_database_with_a_write_ahead_log_is_refused_under_an_unsafe_sqlite(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labrecords.installation, "wal_is_safe", lambda: False)
    with pytest.raises(NotReady, match=r"is in WAL mode, and SQLite 3\.\d+\.\d+ can corrupt .* pysqlite3"):
        open_installation(lab.installation.settings)


def test_an_unsafe_sqlite_keeps_a_rollback_journal(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "sqlite_version", lambda: (3, 40, 1))
    store = Store(f"sqlite:///{lab.folder / 'other.sqlite3'}")
    assert pragma(store, "journal_mode", writing=True) == "delete"
    store.close()


def test_reading_goes_on_while_somebody_writes(lab: Lab) -> None:
    with lab.store.write() as writing:
        writing.execute(insert(SignInFailure.__table__).values(account="a", source="b", at=lab.clock()))
        with lab.store.read() as reading:
            assert reading.execute(select(SignInFailure.id)).first() is None


def test_writers_queue_and_none_is_turned_away(lab: Lab) -> None:
    errors: list[Exception] = []
    waits: list[float] = []

    def write() -> None:
        for _ in range(10):
            start = time.perf_counter()
            try:
                with lab.store.write() as session:
                    values = {"account": "tess", "source": "test", "at": lab.clock.now}
                    session.execute(insert(SignInFailure.__table__).values(values))
                    session.commit()
            except DBAPIError as error:
                errors.append(error)
            waits.append(time.perf_counter() - start)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert len(waits) == 80
    with lab.store.read() as session:
        assert len(session.execute(select(SignInFailure.id)).all()) == 80


PROCESS = """
    import sys
    from datetime import UTC, datetime
    from sqlalchemy import insert
    from labrecords.models.people import SignInFailure
    from labrecords.models.store import Store
    store = Store(sys.argv[1])
    for _ in range(10):
        with store.write() as session:
            values = {"account": "tess", "source": "process", "at": datetime.now(UTC)}
            session.execute(insert(SignInFailure.__table__).values(values))
            session.commit()
    store.close()
"""


def test_writers_of_several_processes_queue_too(lab: Lab) -> None:
    command = [sys.executable, "-c", textwrap.dedent(PROCESS), lab.installation.settings.database_url]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    with lab.store.read() as session:
        assert len(session.execute(select(SignInFailure.id)).all()) == 30


def test_a_writer_that_failed_leaves_the_queue(lab: Lab) -> None:
    def fail() -> None:
        with lab.store.write() as session:
            session.execute(select(SignInFailure.id))
            raise RuntimeError("in the middle")

    for _ in range(3):
        with pytest.raises(RuntimeError):
            fail()
    lab.open_batch()
