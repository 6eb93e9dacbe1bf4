"""A copy of everything at one moment, while others write: the database, and the files of the data folder.

SQLite: one step of its backup interface, which sees one state and lets others write in WAL mode. PostgreSQL: pg_dump.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url

from labrecords.config import Settings
from labrecords.domain.upkeep.manifest import DATABASE, FILES
from labrecords.models.engine import sqlite_module
from labrecords.upkeep import postgres
from labrecords.upkeep.disk import LOCK, SCRATCH, settle, write_whole
from labrecords.upkeep.failure import UpkeepFailed

CHECKPOINTS, IDENTITY_KEYS, SECRET = "checkpoints.jsonl", "identity-keys", "secret"
_NOT_KEPT = (LOCK, "serving.lock", "upgrading.json")


def sqlite_file(url: str) -> Path:
    """The file of a SQLite database. Raises UpkeepFailed where there is none, as in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise UpkeepFailed("A database in memory has no backup.")
    return Path(name)


def copy_database(settings: Settings, to: Path) -> None:
    """Copy the database into a new file. Raises UpkeepFailed, OSError."""
    if settings.sqlite:
        copy_sqlite(sqlite_file(settings.database_url), to)
    else:
        postgres.dump(settings.owner_database_url, to)
        settle(to)


def copy_sqlite(source: Path, to: Path) -> None:
    """One step of SQLite's own copy. Raises UpkeepFailed for a file that is no database, and for a full disk."""
    driver = sqlite_module()
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with (
            closing(driver.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=30)) as reading,
            closing(driver.connect(to)) as writing,
        ):
            # It is on the disk when it is complete, and worth nothing before.
            writing.execute("PRAGMA synchronous = OFF")
            reading.backup(writing, pages=-1)
    except driver.DatabaseError as error:
        raise UpkeepFailed(f"The database could not be copied: {error}.") from error
    settle(to)


@contextmanager
def readable(settings: Settings, file: Path, site_code: str) -> Iterator[str]:
    """The address at which a copy can be read, and changed without harm. Raises postgres.CannotProve."""
    if settings.sqlite:
        yield f"sqlite:///{file}"
        return
    server = settings.scratch_database_url or settings.owner_database_url
    with postgres.proof_database(server, site_code) as address:
        postgres.restore_dump(file, address)
        yield address


def stage(settings: Settings, folder: Path) -> None:
    """Copy every file of the data folder but the database, and the keys that lie elsewhere, into a folder."""
    database = sqlite_file(settings.database_url).absolute() if settings.sqlite else None
    for file in sorted(settings.data_dir.rglob("*")):
        inside = file.relative_to(settings.data_dir)
        passing = (
            inside.parts[0].startswith(SCRATCH) or inside.name in _NOT_KEPT or inside.name.endswith(".lock")
        )
        of_database = database is not None and str(file.absolute()).startswith(str(database))
        if file.is_file() and not passing and not of_database:
            _copy(file, folder / inside)
    if settings.identity_keys_dir != settings.data_dir / IDENTITY_KEYS:
        shutil.rmtree(folder / IDENTITY_KEYS, ignore_errors=True)
        for file in sorted(settings.identity_keys_dir.glob("*")):
            _copy(file, folder / IDENTITY_KEYS / file.name)
    if not (folder / SECRET).exists():
        (folder / SECRET).write_text(settings.secret_key + "\n")


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    to.parent.chmod(0o700)
    shutil.copyfile(file, to)
    to.chmod(0o600)


def trim_checkpoints(file: Path, newest: int) -> None:
    """Leave out of the copied checkpoint file what was signed after the database was copied."""
    if not file.exists():
        return
    lines = file.read_bytes().splitlines(keepends=True)
    write_whole(file, b"".join(line for line in lines if not _later(line, newest)))


def _later(line: bytes, newest: int) -> bool:
    """What cannot be read stays: that it was changed must show."""
    try:
        return int(json.loads(json.loads(line)["statement"])["number"]) > newest
    except (ValueError, KeyError, TypeError):
        return False


def parts_in(folder: Path) -> dict[str, Path]:
    """The parts of a backup in a folder, by their names in it."""
    found = {DATABASE: folder / DATABASE}
    for file in sorted((folder / FILES).rglob("*")):
        if file.is_file():
            found[str(file.relative_to(folder))] = file
    return found


def database_bytes(settings: Settings) -> int:
    """How large the database is."""
    if settings.sqlite:
        file = sqlite_file(settings.database_url)
        return sum(
            part.stat().st_size for part in (file, file.with_name(file.name + "-wal")) if part.exists()
        )
    return postgres.size_bytes(settings.owner_database_url)
