"""How the installation is: everything that is looked at by `labrecords doctor` and the page Health.

Nothing here changes anything, but for a small file in the data folder that measures how long the disk takes. Each check
stands alone: one that cannot be made is a finding, and the others are made all the same.
"""

from __future__ import annotations

import os
import platform
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from labrecords import __version__
from labrecords.actions.identity_keys import load_identity_keys
from labrecords.actions.identity_vault import key_problem
from labrecords.config import Settings
from labrecords.documents.sealing.authority import (
    KeySelfTestFailed,
    KeyUnreadable,
    load_authority,
    self_test,
)
from labrecords.domain.status import Status
from labrecords.domain.upkeep.health import (
    BACKUP_LOOK,
    BACKUP_WRONG,
    DRIFT_LOOK,
    DRIFT_WRONG,
    EXPIRY_LOOK,
    FSYNC_LOOK,
    FSYNC_WRONG,
    VERIFIED_LOOK,
    VERIFIED_WRONG,
    Finding,
    State,
    age_words,
    by_age,
    by_space,
    size_words,
)
from labrecords.domain.values import times
from labrecords.models import guards, schema
from labrecords.models.engine import sqlite_version, wal_is_safe
from labrecords.models.overview import BatchOverview
from labrecords.models.store import Store
from labrecords.models.trail import TrailHead
from labrecords.models.upkeep import last_noted, restored
from labrecords.upkeep.copying import database_bytes, sqlite_file
from labrecords.upkeep.disk import UPGRADING, free_bytes, on_one_disk
from labrecords.upkeep.encrypted import recipients_of
from labrecords.upkeep.failure import UpkeepFailed
from labrecords.upkeep.older import older_than_its_file

GOOD, LOOK, WRONG = State.GOOD, State.LOOK, State.WRONG


@dataclass(frozen=True)
class Looked:
    """What every check is given."""

    settings: Settings
    store: Store
    now: datetime
    checkpoints: Path | None = None


Check = Callable[[Looked], Iterator[Finding]]


def findings(settings: Settings, store: Store, checkpoints: Path | None = None) -> list[Finding]:
    """Look at everything. `checkpoints` is a newer checkpoint file from another machine, to compare with."""
    looked, found = Looked(settings, store, store.clock(), checkpoints), list[Finding]()
    for subject, check in CHECKS:
        try:
            found += check(looked)
        except SQLAlchemyError as error:
            said = " ".join(str(getattr(error, "orig", error)).split())
            todo = "Start the database, then look again."
            found.append(Finding(subject, WRONG, f"The database does not answer: {said}.", todo))
        except (OSError, UpkeepFailed) as error:
            found.append(Finding(subject, WRONG, f"This cannot be looked at: {error}", "Mend that first."))
    return found


def _versions(looked: Looked) -> Iterator[Finding]:
    sentence = f"labrecords {__version__}, Python {platform.python_version()}, "
    sentence += f"SQLite {'.'.join(map(str, sqlite_version()))}"
    if not looked.settings.sqlite:
        with looked.store.read() as session:
            sentence += f", PostgreSQL {session.execute(text('SHOW server_version')).scalar()}"
    yield Finding("Versions", GOOD, f"{sentence}.")
    if looked.settings.sqlite and not wal_is_safe():
        todo = "Install the package pysqlite3, which brings a newer one."
        yield Finding(
            "Versions", LOOK, "This SQLite is older than 3.51.3: one process may write at a time.", todo
        )


def _database(looked: Looked) -> Iterator[Finding]:
    with looked.store.read() as session:
        connection = session.connection()
        current, newest = schema.current(connection), schema.newest()
        if current != newest:
            sentence = f"The database stands at migration {current}, the program needs {newest}."
            yield Finding("Database", WRONG, sentence, "Run `labrecords upgrade`.")
            return
        size = size_words(database_bytes(looked.settings))
        yield Finding("Database", GOOD, f"It answers, at migration {current}, and has {size}.")
        missing = guards.missing(connection)
        if missing:
            sentence = f"{len(missing)} of the triggers that protect records are missing, first {missing[0]}."
            todo = "Find out who removed them: `labrecords trail verify`, then `labrecords migrate --guards`."
            yield Finding("Guards", WRONG, sentence, todo)
        else:
            yield Finding("Guards", GOOD, f"All triggers of {len(guards.guarded_tables())} tables are there.")
        if not looked.settings.sqlite:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                if session.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar() == "off":
                    sentence = (
                        f"The server runs with {name} = off: what was recorded can be lost with its power."
                    )
                    yield Finding("Database", WRONG, sentence, f"Set {name} to on in postgresql.conf.")


