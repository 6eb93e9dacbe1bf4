"""`labrecords upgrade`: look, a proven backup, the migration, a self-test; what fails puts everything back or says how.

The backup's proof brings a copy of the database to the newest migration first and verifies it there: a migration that
would fail is found before the database in use is touched.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from labrecords import __version__
from labrecords.actions.door import SYSTEM_ACTOR, Acting
from labrecords.actions.projections import project_missing
from labrecords.actions.upkeep import note_upgraded
from labrecords.config import Settings
from labrecords.documents.issue import IssueFailed, issue
from labrecords.documents.sealing.authority import load_authority
from labrecords.documents.verifying.pdf_contents import read_contents
from labrecords.domain.upkeep.health import State
from labrecords.models import migrate, schema
from labrecords.models.engine import read_engine
from labrecords.models.records import DocumentRow
from labrecords.models.store import Store
from labrecords.models.stored import as_bytes
from labrecords.upkeep import health, postgres
from labrecords.upkeep.backup import Backup, Wanted, make_backup, note
from labrecords.upkeep.copying import copy_sqlite, sqlite_file
from labrecords.upkeep.disk import UPGRADING, settle
from labrecords.upkeep.failure import UpkeepFailed
from labrecords.upkeep.proving import Copy, look, prove
from labrecords.upkeep.restore import settle_mark

SERVING = "serving.lock"
"""Held by whoever serves a SQLite installation."""
BEFORE = "before-upgrade.sqlite3"
"""The database as it was, in the data folder while an upgrade runs."""


@dataclass(frozen=True)
class Upgraded:
    """From which migration to which; without a backup there was nothing to do."""

    was: str
    now: str
    backup: Backup | None


def upgrade(
    settings: Settings, wanted: Wanted, clock: Callable[[], datetime], say: Callable[[str], None]
) -> Upgraded:
    """Bring an installation to this program. `say` tells each stage as it begins.

    Raises UpkeepFailed: then it stands as before, or the text says how to go back.
    """
    with nobody_serving(settings):
        if settings.sqlite:
            _put_back_if_interrupted(settings, say)
        was, newest = _stands_at(settings), schema.newest()
        if was == newest and not (settings.data_dir / UPGRADING).exists():
            return Upgraded(was, newest, None)
        if was > newest:
            raise UpkeepFailed(
                f"The database stands at migration {was}, and this program knows {newest}: it is an older program. "
                "Install the newer one."
            )
        say("Looking at disk, clock and keys")
        _look_first(settings, clock)
        say("Making a backup, and rehearsing the migration on its copy")
        backup = make_backup(settings, replace(wanted, note=False), clock)
        if not backup.proven:
            raise UpkeepFailed(
                f"{' '.join(backup.warnings)} Nothing was changed: an upgrade needs a proven backup."
            )
        _begin(settings, was, newest, backup)
        try:
            say(f"Migrating from {was} to {newest}")
            migrate.migrate(settings.owner_database_url, settings.database_url)
            _fill_lists(settings, clock)
            say("Testing")
            self_check(settings)
            _note(settings, clock, backup, was, newest)
        except Exception as error:
            raise _gone_back(settings, backup, was, error) from error
        _end(settings)
    return Upgraded(was, newest, backup)


@contextmanager
def nobody_serving(settings: Settings) -> Iterator[None]:
    """Raises UpkeepFailed while the site is served: by the lock of the folder, on PostgreSQL by who is connected."""
    if not settings.sqlite:
        role = make_url(settings.database_url).username or ""
        others = postgres.connected(settings.owner_database_url, role)
        if others:
            raise UpkeepFailed(f"{others} connections of the application are open. Stop every server first.")
    handle = os.open(settings.data_dir / SERVING, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UpkeepFailed("The site is being served. Stop it first, then upgrade.") from None
        yield
    finally:
        os.close(handle)


def _stands_at(settings: Settings) -> str:
    return look(settings.database_url)[0].migration


def _look_first(settings: Settings, clock: Callable[[], datetime]) -> None:
    """The part of doctor without which no migration is begun."""
    store = Store(settings.database_url, clock)
    try:
        wrong = [item for item in health.must_be_right(settings, store) if item.state is State.WRONG]
    finally:
        store.close()
    if wrong:
        raise UpkeepFailed(
            "Nothing was changed. "
            + " ".join(f"{item.subject}: {item.sentence} {item.todo}" for item in wrong)
        )


def _begin(settings: Settings, was: str, newest: str, backup: Backup) -> None:
    if settings.sqlite:
        copy_sqlite(sqlite_file(settings.database_url), settings.data_dir / BEFORE)
    mark = settings.data_dir / UPGRADING
    mark.write_text(json.dumps({"from": was, "to": newest, "backup": str(backup.file)}))
    mark.chmod(0o600)
    settle(mark)
    settle(settings.data_dir)


def _end(settings: Settings) -> None:
    (settings.data_dir / UPGRADING).unlink(missing_ok=True)
    (settings.data_dir / BEFORE).unlink(missing_ok=True)


def _put_back_if_interrupted(settings: Settings, say: Callable[[str], None]) -> None:
    """An upgrade that was killed may have left half a migration: the database as it was is put back first."""
    if (settings.data_dir / UPGRADING).exists() and (settings.data_dir / BEFORE).exists():
        say("An upgrade was interrupted: the database as it was before is put back")
        _put_back(settings)
    # Without the mark the copy of a killed run was not complete.
    (settings.data_dir / BEFORE).unlink(missing_ok=True)


def _put_back(settings: Settings) -> None:
    file = sqlite_file(settings.database_url)
    again = file.with_name(file.name + ".back")
    shutil.copyfile(settings.data_dir / BEFORE, again)
    again.chmod(0o600)
    settle(again)
    for part in ("-wal", "-shm", "-journal"):
        file.with_name(file.name + part).unlink(missing_ok=True)
    again.rename(file)
    settle(file.parent)
    (settings.data_dir / UPGRADING).unlink(missing_ok=True)


def _gone_back(settings: Settings, backup: Backup, was: str, error: Exception) -> UpkeepFailed:
    said = " ".join(str(getattr(error, "orig", error)).split()) or type(error).__name__
    if settings.sqlite:
        _put_back(settings)
        _end(settings)
        return UpkeepFailed(
            f"The upgrade failed: {said} The database was put back: it stands at migration {was}, as before. Go on "
            f"with the program that served it. The backup is {backup.file}."
        )
    if _stands_at(settings) == was:
        _end(settings)
        return UpkeepFailed(
            f"The upgrade failed: {said} PostgreSQL took the migration back: the database stands at {was}, as before. "
            f"Go on with the program that served it. The backup is {backup.file}."
        )
    return UpkeepFailed(
        f"The upgrade failed after the migration: {said} Do not serve this database. Make an empty one and restore "
        f"{backup.file} with the program that served it: `labrecords restore`."
    )


def _fill_lists(settings: Settings, clock: Callable[[], datetime]) -> None:
    store = Store(settings.database_url, clock)
    try:
        _, failed = project_missing(store)
    finally:
        store.close()
    if failed:
        raise UpkeepFailed(f"The record of {', '.join(failed)} cannot be judged by this program.")


def self_check(settings: Settings) -> None:
    """Chains, rows, guards, keys, lists of the database in use; and a document sealed and verified, apart.

    Raises UpkeepFailed.
    """
    newest = _newest_document(settings)
    since = newest[0] if newest else None
    proof = prove(Copy(settings.database_url, settings.data_dir), documents_since=since)
    if proof.problems:
        raise UpkeepFailed(f"The installation does not verify: {proof.told()}")
    if newest:
        try:
            issue(read_contents(newest[1]), load_authority(settings.keys_dir))
        except IssueFailed as error:
            raise UpkeepFailed(f"A document cannot be sealed: {error}") from error


def _newest_document(settings: Settings) -> tuple[datetime, bytes] | None:
    table, engine = DocumentRow.__table__, read_engine(settings.database_url)
    query = select(table.c.sealed_at, table.c.pdf).order_by(table.c.sealed_at.desc()).limit(1)
    try:
        with Session(engine) as session:
            row = session.execute(query).first()
            return (row.sealed_at, as_bytes(row.pdf)) if row else None
    finally:
        engine.dispose()


def _note(settings: Settings, clock: Callable[[], datetime], backup: Backup, was: str, newest: str) -> None:
    store = Store(settings.database_url, clock)
    try:
        settle_mark(settings, store)
        note(store, backup)
        facts = {"from": was, "to": newest, "program": __version__, "backup": backup.file.name}
        note_upgraded(Acting(store, SYSTEM_ACTOR), facts=facts)
    finally:
        store.close()
