"""A PostgreSQL server of the tests' own, from the system's binaries, as root and as a plain user.

It listens on a socket in a temporary folder only, trusts whoever can reach that folder, and, unless it is a durable
one, does not wait for the disk: nothing of it may be used where data matter, nor in a test of crash safety.
"""

from __future__ import annotations

import glob
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from tests.support.tools import missing

ADMIN_ROLE = "postgres"
#: Owns the databases and runs the migrations; not a superuser, as in a real installation.
OWNER_ROLE = "labrecords_owner"
#: What the application signs in as; has no right that a migration does not give it.
APP_ROLE = "labrecords_app"


def find_bindir() -> Path | None:
    """The folder of `initdb` and `postgres` (newest version first), or None."""
    folders = glob.glob(os.path.join(os.sep, "usr", "lib", "postgresql", "*", "bin"))
    folders.sort(key=lambda folder: [int(part) for part in Path(folder).parent.name.split(".")], reverse=True)
    if chosen := os.environ.get("PG_BINDIR"):
        folders.insert(0, chosen)
    if on_path := shutil.which("initdb"):
        folders.append(str(Path(on_path).parent))
    return next((Path(folder) for folder in folders if Path(folder, "initdb").is_file()), None)


class PostgresServer:
    """One server; `start` before the rest, `stop` removes everything. A durable one can `crash` between."""

    def __init__(self, bindir: Path, *, durable: bool = False) -> None:
        self.bindir, self.durable = bindir, durable
        self.folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises RuntimeError with the end of the log."""
        # A short name: the path of a socket may have no more than about 100 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="pgt-"))
        as_user = self._unprivileged()
        locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
        log = self.folder / "log"
        with log.open("wb") as output:
            initdb = subprocess.run(
                [self.bindir / "initdb", "-D", self.folder / "data", "-U", ADMIN_ROLE, "--auth=trust",
                 "--encoding=UTF8", f"--locale={locale}", "--no-sync"],
                stdout=output, stderr=output, check=False, **as_user,
            )  # fmt: skip
        if initdb.returncode == 0:
            self._run()
        if not self._answers(within_s=30):
            story = log.read_text(errors="replace")[-2000:]
            self.stop()
            raise RuntimeError(f"PostgreSQL for the tests did not start:\n{story}")
        for role in (OWNER_ROLE, APP_ROLE):
            self._execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))

    def _run(self) -> None:
        assert self.folder is not None
        hurried = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with (self.folder / "log").open("ab") as output:
            self._process = subprocess.Popen(
                [self.bindir / "postgres", "-D", self.folder / "data", "-c", "listen_addresses=",
                 "-c", f"unix_socket_directories={self.folder}", *([] if self.durable else hurried)],
                stdout=output, stderr=output, **self._unprivileged(),
            )  # fmt: skip

    def crash(self, *, away_s: float = 0) -> None:
        """End it as a power cut does, and start it again: it recovers from its log what it had committed."""
        assert self.durable, "what is not durable is lost"
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=20)
        time.sleep(away_s)
        self._run()
        if not self._answers(within_s=30):
            raise RuntimeError("PostgreSQL did not come back")

    def stop(self) -> None:
        """Shut down at once, whoever is connected, and remove the folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self.folder is not None:
            shutil.rmtree(self.folder)
            self.folder = None

    def url(self, name: str, *, role: str = OWNER_ROLE) -> str:
        """The SQLAlchemy address of the database `name` for somebody who signs in as `role`."""
        return f"postgresql+psycopg://{role}@/{quote(name)}?host={quote(str(self.folder))}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database that the owner role owns and return the owner's address.

        A `template` is copied, rows and rights too, in about 50 ms; nobody may be connected to it meanwhile.
        """
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy")
        names = [sql.Identifier(part) for part in (name, OWNER_ROLE, template or "template1")]
        self._execute(statement.format(*names))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove the database, whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database with a name of its own for one test, by the name that `url` takes."""
        name = f"t_{secrets.token_hex(6)}"
        self.create_database(name, template)
        try:
            yield name
        finally:
            self.drop_database(name)

    def _execute(self, statement: sql.Composed | LiteralString) -> None:
        with psycopg.connect(
            host=str(self.folder), dbname="postgres", user=ADMIN_ROLE, autocommit=True
        ) as connection:
            connection.execute(statement)

    def _answers(self, *, within_s: float) -> bool:
        process = self._process
        until = time.monotonic() + within_s
        while process is not None and process.poll() is None and time.monotonic() < until:
            try:
                self._execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def _unprivileged(self) -> dict[str, Any]:
        """What subprocess needs to leave root behind: initdb and postgres refuse to run as root."""
        assert self.folder is not None
        if os.geteuid() != 0:
            return {"cwd": self.folder}
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        user = names.get("postgres") or names["nobody"]
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        return {"cwd": self.folder, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server, shared by all tests of the run."""
    bindir = find_bindir()
    if bindir is None:
        missing("PostgreSQL", package="postgresql")
    server = PostgresServer(bindir)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The owner's address of an empty database of this test's own."""
    with postgres_server.database() as name:
        yield postgres_server.url(name)