def _disk(looked: Looked) -> Iterator[Finding]:
    needed, folder, backups = (
        database_bytes(looked.settings),
        looked.settings.data_dir,
        looked.settings.backups,
    )
    for subject, place, copies in (("Disk", folder, 2), ("Disk of the backups", backups, 1)):
        free = free_bytes(place)
        state = by_space(free, copies * needed)
        todo = "" if state is GOOD else f"Make room on the disk of {place}."
        yield Finding(subject, state, f"{size_words(free)} are free.", todo)
    if backups.exists() and on_one_disk(folder, backups):
        sentence = "The backups lie on the same disk as the data folder: when it fails, both are lost."
        yield Finding("Disk of the backups", LOOK, sentence, "Set LABRECORDS_BACKUP_DIR to another disk.")
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        todo = f"Run chmod 700 {folder}"
        yield Finding("Data folder", WRONG, "The data folder can be opened by others.", todo)


def _fsync(looked: Looked) -> Iterator[Finding]:
    places = {looked.settings.data_dir: "data folder"}
    if looked.settings.sqlite:
        places.setdefault(
            sqlite_file(looked.settings.database_url).absolute().parent, "folder of the database"
        )
    for folder, name in places.items():
        took = max(_one_fsync(folder) for _ in range(3))
        state = by_age(took, FSYNC_LOOK, FSYNC_WRONG)
        todo = (
            "" if state is GOOD else "Every act waits for this. Is the disk failing, shared, or on a network?"
        )
        yield Finding(
            "Write to disk",
            state,
            f"A write to the {name} takes {took / timedelta(milliseconds=1):.1f} ms.",
            todo,
        )


def _one_fsync(folder: Path) -> timedelta:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".fsync-") as file:
        begun = time.perf_counter()
        file.write(bytes(4096))
        file.flush()
        os.fsync(file.fileno())
        return timedelta(seconds=time.perf_counter() - begun)


def _clock(looked: Looked) -> Iterator[Finding]:
    with looked.store.read() as session:
        last = session.execute(select(func.max(TrailHead.__table__.c.at))).scalar()
        drift = None
        if not looked.settings.sqlite:
            before = looked.store.clock()
            theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
            drift = abs(theirs.astimezone(UTC) - before)
    now = looked.store.clock()
    if last and last > times.to_text(now):
        sentence = (
            f"The clock ({times.to_text(now)}) is behind the last event ({last}): nothing can be recorded."
        )
        yield Finding("Clock", WRONG, sentence, "Set the clock right (timedatectl set-ntp true).")
    else:
        yield Finding("Clock", GOOD, "It is ahead of the last event.")
    if drift is not None:
        state = by_age(drift, DRIFT_LOOK, DRIFT_WRONG)
        todo = "" if state is GOOD else "Let both machines take their time from the same servers (NTP)."
        sentence = f"It differs from the database server's by {drift / timedelta(seconds=1):.2f} s."
        yield Finding("Clock", state, sentence, todo)


def _keys(looked: Looked) -> Iterator[Finding]:
    settings = looked.settings
    try:
        authority = load_authority(settings.keys_dir)
        self_test(authority)
        until = min(getattr(authority, name).not_valid_after_utc for name in authority.certificates())
        left = until - datetime.now(UTC)
        state = WRONG if left < timedelta() else LOOK if left < EXPIRY_LOOK else GOOD
        todo = "" if state is GOOD else "Plan new keys before that day: see docs/verifying.md."
        yield Finding(
            "Keys", state, f"The keys sign and verify; certificates are valid until {until:%Y-%m-%d}.", todo
        )
    except (KeyUnreadable, KeySelfTestFailed) as error:
        yield Finding("Keys", WRONG, str(error), "Restore the folder of keys from the backup.")
    try:
        keys = load_identity_keys(settings.identity_keys_dir)
        with looked.store.read() as session:
            problem = key_problem(session, keys)
    except KeyUnreadable as error:
        problem = str(error)
    todo = "Restore the folder of identity keys from the backup." if problem else ""
    yield Finding(
        "Identity keys", WRONG if problem else GOOD, problem or "Every sealed identity has its key.", todo
    )


