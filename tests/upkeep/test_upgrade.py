"""Upgrades: an old installation with its data, a migration that fails, one that was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from labrecords.config import Settings, read_settings
from labrecords.domain.upkeep.rotation import Keep
from labrecords.installation import NotReady, open_installation
from labrecords.models import migrate, schema
from labrecords.models.engine import sqlite_module
from labrecords.models.store import server_clock
from labrecords.models.upkeep import last_noted
from labrecords.upkeep import upgrade as upgrading
from labrecords.upkeep.backup import Wanted
from labrecords.upkeep.disk import UPGRADING
from labrecords.upkeep.failure import UpkeepFailed
from labrecords.upkeep.keys import make_key
from labrecords.upkeep.proving import Copy, prove
from labrecords.upkeep.restore import Expected, restore
from labrecords.upkeep.upgrade import BEFORE, SERVING, Upgraded, upgrade
from tests.support.backups import Safe
from tests.support.lab import Lab

OLD = Path(__file__).parents[1] / "material" / "installation-0.1.0" / "installation.tar.xz"


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """An installation that an older program made and filled, at migration 0030."""
    folder = tmp_path / "old"
    folder.mkdir(mode=0o700)
    with tarfile.open(OLD) as tar:
        tar.extractall(folder, filter="tar")  # of our own tests
    for path in (folder / "keys", folder / "identity-keys"):
        path.chmod(0o700)
    settings = read_settings({"LABRECORDS_DATA_DIR": str(folder)})
    make_key(settings, tmp_path / "backup.key", add=False, at=server_clock())
    return settings


def run(settings: Settings, to: Path) -> Upgraded:
    return upgrade(settings, Wanted(to, Keep()), server_clock, lambda _: None)


def migration_of(settings: Settings) -> str | None:
    engine = create_engine(settings.database_url, module=sqlite_module())
    try:
        with engine.connect() as connection:
            return schema.current(connection)
    finally:
        engine.dispose()


@pytest.mark.req("A11-17", "A11-10")
def test_an_old_installation_is_upgraded_and_everything_in_it_verifies(old: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="stands at migration 0030"):
        open_installation(old)
    done = run(old, tmp_path / "backups")
    assert (done.was, done.now) == ("0030", schema.newest())
    assert done.backup is not None
    assert done.backup.manifest.migration == "0030"
    proof = prove(Copy(old.database_url, old.data_dir))
    assert proof.problems == []
    assert proof.heads.events > 100
    place = open_installation(old)
    try:
        with place.store.read() as session:
            noted = last_noted(session, "installation.upgraded")
            assert noted is not None
            assert noted.detail["from"] == "0030"
            assert last_noted(session, "backup.proven") is not None
    finally:
        place.close()
    assert not (old.data_dir / UPGRADING).exists()
    assert not (old.data_dir / BEFORE).exists()
    assert run(old, tmp_path / "backups").backup is None
    restored = restore(
        done.backup.file, tmp_path / "backup.key", tmp_path / "again", expected=Expected(), clock=server_clock
    )
    assert restored.proof.rehearsed
    assert (
        migration_of(replace(old, database_url=f"sqlite:///{tmp_path / 'again' / 'labrecords.sqlite3'}"))
        == "0030"
    )


def test_a_migration_that_would_fail_is_found_on_the_copy_and_nothing_is_changed(
    old: Settings, tmp_path: Path
) -> None:
    engine = create_engine(old.database_url, module=sqlite_module())
    with engine.begin() as connection:  # half of a later migration
        connection.execute(text("CREATE TABLE place_reading (id TEXT)"))
    engine.dispose()
    with pytest.raises(
        UpkeepFailed, match=r"cannot be brought to .* one was interrupted. Go back to the backup"
    ):
        run(old, tmp_path / "backups")
    assert migration_of(old) == "0030"
    assert list((tmp_path / "backups").iterdir()) == []


def test_what_fails_after_the_migration_puts_the_database_back(
    old: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(settings: Settings) -> None:
        raise UpkeepFailed("It does not verify.")

    monkeypatch.setattr(upgrading, "self_check", fail)
    with pytest.raises(
        UpkeepFailed, match=r"It does not verify\. The database was put back: it stands at migration 0030"
    ):
        run(old, tmp_path / "backups")
    assert migration_of(old) == "0030"
    assert not (old.data_dir / UPGRADING).exists()
    monkeypatch.undo()
    assert run(old, tmp_path / "backups").was == "0030"


def test_an_upgrade_that_was_killed_begins_again_from_what_was_before(
    old: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(url: str, _: str) -> str:
        engine = create_engine(url, module=sqlite_module())
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE place_reading (id TEXT)"))
        engine.dispose()
        raise Killed

    with monkeypatch.context() as patch:
        real = migrate.migrate
        # The rehearsal migrates; the database in use is where it dies.
        patch.setattr(migrate, "migrate", lambda url, app: (real if "rehearsal" in url else die)(url, app))
        with pytest.raises(Killed):
            run(old, tmp_path / "backups")
    assert (old.data_dir / UPGRADING).exists()
    with pytest.raises(NotReady, match="An upgrade was interrupted"):
        open_installation(old)
    said: list[str] = []
    done = upgrade(old, Wanted(tmp_path / "backups", Keep()), server_clock, said.append)
    assert said[0].startswith("An upgrade was interrupted")
    assert done.now == schema.newest() == migration_of(old)


def test_an_upgrade_that_was_killed_at_its_very_end_is_not_worked_on(
    old: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run puts the database of before back: what was recorded meanwhile would be lost."""

    class Killed(BaseException):
        pass

    def die(settings: Settings) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_end", die)
        with pytest.raises(Killed):
            run(old, tmp_path / "backups")
    assert migration_of(old) == schema.newest()
    with pytest.raises(NotReady, match="An upgrade was interrupted"):
        open_installation(old)


def test_nothing_is_upgraded_while_the_site_is_served(old: Settings, tmp_path: Path) -> None:
    handle = os.open(old.data_dir / SERVING, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(UpkeepFailed, match="The site is being served"):
        run(old, tmp_path / "backups")
    os.close(handle)


def test_without_a_backup_key_nothing_is_changed(old: Settings, tmp_path: Path) -> None:
    (old.data_dir / "backup-recipients").unlink()
    with pytest.raises(UpkeepFailed, match="labrecords backup-key"):
        run(old, tmp_path / "backups")
    assert migration_of(old) == "0030"


def test_damaged_keys_stop_an_upgrade_before_it_begins(old: Settings, tmp_path: Path) -> None:
    shutil.rmtree(old.data_dir / "keys")
    with pytest.raises(UpkeepFailed, match=r"Nothing was changed\. Keys: "):
        run(old, tmp_path / "backups")


def test_an_older_program_does_not_touch_a_newer_database(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labrecords.models.schema.newest", lambda: "0001")
    with pytest.raises(UpkeepFailed, match="it is an older program"):
        run(lab.installation.settings, lab.folder.parent / "b")


def test_the_self_check_seals_a_document_apart(lab: Lab, tmp_path: Path) -> None:
    lab.play(until="released")
    safe = Safe(lab, tmp_path)
    before = lab.chain_lengths()
    upgrading.self_check(safe.settings)
    assert lab.chain_lengths() == before
