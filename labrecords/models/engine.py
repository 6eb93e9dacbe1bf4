"""Engines: pages read through one that cannot write; actions write through one that queues its writers.

SQLite is the one bundled with `pysqlite3` where that has a wheel: SQLite before 3.51.3 can corrupt a database in WAL
mode with several connections. Where only an older one is there, a rollback journal is used instead.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

try:
    from pysqlite3 import dbapi2 as _bundled
except ImportError:
    _bundled = None

FIRST_SAFE_WAL = (3, 51, 3)
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15000,
}
"""A server that is gone is noticed in seconds, not after the minutes of the operating system."""
READS_ONLY = "-c default_transaction_read_only=on"
ENDS_ALONE = "-c idle_in_transaction_session_timeout=60s"
"""The server gives up a transaction whose application is gone: its locks would hold everybody up."""
TAKEN_BACK = ("40001", "40P01")
"""PostgreSQL gave a transaction up for the sake of another: serialization failure, deadlock."""


def sqlite_module() -> ModuleType:
    """The SQLite driver in use."""
    return _bundled or sqlite3


def sqlite_version() -> tuple[int, ...]:
    return tuple(sqlite_module().sqlite_version_info)


def wal_is_safe() -> bool:
    """Whether this SQLite is free of the race that can corrupt a database in WAL mode."""
    return sqlite_version() >= FIRST_SAFE_WAL


def read_options(url: str) -> dict[str, Any]:
    """Options for an engine that is physically unable to write."""
    if url.startswith("sqlite"):
        return {"module": sqlite_module()}
    return _network(url, READS_ONLY)


def make_read_only(engine: Engine) -> None:
    """Finish an engine made with `read_options`: on SQLite every connection refuses to write."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def connect(connection: Any, _: Any) -> None:
            _pragmas(connection)
            connection.execute("PRAGMA query_only = ON")


def read_engine(url: str) -> Engine:
    """An engine for reading only. Whoever reads several times sees one state of the database, not several."""
    options = read_options(url)
    if url.startswith("sqlite"):
        engine = create_engine(url, **options)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    else:
        engine = create_engine(url, isolation_level="REPEATABLE READ", **options)
    make_read_only(engine)
    return engine


def write_engine(url: str) -> Engine:
    """The engine that actions write through. On SQLite writers wait in a fair queue, then take the write lock."""
    if not url.startswith("sqlite"):
        return create_engine(url, **_network(url, ENDS_ALONE))
    engine = create_engine(url, module=sqlite_module(), connect_args={"timeout": 30})
    _queue_writers(engine)
    return engine


def _network(url: str, options: str) -> dict[str, Any]:
    """Options of a connection to PostgreSQL; what the address itself says of the network counts."""
    said = make_url(url).query
    given = {name: value for name, value in NETWORK.items() if name not in said}
    return {"connect_args": {**given, "options": options}, "pool_pre_ping": True}


def lost(error: BaseException) -> bool:
    """Whether PostgreSQL was gone on the way, or gave the transaction up for another: nothing is wrong with the act."""
    state = getattr(getattr(error, "orig", None), "sqlstate", "")
    if not isinstance(error, DBAPIError) or state == "":
        return False  # SQLite's errors have no such state: none of them comes from a connection
    if state is None:
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state in TAKEN_BACK or state.startswith(("08", "57P"))


def reached(engine: Engine) -> str:
    """How PostgreSQL is reached, as it was found to be."""
    asked = text(
        "SELECT current_setting('server_version') AS server, current_user AS role, s.ssl, s.version "
        "FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()"
    )
    with engine.connect() as connection:
        row = connection.execute(asked).one()
    said = engine.url.query
    where = engine.url.host or "its socket"
    over = f"over {row.version}, sslmode {said.get('sslmode', 'prefer')}" if row.ssl else "without TLS"
    return f"PostgreSQL {row.server.split(' ')[0]} at {where}, as {row.role}, {over}"


def _pragmas(connection: Any) -> None:
    # The driver must not begin transactions by itself: the begin listener below does.
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "trusted_schema = OFF",
        "synchronous = FULL",
        "temp_store = MEMORY",
        # What is deleted is overwritten with zeros: the identity of a patient that was erased, say.
        "secure_delete = ON",
        "busy_timeout = 30000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _queue_writers(engine: Engine) -> None:
    """Measured: with BEGIN IMMEDIATE alone, 16 writers wait up to seconds; with a lock file before it, milliseconds."""
    lock = threading.Lock()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        _pragmas(connection)
        if wal_is_safe():
            connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        lock.acquire()
        connection.info["lock"] = lock
        path = engine.url.database
        if path and path != ":memory:":
            handle = os.open(path + ".lock", os.O_CREAT | os.O_RDWR, 0o600)
            connection.info["lock_file"] = handle
            fcntl.flock(handle, fcntl.LOCK_EX)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def checkin(_: Any, record: Any) -> None:
        # Not in "commit", which fires before the COMMIT is sent.
        handle = record.info.pop("lock_file", None)
        if handle is not None:
            os.close(handle)
        held = record.info.pop("lock", None)
        if held is not None:
            held.release()
