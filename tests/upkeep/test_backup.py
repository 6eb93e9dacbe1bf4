"""Backups: proven before they are called one, opened by their key alone, and restored whole; on both databases."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from labrecords.actions.checkpoints import make_checkpoint
from labrecords.actions.verification import verify_trail
from labrecords.domain.upkeep.manifest import POSTGRESQL
from labrecords.domain.upkeep.rotation import Keep
from labrecords.models import migrate
from labrecords.models.upkeep import last_noted, restored
from labrecords.upkeep import backup, copying, encrypted, postgres
from labrecords.upkeep import restore as restoring
from labrecords.upkeep.disk import alone
from labrecords.upkeep.encrypted import read_identity
from labrecords.upkeep.failure import UpkeepFailed
from labrecords.upkeep.older import mark_older, older_than_its_file
from labrecords.upkeep.restore import Expected, settle_mark
from tests.support.backups import Safe
from tests.support.installations import SharedPostgresBench
from tests.support.lab import RELEASED, Lab
from tests.support.tampering import intruder


@pytest.fixture
def safe(lab: Lab, tmp_path: Path) -> Safe:
    return Safe(lab, tmp_path / "safe")


@pytest.fixture
def server_may(postgres_lab: Lab) -> Iterator[None]:
    """The owner's role may make databases, as the documentation asks."""
    bench = postgres_lab.bench
    assert isinstance(bench, SharedPostgresBench)
    bench.server._execute("ALTER ROLE labrecords_owner CREATEDB")
    yield
    bench.server._execute("ALTER ROLE labrecords_owner NOCREATEDB")


@pytest.mark.req("A11-7")
def test_a_backup_is_restored_with_documents_and_keys_and_everything_verifies(safe: Safe) -> None:
    lab = safe.lab
    number = lab.play(until=RELEASED)
    safe.make_key()
    made = safe.backup(backup_identity=str(safe.key))
    assert made.proven
    assert made.opened_again
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert made.proof is not None
    assert (made.proof.documents, made.proof.verified_documents) == (1, 1)
    with lab.store.read() as session:
        noted = last_noted(session, "backup.proven")
        assert noted is not None
        assert noted.detail["sha256"] == made.sha256
        assert noted.detail["heads_root"] == made.manifest.heads.root
    found = safe.restore(made.file)
    assert found.proof.verified_documents == 1
    place = safe.opened()
    try:
        settle_mark(place.settings, place.store)
        with place.store.read() as session:
            certificate = place.authority.checkpoint_certificate_pem
            assert verify_trail(session, certificate, place.settings.checkpoint_file).sound
            mark = restored(session)
            assert mark is not None
            assert mark.detail["checkpoint"] == str(made.manifest.checkpoint)
    finally:
        place.close()
    assert lab.record(number).batch.number == number
    assert not list(lab.folder.glob("scratch-*"))
    modes = {path.stat().st_mode & 0o077 for path in (safe.folder / "restored").rglob("*")}
    assert modes == {0}


def test_nothing_of_the_laboratory_can_be_read_in_the_file(safe: Safe) -> None:
    made = safe.backup()
    content = made.file.read_bytes()
    for word in (b"Krak", b"tess", b"PRIVATE KEY", b"SQLite format"):
        assert word not in content


def test_a_backup_without_its_key_is_not_opened(safe: Safe) -> None:
    made = safe.backup()
    other = safe.folder / "other.key"
    other.write_text(encrypted.new_identity()[0])
    with pytest.raises(UpkeepFailed, match="This key does not open this backup"):
        safe.restore(made.file, identity=other)
    with pytest.raises(UpkeepFailed, match="holds no backup key"):
        safe.restore(made.file, identity=made.file)
    assert not (safe.folder / "restored").exists()
    assert [path.name for path in safe.folder.iterdir() if path.name.startswith(".")] == []