def _backup(looked: Looked) -> Iterator[Finding]:
    with looked.store.read() as session:
        last, failed = last_noted(session, "backup.proven"), last_noted(session, "backup.failed")
    age = looked.now - last.at if last else None
    state = by_age(age, BACKUP_LOOK, BACKUP_WRONG)
    sentence = "There is no proven backup yet."
    if last and age is not None:
        sentence = f"The last proven backup is {age_words(age)} old: {last.detail['file']}."
    todo = (
        "" if state is GOOD else "Run `labrecords backup`, and let a timer do it: `labrecords backup --unit`."
    )
    yield Finding("Backup", state, sentence, todo)
    if failed and (last is None or failed.seq > last.seq):
        sentence = f"The last try failed {age_words(looked.now - failed.at)} ago: {failed.reason}"
        yield Finding(
            "Backup", LOOK if state is GOOD else WRONG, sentence, "Mend that, then run `labrecords backup`."
        )
    try:
        recipients_of(looked.settings.data_dir)
    except UpkeepFailed as error:
        yield Finding("Backup key", WRONG, str(error), "Run `labrecords backup-key FILE`.")


def _verified(looked: Looked) -> Iterator[Finding]:
    with looked.store.read() as session:
        last = last_noted(session, "trail.verified")
    age = looked.now - last.at if last else None
    if last is not None and last.detail["sound"] != "True":
        problems = last.detail["problems"]
        sentence = f"The last verification, {age_words(looked.now - last.at)} ago, found {problems} problems."
        yield Finding(
            "Trail", WRONG, sentence, "Run `labrecords trail verify`, and keep the data folder as it is."
        )
        return
    state = by_age(age, VERIFIED_LOOK, VERIFIED_WRONG)
    state = LOOK if last is None else state
    sentence = (
        f"The trail was verified {age_words(age)} ago: sound."
        if age is not None
        else "It was never verified whole."
    )
    yield Finding(
        "Trail",
        state,
        sentence,
        "" if state is GOOD else "Run `labrecords trail verify --note`, every night.",
    )


def _pending(looked: Looked) -> Iterator[Finding]:
    table = BatchOverview.__table__
    with looked.store.read() as session:
        counted = {
            status: _count(session, status.value) for status in (Status.SEALING_FAILED, Status.SEALING)
        }
        numbers = session.execute(
            select(table.c.number).where(table.c.status == Status.SEALING_FAILED.value).limit(5)
        ).scalars()
        named = ", ".join(numbers)
    failed, open_ = counted[Status.SEALING_FAILED], counted[Status.SEALING]
    if failed:
        sentence = f"{failed} documents could not be sealed: {named}."
        yield Finding(
            "Work", WRONG, sentence, "Open the batch: its page says why, and quality assurance tries again."
        )
    elif open_:
        sentence = f"{open_} documents are being sealed. One that takes longer than minutes was interrupted."
        yield Finding("Work", LOOK, sentence, "Open the batch, and try the sealing again.")
    else:
        yield Finding("Work", GOOD, "No document waits to be sealed.")


def _count(session: Session, status: str) -> int:
    table = BatchOverview.__table__
    query = select(func.count()).select_from(table).where(table.c.status == status)
    return session.execute(query).scalar_one()


def _copies(looked: Looked) -> Iterator[Finding]:
    if (looked.settings.data_dir / UPGRADING).exists():
        todo = "Run `labrecords upgrade` again: it goes on, or says how to go back."
        yield Finding("Upgrade", WRONG, "An upgrade was interrupted.", todo)
    newest = older_than_its_file(looked.settings, looked.store, looked.checkpoints)
    if newest is not None:
        sentence = (
            f"This database is older than a checkpoint file, which goes on to {newest.number} of {newest.at}."
        )
        todo = "An older copy was put in its place. Find out who did, and restore the newest backup."
        yield Finding("Older copy", WRONG, sentence, todo)
    with looked.store.read() as session:
        mark = restored(session)
    if mark is not None:
        sentence = "This is a restored copy, and nobody has acknowledged it yet."
        yield Finding("Restored", LOOK, sentence, "An administrator acknowledges it on the page Health.")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("Versions", _versions),
    ("Database", _database),
    ("Disk", _disk),
    ("Write to disk", _fsync),
    ("Clock", _clock),
    ("Keys", _keys),
    ("Backup", _backup),
    ("Trail", _verified),
    ("Work", _pending),
    ("Copies", _copies),
)
MUST = ("Disk", "Clock", "Keys")
"""Without these no upgrade is begun."""


def must_be_right(settings: Settings, store: Store) -> list[Finding]:
    """The part of it that an upgrade asks for. The disk of the backups is asked by the backup itself."""
    looked = Looked(settings, store, store.clock())
    return [item for subject, check in CHECKS if subject in MUST for item in check(looked)]
