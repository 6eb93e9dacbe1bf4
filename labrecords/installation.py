"""An installation: its settings, database and keys, and the checks without which it does not start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, NoResultFound

from labrecords.actions.door import SYSTEM_ACTOR, Acting
from labrecords.actions.identity_keys import IdentityKeys, add_identity_key, load_identity_keys
from labrecords.actions.identity_vault import key_problem
from labrecords.actions.issuing import Sealing
from labrecords.actions.laboratory import set_up_laboratory, shipped_processes
from labrecords.actions.masters import save_draft
from labrecords.config import Settings
from labrecords.documents.sealing.authority import (
    Authority,
    KeySelfTestFailed,
    KeyUnreadable,
    create_authority,
    load_authority,
    self_test,
)
from labrecords.domain.processes.masters import SHIPPED
from labrecords.domain.record import Laboratory
from labrecords.folder import share_problem
from labrecords.models import batch_record, guards, roles, schema
from labrecords.models.engine import sqlite_version, wal_is_safe
from labrecords.models.store import Store, server_clock
from labrecords.upkeep.disk import UPGRADING

RESTORE_KEYS = (
    "With other keys every patient would be registered a second time. Restore the folder of the keys from its "
    "backup. Where the key is lost for good, run `labrecords identity give-up`."
)


class NotReady(Exception):
    """The installation cannot be used; the text says why, and the command that mends it."""


@dataclass(frozen=True)
class Installation:
    settings: Settings
    store: Store
    authority: Authority
    laboratory: Laboratory
    identity_keys: IdentityKeys

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.laboratory.zone)

    @property
    def sealing(self) -> Sealing:
        return Sealing(self.store, self.authority, self.settings.checkpoint_file)

    def close(self) -> None:
        self.store.close()


def open_installation(
    settings: Settings, clock: Callable[[], datetime] = server_clock, *, keys_lost: bool = False
) -> Installation:
    """Open an installation after all checks. Changes nothing. Raises NotReady.

    With `keys_lost` identities that no key opens are no reason: where they are to be given up.
    """
    if len(settings.secret_key) < 32:
        raise NotReady(
            "The secret is missing or too short. Run `labrecords init`, or set LABRECORDS_SECRET_KEY to at least "
            "32 random characters."
        )
    _check_place(settings)
    store = Store(settings.database_url, clock)
    try:
        _check_database(store)
        authority = load_authority(settings.keys_dir)
        self_test(authority)
        identity_keys = load_identity_keys(settings.identity_keys_dir)
        with store.read() as session:
            laboratory = batch_record.laboratory(session)
            wrong_key = "" if keys_lost else key_problem(session, identity_keys)
        if wrong_key:
            raise NotReady(f"{wrong_key} {RESTORE_KEYS}")
    except (KeyUnreadable, KeySelfTestFailed) as error:
        store.close()
        raise NotReady(str(error)) from error
    except NoResultFound as error:
        store.close()
        raise NotReady(
            "The installation was not finished. Empty its folder, then run `labrecords init`."
        ) from error
    except NotReady:
        store.close()
        raise
    return Installation(settings, store, authority, laboratory, identity_keys)


def _check_place(settings: Settings) -> None:
    if settings.sqlite and (problem := share_problem(Path(settings.database_url.removeprefix("sqlite:///")))):
        raise NotReady(problem)
    # What is recorded after a killed upgrade would be lost: the next run puts the database of before back.
    if (settings.data_dir / UPGRADING).exists():
        raise NotReady("An upgrade was interrupted. Run `labrecords upgrade` first: it goes on where it can.")


def _check_database(store: Store) -> None:
    try:
        with store.reading.connect() as connection:
            fault = "" if store.sqlite else roles.problem(connection)
            if fault and roles.shut_out(connection):
                raise NotReady(fault)
            version = schema.current(connection)
            if version is None:
                raise NotReady("The database is empty. Run `labrecords init`.")
            if version != schema.newest():
                raise NotReady(
                    f"The database stands at migration {version}, the program needs {schema.newest()}. "
                    "Make a copy of the data folder, then run `labrecords migrate`."
                )
            missing = guards.missing(connection)
            if missing:
                raise NotReady(
                    f"The database lacks {len(missing)} of the triggers that protect records, first {missing[0]}. "
                    "Find out who removed them: run `labrecords trail verify`, then `labrecords migrate --guards`."
                )
            if fault:
                raise NotReady(fault)
            mode = connection.execute(text("PRAGMA journal_mode")).scalar() if store.sqlite else ""
            if mode == "wal" and not wal_is_safe():
                found = ".".join(map(str, sqlite_version()))
                raise NotReady(
                    f"This database is in WAL mode, and SQLite {found} can corrupt such a database. Install the "
                    "package pysqlite3, which brings a newer one."
                )
    except (DBAPIError, UnicodeError) as error:
        name = type(getattr(error, "orig", error)).__name__
        raise NotReady(
            f"The database cannot be opened ({name}). Check LABRECORDS_DATABASE_URL and "
            "LABRECORDS_DATA_DIR, and run `labrecords init` if this is a new installation."
        ) from error


@dataclass(frozen=True)
class SiteFacts:
    """What an installation must know of its laboratory."""

    name: str
    site_code: str
    zone: str


def create_installation(
    settings: Settings, site: SiteFacts, clock: Callable[[], datetime] = server_clock, demonstration: str = ""
) -> None:
    """Prepare an empty installation: folder, secret, keys, database, laboratory, shipped masters as drafts.

    Raises NotReady when there is one already, or a fact about the site cannot be used. Two of these at once do not
    harm each other: the folder's own lock file is taken first.
    """
    _check_site(site)
    _check_place(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    _claim(settings)
    try:
        _fill(settings, site, clock, demonstration)
    except DBAPIError as error:
        _give_up_claim(settings)
        raise NotReady(
            f"The database cannot be used ({' '.join(str(error.orig).split())}). Check LABRECORDS_DATABASE_URL and "
            "LABRECORDS_OWNER_DATABASE_URL, then run the command again."
        ) from error
    except schema.MigrationRefused as error:
        _give_up_claim(settings)
        raise NotReady(str(error)) from error
    except BaseException:
        _give_up_claim(settings)
        raise


def _fill(settings: Settings, site: SiteFacts, clock: Callable[[], datetime], demonstration: str) -> None:
    # It loads Alembic, which only who changes a schema needs: a start does not wait for it.
    from labrecords.models import migrate

    if not settings.secret_key:
        _write_private(settings, "secret", secrets.token_urlsafe(48))
    if not settings.keys_dir.exists():
        create_authority(settings.keys_dir, site.name, clock())
    if not settings.identity_keys_dir.exists():
        add_identity_key(settings.identity_keys_dir)
    migrate.migrate(settings.owner_database_url, settings.database_url)
    authority = load_authority(settings.keys_dir)
    store = Store(settings.database_url, clock)
    try:
        by = Acting(store, SYSTEM_ACTOR)
        set_up_laboratory(
            by,
            name=site.name,
            site_code=site.site_code,
            zone=site.zone,
            certificates=authority.certificates(),
            demonstration=demonstration,
        )
        for definition in shipped_processes():
            save_draft(Acting(store, SYSTEM_ACTOR), text=definition, origin=SHIPPED)
    finally:
        store.close()


def _check_site(site: SiteFacts) -> None:
    if not site.name.strip():
        raise NotReady("The laboratory needs a name.")
    if not (2 <= len(site.site_code) <= 6 and site.site_code.isascii() and site.site_code.isalnum()):
        raise NotReady("The site code is 2 to 6 letters or digits, like KRK.")
    try:
        ZoneInfo(site.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise NotReady(f"“{site.zone}” is no zone. Write an IANA name, like Europe/Warsaw.") from None


def _claim(settings: Settings) -> None:
    try:
        handle = os.open(settings.data_dir / "initialised", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise NotReady(
            f"{settings.data_dir} holds an installation already. Use it, or set LABRECORDS_DATA_DIR to another folder."
        ) from None
    os.close(handle)


def _give_up_claim(settings: Settings) -> None:
    """What could not be finished can be begun again."""
    (settings.data_dir / "initialised").unlink(missing_ok=True)


def _write_private(settings: Settings, name: str, content: str) -> None:
    handle = os.open(settings.data_dir / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(content + "\n")