def test_a_backup_with_one_byte_changed_or_cut_off_is_not_restored(safe: Safe) -> None:
    made = safe.backup()
    whole = made.file.read_bytes()
    for place in (0, 90, 160, len(whole) // 3, len(whole) - 20, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        made.file.write_bytes(bytes(changed))
        with pytest.raises(
            UpkeepFailed, match=r"is damaged: (bytes|it does not begin)|does not open this backup"
        ):
            safe.restore(made.file)
    for left in (0, 10, 160, 250, 100_000, -1, -70_000):
        made.file.write_bytes(whole[:left])
        with pytest.raises(UpkeepFailed, match=r"is damaged: (bytes|it does not begin)"):
            safe.restore(made.file)
    assert not (safe.folder / "restored").exists()
    made.file.write_bytes(whole)
    safe.restore(made.file)


def test_a_backup_of_another_laboratory_is_refused_where_one_is_expected(safe: Safe) -> None:
    made = safe.backup()
    with pytest.raises(UpkeepFailed, match=r"a backup of another laboratory: .* \(KRK\)"):
        safe.restore(made.file, expected=Expected("WAW"))
    with pytest.raises(UpkeepFailed, match="another laboratory"):
        safe.restore(made.file, expected=Expected(root=b"-----BEGIN CERTIFICATE-----"))
    root = safe.lab.installation.authority.certificates()["root"].encode()
    assert safe.restore(made.file, expected=Expected("krk", root)).manifest.site_code == "KRK"


def test_a_backup_of_a_newer_program_is_refused_with_its_version(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = safe.backup()
    monkeypatch.setattr("labrecords.models.schema.newest", lambda: "0001")
    with pytest.raises(
        UpkeepFailed, match=r"was made by labrecords 0\.1\.0, at migration .*; this program knows 0001"
    ):
        safe.restore(made.file)


def test_nothing_is_restored_over_an_installation(safe: Safe) -> None:
    made = safe.backup()
    (safe.folder / "restored").mkdir()
    (safe.folder / "restored" / "something").write_text("here")
    with pytest.raises(UpkeepFailed, match="never written over"):
        safe.restore(made.file)


def test_without_a_key_there_is_no_backup_and_the_trail_says_so(safe: Safe) -> None:
    with pytest.raises(UpkeepFailed, match="labrecords backup-key"):
        backup.make_backup(safe.settings, backup.Wanted(safe.target, Keep()), safe.lab.clock)
    with safe.lab.store.read() as session:
        noted = last_noted(session, "backup.failed")
        assert noted is not None
        assert "backup-key" in noted.reason


def test_the_secret_key_is_refused_in_the_data_folder_and_never_written_over(safe: Safe) -> None:
    inside = Safe(safe.lab, safe.lab.folder)
    with pytest.raises(UpkeepFailed, match="does not belong into the data folder"):
        inside.make_key()
    safe.make_key()
    with pytest.raises(UpkeepFailed, match="never written over"):
        safe.make_key()
    assert "AGE-SECRET-KEY" not in (safe.lab.folder / encrypted.RECIPIENTS).read_text()
    assert str(read_identity(safe.key).to_public()) in (safe.lab.folder / encrypted.RECIPIENTS).read_text()


def test_a_backup_into_the_data_folder_is_refused(safe: Safe) -> None:
    safe.make_key()
    with pytest.raises(UpkeepFailed, match="who loses that loses both"):
        backup.make_backup(safe.settings, backup.Wanted(safe.lab.folder / "b", Keep()), safe.lab.clock)


def test_one_disk_for_both_is_warned_of(safe: Safe) -> None:
    assert any("same disk" in warning for warning in safe.backup().warnings)


def test_a_disk_without_room_is_told_before_anything_is_copied(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "free_bytes", lambda _: 1_000_000)
    with pytest.raises(UpkeepFailed, match=r"too full for the backup: it has 1\.0 MB left"):
        safe.backup()


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_behind(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: encrypted._Digesting, data: bytes) -> int:
        self.failure = OSError(28, "No space left on device")
        raise self.failure

    monkeypatch.setattr(encrypted._Digesting, "write", full)
    with pytest.raises(UpkeepFailed, match="the disk is full"):
        safe.backup()
    assert list(safe.target.iterdir()) == []
    with safe.lab.store.read() as session:
        noted = last_noted(session, "backup.failed")
        assert noted is not None
        assert "the disk is full" in noted.reason


def test_a_target_that_is_gone_is_told(safe: Safe) -> None:
    safe.make_key()
    (safe.folder / "file").write_text("")
    wanted = backup.Wanted(safe.folder / "file" / "below", Keep())
    with pytest.raises(UpkeepFailed, match="cannot be used"):
        backup.make_backup(safe.settings, wanted, safe.lab.clock)


def test_two_backups_at_once_are_one(safe: Safe) -> None:
    safe.make_key()
    with alone(safe.lab.folder), pytest.raises(UpkeepFailed, match="Another backup or upgrade"):
        safe.backup()


def test_what_a_killed_backup_left_is_removed_by_the_next(safe: Safe) -> None:
    left = safe.lab.folder / "scratch-killed"
    left.mkdir()
    (left / "database").write_text("names")
    safe.target.mkdir(parents=True)
    part = safe.target / "labrecords-KRK-20261101T000000Z.age.part"
    others = safe.target / "labrecords-WAW-20261101T000000Z.age.part"
    for file in (part, others):
        file.write_text("half")
    safe.backup()
    assert not left.exists()
    assert not part.exists()
    assert others.exists()


def test_backups_that_are_not_kept_go_and_those_of_others_stay(safe: Safe) -> None:
    first = safe.backup()
    other = safe.target / "labrecords-WAW-20200101T000000Z.age"
    unproven = safe.target / "labrecords-KRK-20200101T000000Z-unproven.age"
    for file in (other, unproven):
        file.write_text("theirs")
    safe.lab.clock.tick(minutes=2)
    second = safe.backup(Keep(1, 0, 0))
    assert second.removed == [first.file.name]
    assert {file.name for file in safe.target.iterdir()} == {second.file.name, other.name, unproven.name}


def test_documents_that_were_verified_once_are_compared_by_their_digest(safe: Safe) -> None:
    safe.lab.play(until=RELEASED)
    assert _documents(safe.backup()) == (1, 1)
    safe.lab.clock.tick()
    assert _documents(safe.backup()) == (1, 0)


def _documents(made: backup.Backup) -> tuple[int, int]:
    assert made.proof is not None
    return made.proof.documents, made.proof.verified_documents


def test_a_copy_that_does_not_verify_is_no_backup(safe: Safe) -> None:
    lab = safe.lab
    lab.play("order")
    lab.tampered = True
    with intruder(lab) as connection:
        connection.execute(text("UPDATE batch SET patient_code = 'OTHER'"))
    with pytest.raises(UpkeepFailed, match="does not verify, so it is no backup"):
        safe.backup()
    assert list(safe.target.glob("*.age")) == []


def test_what_is_written_meanwhile_is_not_in_the_copy_and_does_no_harm(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = safe.lab
    stage = copying.stage

    def write_too(settings: object, folder: Path) -> None:
        lab.open_batch()
        make_checkpoint(lab.store, lab.installation.authority, lab.installation.settings.checkpoint_file)
        stage(lab.installation.settings, folder)

    monkeypatch.setattr(backup, "stage", write_too)
    made = safe.backup()
    found = safe.restore(made.file)
    assert found.proof.heads == made.manifest.heads
    with lab.store.read() as session:
        assert session.execute(text("SELECT count(*) FROM batch")).scalar() == 1


def test_a_restored_copy_is_known_to_be_older_by_a_newer_checkpoint_file(safe: Safe) -> None:
    made = safe.backup()
    lab = safe.lab
    lab.open_batch()
    number = make_checkpoint(lab.store, lab.installation.authority, safe.settings.checkpoint_file)
    outside = safe.folder / "checkpoints-elsewhere.jsonl"
    shutil.copyfile(safe.settings.checkpoint_file, outside)
    found = safe.restore(made.file, checkpoints=outside)
    assert found.newer is not None
    assert found.newer.number == number
    place = safe.opened()
    try:
        assert older_than_its_file(place.settings, place.store) is None
        newest = older_than_its_file(place.settings, place.store, outside)
        assert newest is not None
        assert newest.number == number
    finally:
        place.close()


def test_checkpoints_of_another_laboratory_are_refused(safe: Safe) -> None:
    made = safe.backup()
    outside = safe.folder / "checkpoints-elsewhere.jsonl"
    outside.write_bytes(safe.settings.checkpoint_file.read_bytes().replace(b'\\"size\\"', b'\\"sizE\\"'))
    with pytest.raises(UpkeepFailed, match="belongs to another one"):
        safe.restore(made.file, checkpoints=outside)


def test_a_database_put_back_by_hand_is_known_by_the_checkpoint_file_beside_it(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = safe.lab
    yesterday = safe.folder / "yesterday.sqlite3"
    safe.folder.mkdir()
    database = lab.folder / "labrecords.sqlite3"
    copying.copy_sqlite(database, yesterday)
    lab.open_batch()
    make_checkpoint(lab.store, lab.installation.authority, safe.settings.checkpoint_file)
    lab.disconnect()
    for file in lab.folder.glob("labrecords.sqlite3*"):
        file.unlink()
    shutil.copyfile(yesterday, database)
    newest = older_than_its_file(safe.settings, lab.store)
    assert newest is not None
    known = safe.settings.checkpoint_file.read_bytes()
    with monkeypatch.context() as patch:  # the disk is full half way
        patch.setattr(os, "fsync", _no_room)
        with pytest.raises(OSError, match="full"):
            mark_older(safe.settings, lab.store, newest)
    assert safe.settings.checkpoint_file.read_bytes() == known
    mark_older(safe.settings, lab.store, newest)
    assert older_than_its_file(safe.settings, lab.store) is None
    with lab.store.read() as session:
        mark = restored(session)
        assert mark is not None
        assert mark.detail["newer_checkpoint"] == str(newest.number)
        certificate = lab.installation.authority.checkpoint_certificate_pem
        assert verify_trail(session, certificate, safe.settings.checkpoint_file).sound
    assert (lab.folder / mark.detail["file_kept"]).read_bytes() == known


def _no_room(_: int) -> None:
    raise OSError("The disk is full")


def test_an_older_backup_of_postgresql_is_refused_before_the_database_is_filled(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = safe.backup()
    older = replace(made.manifest, migration="0001", database=POSTGRESQL)
    filled: list[object] = []
    monkeypatch.setattr(postgres, "is_empty", lambda _: True)
    monkeypatch.setattr(postgres, "restore_dump", lambda *given: filled.append(given))
    monkeypatch.setattr(restoring, "read_archive", lambda *_: older)
    with pytest.raises(UpkeepFailed, match="stands at migration 0001"):
        safe.restore(made.file, database_url="postgresql+psycopg://owner@localhost/empty")
    assert filled == []


def test_restoring_into_a_file_is_told(safe: Safe) -> None:
    made = safe.backup()
    with pytest.raises(UpkeepFailed, match="is not empty"):
        safe.restore(made.file, "backup.key")


# ---- PostgreSQL ------------------------------------------------------------------------------------------------


def test_on_postgresql_a_backup_is_proven_and_restored(
    postgres_lab: Lab, server_may: None, tmp_path: Path
) -> None:
    lab = postgres_lab
    lab.play(until=RELEASED)
    safe = Safe(lab, tmp_path / "safe")
    made = safe.backup()
    assert made.proven
    assert _documents(made) == (1, 1)
    bench = lab.bench
    assert isinstance(bench, SharedPostgresBench)
    name = f"restored_{secrets.token_hex(3)}"
    owner = bench.server.create_database(name)
    try:
        found = safe.restore(made.file, database_url=owner)
        assert found.proof.heads == made.manifest.heads
        url = bench.server.url(name, role="labrecords_app")
        migrate.migrate(owner, url)
        place = safe.opened(database_url=url, owner_database_url=owner)
        try:
            settle_mark(place.settings, place.store)
            with place.store.read() as session:
                assert restored(session) is not None
        finally:
            place.close()
        with pytest.raises(UpkeepFailed, match="The database is not empty"):
            safe.restore(made.file, "again", database_url=owner)
        with pytest.raises(UpkeepFailed, match="This backup is of PostgreSQL"):
            safe.restore(made.file, "again")
    finally:
        bench.server.drop_database(name)
    assert postgres._names(make_url(safe.settings.owner_database_url), "labrecords_proof_krk_") == []


def test_on_postgresql_a_copy_that_cannot_be_restored_is_not_called_a_proven_backup(
    postgres_lab: Lab, tmp_path: Path
) -> None:
    safe = Safe(postgres_lab, tmp_path / "safe")
    made = safe.backup()
    assert not made.proven
    assert made.file.name.endswith("-unproven.age")
    assert any("ALTER ROLE ... CREATEDB" in warning for warning in made.warnings)
    with postgres_lab.store.read() as session:
        assert last_noted(session, "backup.proven") is None
        noted = last_noted(session, "backup.failed")
        assert noted is not None
        assert noted.detail["file"] == made.file.name


def test_an_older_pg_dump_than_the_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_version", lambda _: 9)
    with pytest.raises(UpkeepFailed, match=r"pg_dump 9 is older than the server, which is PostgreSQL 99"):
        postgres.tool("pg_dump", 99)
    with pytest.raises(UpkeepFailed, match="Install the package postgresql-client-99"):
        postgres.tool("no_such_tool", 99)


def test_no_password_stands_in_a_command_line() -> None:
    found = postgres.environment_of("postgresql+psycopg://o:s3cret@db.example:5433/lab?sslmode=verify-full")
    assert {name: found[name] for name in found if name.startswith("PG")} == {
        "PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "o", "PGPASSWORD": "s3cret", "PGDATABASE": "lab",
        "PGSSLMODE": "verify-full",
    }  # fmt: skip
