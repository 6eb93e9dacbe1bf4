"""`labrecords backup`: copy, restore apart, prove, encrypt, look again, and only then call it a backup.

What each look proves: the copy is verified in the clear, before it is encrypted. The encrypted file is read back from
the disk and compared with the digest of what was written. Where the secret key may be used, the file is decrypted too,
and every part compared. The server alone cannot open its backups.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from labrecords import __version__
from labrecords.actions.checkpoints import make_checkpoint
from labrecords.actions.door import SYSTEM_ACTOR, Acting
from labrecords.actions.upkeep import note_backup, note_backup_failed
from labrecords.config import Settings
from labrecords.documents.sealing.authority import load_authority, pem_of
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.record import Laboratory
from labrecords.domain.upkeep.health import size_words
from labrecords.domain.upkeep.manifest import (
    DATABASE,
    FILES,
    POSTGRESQL,
    SQLITE,
    Heads,
    Manifest,
    backup_name,
    read_backup_name,
)
from labrecords.domain.upkeep.rotation import Keep, kept
from labrecords.domain.values import times
from labrecords.models import batch_record
from labrecords.models.store import Store
from labrecords.models.upkeep import last_noted
from labrecords.upkeep import postgres
from labrecords.upkeep.copying import (
    CHECKPOINTS,
    copy_database,
    database_bytes,
    parts_in,
    readable,
    stage,
    trim_checkpoints,
)
from labrecords.upkeep.disk import alone, free_bytes, on_one_disk, scratch, settle, sha256_of
from labrecords.upkeep.encrypted import read_archive, read_identity, recipients_of, write_archive
from labrecords.upkeep.failure import UpkeepFailed, told
from labrecords.upkeep.proving import Copy, Proof, look, prove

PART = ".part"
LEAST_FREE = 64 * 1024 * 1024
UNKNOWN = Heads(0, 0, "0" * 64)
"""The heads of a copy that nobody could read."""


@dataclass
class Backup:
    """What came out. `proven` is False where the copy could not be restored; `file` then has another name."""

    file: Path
    sha256: str
    size: int
    proof: Proof | None
    manifest: Manifest
    opened_again: bool = False
    """Whether the finished file was decrypted with the secret key and compared."""
    warnings: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    made_in: timedelta = timedelta()

    @property
    def proven(self) -> bool:
        return self.proof is not None

    def facts(self) -> dict[str, str]:
        """What the trail notes of it."""
        heads, proof = self.manifest.heads, self.proof
        return {
            "file": self.file.name,
            "sha256": self.sha256,
            "size": str(self.size),
            "made_at": self.manifest.made_at,
            "checkpoint": str(self.manifest.checkpoint),
            "migration": self.manifest.migration,
            "chains": str(heads.chains),
            "events": str(heads.events),
            "heads_root": heads.root,
            "documents": str(proof.documents if proof else 0),
            "documents_verified": str(proof.verified_documents if proof else 0),
            "opened_again": "yes" if self.opened_again else "no",
            "seconds": str(round(self.made_in.total_seconds())),
        }


@dataclass(frozen=True)
class Wanted:
    """How a backup is wanted: where, how many are kept, and whether every document is verified to the last page."""

    to: Path
    keep: Keep
    every_document: bool = False
    note: bool = True
    """Whether the trail notes it at once; an upgrade does so afterwards, when the tables are those of the program."""


def make_backup(settings: Settings, wanted: Wanted, clock: Callable[[], datetime]) -> Backup:
    """Make one backup and prove it. Raises UpkeepFailed with what mends it; nothing half-made is left then.

    A copy that could not be restored anywhere is kept under another name, and is no proven backup. What came out, and
    each failure, stands in the trail.
    """
    store = Store(settings.database_url, clock)
    try:
        with alone(settings.data_dir):
            try:
                backup = _make(settings, wanted, store)
            except UpkeepFailed as failure:
                if wanted.note:
                    _note_failure(store, str(failure), {})
                raise
            except OSError as error:
                sentence = f"The backup could not be written: {error.strerror or error}."
                _note_failure(store, sentence, {})
                raise UpkeepFailed(sentence) from error
            if wanted.note:
                note(store, backup)
            if backup.proven:
                backup.removed = rotate(wanted.to, backup, wanted.keep)
            return backup
    finally:
        store.close()


def note(store: Store, backup: Backup) -> None:
    """Note in the trail what came out."""
    if backup.proven:
        note_backup(Acting(store, SYSTEM_ACTOR), facts=backup.facts())
    else:
        _note_failure(store, " ".join(backup.warnings), backup.facts())


def _note_failure(store: Store, reason: str, facts: dict[str, str]) -> None:
    try:
        note_backup_failed(Acting(store, SYSTEM_ACTOR), reason=reason, facts=facts)
    except (
        Exception
    ) as error:  # a full disk, a database that is gone: the first failure is the one that is told
        del error


def _make(settings: Settings, wanted: Wanted, store: Store) -> Backup:
    begun = store.clock()
    recipients = recipients_of(settings.data_dir)
    with store.read() as session:
        laboratory = batch_record.laboratory(session)
        last = last_noted(session, "backup.proven")
    warnings = _prepare_target(settings, wanted.to, laboratory.site_code)
    authority = load_authority(settings.keys_dir)
    # So that the chains are anchored up to this moment. An older schema has the same tables for it.
    make_checkpoint(store, authority, settings.checkpoint_file)
    since = None if wanted.every_document or last is None else times.from_text(last.detail["made_at"])
    with scratch(settings.data_dir) as folder:
        at = store.clock()
        copy_database(settings, folder / DATABASE)
        stage(settings, folder / FILES)
        proof, why_not = _proven(settings, folder, laboratory, store, since)
        if proof is not None and proof.problems:
            raise UpkeepFailed(
                f"The copy does not verify, so it is no backup: {proof.told()} Run `labrecords trail verify`."
            )
        if why_not:
            warnings.append(why_not)
        manifest = _manifest(settings, laboratory, at, folder, proof, pem_of(authority.root))
        # Encrypted, read back, renamed.
        name = backup_name(laboratory.site_code, at, proven=proof is not None)
        with told(wanted.to):
            file, part = wanted.to / name, wanted.to / (name + PART)
            try:
                sha256, size = write_archive(part, manifest, parts_in(folder), recipients)
                if sha256_of(part) != sha256:
                    raise UpkeepFailed(
                        "The disk gives back other bytes than were written to it. Change the disk."
                    )
                opened = _open_again(settings, part, folder, manifest)
                part.rename(file)
                settle(wanted.to)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    return Backup(file, sha256, size, proof, manifest, opened, warnings, made_in=store.clock() - begun)


def _proven(
    settings: Settings, folder: Path, laboratory: Laboratory, store: Store, since: datetime | None
) -> tuple[Proof | None, str]:
    """The proof of the copy; or none, and why it could not be restored."""
    try:
        with readable(settings, folder / DATABASE, laboratory.site_code) as address:
            copy = Copy(address, folder / FILES)
            trim_checkpoints(copy.files / CHECKPOINTS, look(address)[0].checkpoint)
            return prove(copy, live=store, documents_since=since), ""
    except postgres.CannotProve as error:
        return None, f"This copy is not proven: {error}."


def _manifest(
    settings: Settings, laboratory: Laboratory, at: datetime, folder: Path, proof: Proof | None, root_pem: str
) -> Manifest:
    parts = parts_in(folder)
    elsewhere = (f"LABRECORDS_IDENTITY_KEYS={settings.identity_keys_dir}",) if settings.identity_keys else ()
    return Manifest(
        made_at=times.to_text(at),
        program=__version__,
        migration=proof.migration if proof else _migration(settings),
        database=SQLITE if settings.sqlite else POSTGRESQL,
        laboratory=laboratory.name,
        site_code=laboratory.site_code,
        root_sha256=sha256_hex(root_pem.encode()),
        checkpoint=proof.checkpoint if proof else 0,
        heads=proof.heads if proof else UNKNOWN,
        files={name: sha256_of(file) for name, file in parts.items()},
        sizes={name: file.stat().st_size for name, file in parts.items()},
        elsewhere=elsewhere,
    )


def _migration(settings: Settings) -> str:
    return look(settings.database_url)[0].migration


def _prepare_target(settings: Settings, to: Path, site_code: str) -> list[str]:
    """Have a folder with room for a backup, without what a killed run left. Returns warnings. Raises UpkeepFailed."""
    if to == settings.data_dir or settings.data_dir in to.parents:
        raise UpkeepFailed(
            "A backup does not belong into the data folder: who loses that loses both. Name another folder."
        )
    with told(to):
        if not to.exists():
            to.mkdir(mode=0o700, parents=True)
        for left in to.glob(f"labrecords-{site_code}-*{PART}"):
            left.unlink()
    size = database_bytes(settings)
    for folder, copies, what in (
        (to, 1, "for the backup"),
        (settings.data_dir, 2, "to restore the copy apart"),
    ):
        if free_bytes(folder) < copies * size + LEAST_FREE:
            raise UpkeepFailed(
                f"The disk of {folder} is too full {what}: it has {size_words(free_bytes(folder))} left, and the "
                f"database has {size_words(size)}. Make room, or name another folder with --to."
            )
    if on_one_disk(to, settings.data_dir):
        return ["The backup lies on the same disk as the data folder. When that disk fails, both are lost."]
    return []


def _open_again(settings: Settings, file: Path, folder: Path, manifest: Manifest) -> bool:
    """Decrypt the finished file and compare every part, where the secret key may be used."""
    if not settings.backup_identity:
        return False
    again = folder / "again"
    again.mkdir(mode=0o700)
    found = read_archive(file, read_identity(Path(settings.backup_identity)), again)
    shutil.rmtree(again)
    if found != manifest:
        raise UpkeepFailed("The finished backup says something else of itself than was written.")
    return True


def rotate(folder: Path, newest: Backup, keep: Keep) -> list[str]:
    """Remove the proven backups of this laboratory that are not kept, never the newest. Returns their names.

    A copy that was not proven is removed by hand only, and takes no proven one's place.
    """
    mine: dict[datetime, Path] = {}
    for file in folder.iterdir():
        named = read_backup_name(file.name)
        if named and named[0] == newest.manifest.site_code and named[2]:
            mine[named[1]] = file
    gone = sorted(mine.keys() - kept(mine, keep))
    for at in gone:
        if mine[at] != newest.file:
            mine[at].unlink(missing_ok=True)
    return [mine[at].name for at in gone]
