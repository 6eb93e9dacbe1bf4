"""PostgreSQL's own tools for a copy: pg_dump and pg_restore, and a database of its own to restore one into.

Passwords go to the tools by their environment, never by the command line, which everybody on the machine can read.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from labrecords.upkeep.failure import UpkeepFailed

PROOF = "labrecords_proof_"
_ENVIRONMENT = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT", "passfile": "PGPASSFILE", "service": "PGSERVICE",
}  # fmt: skip
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class CannotProve(Exception):
    """There is no database in which the copy could be restored; the text says what is missing."""


def environment_of(address: str) -> dict[str, str]:
    """The environment by which PostgreSQL's tools find a database of SQLAlchemy's address."""
    url = make_url(address)
    parts = {
        "host": url.host,
        "port": str(url.port) if url.port else None,
        "user": url.username,
        "password": str(url.password) if url.password else None,
        "dbname": url.database,
        **{name: value for name, value in url.query.items() if isinstance(value, str)},
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PGPASSFILE") if name in os.environ}
    return kept | {
        _ENVIRONMENT[name]: value for name, value in parts.items() if value and name in _ENVIRONMENT
    }


def tool(name: str, server: int) -> Path:
    """The newest such tool of this machine that serves a server of this version. Raises UpkeepFailed."""
    folders = [path / "bin" for path in Path("/usr/lib/postgresql").glob("*")]
    on_path = shutil.which(name)
    candidates = [Path(on_path)] if on_path else []
    candidates += [folder / name for folder in folders if (folder / name).is_file()]
    found = sorted(((_version(path), path) for path in candidates), reverse=True)
    if not found:
        raise UpkeepFailed(f"{name} is missing. Install the package postgresql-client-{server}.")
    version, path = found[0]
    if version < server:
        raise UpkeepFailed(
            f"{name} {version} is older than the server, which is PostgreSQL {server}. Install the package "
            f"postgresql-client-{server}."
        )
    return path


def _version(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    match = _VERSION.search(said)
    return int(match[1]) if match else 0


def server_version(address: str) -> int:
    """The main number of the server's version. Raises UpkeepFailed when it does not answer."""
    return int(str(_asked(address, "SHOW server_version_num"))) // 10000


def _asked(address: str, question: str, **given: str) -> object:
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            return connection.execute(text(question), given).scalar_one()
    except DBAPIError as error:
        raise UpkeepFailed(f"The database does not answer: {_first_line(error.orig)}") from error
    finally:
        engine.dispose()


def dump(owner: str, to: Path) -> None:
    """A dump of the whole database at one moment, while others write. Raises UpkeepFailed."""
    pg_dump = tool("pg_dump", server_version(owner))
    # Not compressed: the archive around it is.
    _run([str(pg_dump), "--format=custom", "--compress=0", f"--file={to}"], owner, "pg_dump")


def restore_dump(file: Path, address: str) -> None:
    """Put a dump into an empty database, without who may do what: a migration grants that. Raises UpkeepFailed."""
    pg_restore = tool("pg_restore", server_version(address))
    words = [
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        f"--dbname={make_url(address).database}",
    ]
    _run([str(pg_restore), *words, str(file)], address, "pg_restore")


def _run(words: list[str], address: str, name: str) -> None:
    done = subprocess.run(words, env=environment_of(address), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UpkeepFailed(f"{name} failed: {_first_line(done.stderr) or 'it did not say why'}")


def _first_line(said: object) -> str:
    return next((line.strip() for line in str(said).splitlines() if line.strip()), "")


def size_bytes(address: str) -> int:
    """How large a database is. Raises UpkeepFailed when it does not answer."""
    return int(str(_asked(address, "SELECT pg_database_size(current_database())")))


def is_empty(address: str) -> bool:
    """Whether a database holds no table yet. Raises UpkeepFailed when it does not answer."""
    question = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return _asked(address, question) == 0


def connected(address: str, role: str) -> int:
    """How many connections of a role are open on this database, beside the one that asks."""
    question = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = :name "
        "AND pid <> pg_backend_pid()"
    )
    return int(str(_asked(address, question, name=role)))


@contextmanager
def proof_database(address: str, site_code: str) -> Iterator[str]:
    """The address of an empty database that is removed afterwards; what a killed run left goes first.

    Called while `alone`. Raises CannotProve where the role may not make one.
    """
    url = make_url(address)
    mine = f"{PROOF}{site_code.lower()}_"
    name = mine + secrets.token_hex(4)
    try:
        for left in _names(url, mine):
            _administer(url, f'DROP DATABASE "{left}" WITH (FORCE)')
        _administer(url, f'CREATE DATABASE "{name}"')
    except DBAPIError as error:
        raise CannotProve(
            f"no database could be made to restore the copy into ({_first_line(error.orig)}). Let the owner's role "
            "make databases (ALTER ROLE ... CREATEDB), or set LABRECORDS_SCRATCH_DATABASE_URL to a role that may"
        ) from error
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _names(url: URL, begin: str) -> list[str]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT datname FROM pg_database")).scalars().all()
    finally:
        engine.dispose()
    pattern = re.compile(re.escape(begin) + "[0-9a-f]{8}")
    return [name for name in found if pattern.fullmatch(name)]


def _administer(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
