"""The database as actions see it: a write session that queues, a read session that cannot write, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from labrecords.models.engine import read_engine, write_engine
from labrecords.models.session import WriteSession


def server_clock() -> datetime:
    """The server's time in UTC; a client's clock is never asked."""
    return datetime.now(UTC)


class Store:
    """Engines and clock of one installation. The clock can be another in tests and in the demonstration."""

    def __init__(self, url: str, clock: Callable[[], datetime] = server_clock) -> None:
        self.clock = clock
        self.writing = write_engine(url)
        self.reading = read_engine(url)

    @property
    def sqlite(self) -> bool:
        return self.writing.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that cannot write."""
        with Session(self.reading, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """A write session; whoever opened it commits. Only actions/door.py does."""
        with WriteSession(bind=self.writing) as session:
            yield session

    def forget_deleted(self) -> bool:
        """Take what was deleted out of the write-ahead log too; the database file holds zeros there already.

        Returns whether it is done: a page that still reads an older state can hold it up. On PostgreSQL the
        server's own VACUUM does it, in its time, and the answer is False.
        """
        if not self.sqlite:
            return False
        connection = self.writing.raw_connection()
        try:
            cursor = connection.cursor()
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return bool(busy == 0)
        finally:
            connection.close()

    def close(self) -> None:
        self.writing.dispose()
        self.reading.dispose()
