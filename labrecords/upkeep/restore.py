"""`labrecords restore`: a backup becomes an installation again, in an empty place, verified, and known to be a copy.

What was recorded after the backup is not in it. So the trail notes the restoring, and each page says so until an
administrator has acknowledged it with a reason.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from labrecords.actions.door import SYSTEM_ACTOR, Acting
from labrecords.actions.upkeep import note_restored
from labrecords.config import Settings
from labrecords.documents.sealing.authority import load_authority
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.upkeep.manifest import DATABASE, FILES, SQLITE, Manifest
from labrecords.models import schema
from labrecords.models.store import Store
from labrecords.upkeep import postgres
from labrecords.upkeep.backup import UNKNOWN
from labrecords.upkeep.disk import settle
from labrecords.upkeep.encrypted import read_archive, read_identity
from labrecords.upkeep.failure import UpkeepFailed, told
from labrecords.upkeep.older import Newest, mark_older, newest_in_file, older_than_its_file
from labrecords.upkeep.proving import Copy, Proof, prove

MARK = "restored.json"
"""In the data folder from the restoring until the trail notes it."""


@dataclass(frozen=True)
class Expected:
    """What the backup must be: of this laboratory, by name or site code, under this root."""

    laboratory: str = ""
    root: bytes | None = None

    def check(self, manifest: Manifest) -> None:
        """Raises UpkeepFailed for another laboratory's backup, and for one that is newer than the program."""
        names = (manifest.laboratory.casefold(), manifest.site_code.casefold())
        told_root = sha256_hex(self.root) if self.root is not None else manifest.root_sha256
        if (self.laboratory and self.laboratory.casefold() not in names) or told_root != manifest.root_sha256:
            raise UpkeepFailed(
                f"This is a backup of another laboratory: {manifest.laboratory} ({manifest.site_code}). Nothing was "
                "restored."
            )
        if manifest.migration > schema.newest():
            raise UpkeepFailed(
                f"This backup was made by labrecords {manifest.program}, at migration {manifest.migration}; this "
                f"program knows {schema.newest()}. Install that program, then restore."
            )


@dataclass(frozen=True)
class Restored:
    """What was restored, and what is known to have come after it."""

    manifest: Manifest
    proof: Proof
    newer: Newest | None


def restore(
    file: Path,
    identity: Path,
    into: Path,
    *,
    expected: Expected,
    checkpoints: Path | None = None,
    database_url: str = "",
    clock: Callable[[], datetime],
) -> Restored:
    """Restore a backup into a new folder (and, of PostgreSQL, an empty database). Raises UpkeepFailed.

    Everything is decrypted and verified beside the folder first; nothing is there before all of it is right.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UpkeepFailed(f"{into} is not empty. An installation is never written over: name a new folder.")
    key = read_identity(identity)
    if not file.is_file():
        raise UpkeepFailed(f"There is no file {file}.")
    with told(into), _beside(into) as folder:
        manifest = read_archive(file, key, folder, expected.check)
        _check_database(manifest, database_url)
        address = database_url or f"sqlite:///{folder / DATABASE}"
        if database_url:
            postgres.restore_dump(folder / DATABASE, database_url)
        proof = _proven(manifest, Copy(address, folder / FILES))
        newer = _newer(folder / FILES, checkpoints, proof)
        _put_into_place(folder, into, manifest, file, newer, clock())
    return Restored(manifest, proof, newer)


@contextmanager
def _beside(into: Path) -> Iterator[Path]:
    """A private folder on the disk of another one, gone afterwards."""
    into.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{into.name}-", dir=into.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_database(manifest: Manifest, database_url: str) -> None:
    if (manifest.database == SQLITE) == bool(database_url):
        raise UpkeepFailed(
            "This backup holds a SQLite database: leave --database-url out."
            if database_url
            else "This backup is of PostgreSQL: make an empty database, and name its owner's address by --database-url."
        )
    if database_url and manifest.migration != schema.newest():
        raise UpkeepFailed(
            f"This backup stands at migration {manifest.migration}. Restore it with labrecords {manifest.program}, "
            "then run `labrecords upgrade` with this program."
        )
    if database_url and not postgres.is_empty(database_url):
        raise UpkeepFailed("The database is not empty. Make a new one: nothing is ever written over.")


def _proven(manifest: Manifest, copy: Copy) -> Proof:
    proof = prove(copy)
    if proof.problems:
        raise UpkeepFailed(f"The backup opens, but does not verify: {proof.told()}")
    if manifest.heads not in (UNKNOWN, proof.heads):
        raise UpkeepFailed("The chains in this backup do not stand where it says they do. Take another one.")
    return proof


def _newer(files: Path, checkpoints: Path | None, proof: Proof) -> Newest | None:
    """What a checkpoint file from outside knows beyond this copy."""
    if checkpoints is None:
        return None
    newest = newest_in_file(checkpoints, load_authority(files / "keys").checkpoint_certificate_pem)
    return newest if newest and newest.number > proof.checkpoint else None


def _put_into_place(
    folder: Path, into: Path, manifest: Manifest, file: Path, newer: Newest | None, now: datetime
) -> None:
    place = folder / FILES
    if manifest.database == SQLITE:
        (folder / DATABASE).rename(place / "labrecords.sqlite3")
    facts = {
        "backup": file.name,
        "made_at": manifest.made_at,
        "checkpoint": str(manifest.checkpoint),
        "events": str(manifest.heads.events),
        "heads_root": manifest.heads.root,
        **({"newer_checkpoint": str(newer.number), "newer_at": newer.at} if newer else {}),
    }
    (place / MARK).write_text(json.dumps(facts))
    for path in place.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    place.chmod(0o700)
    if into.exists():
        into.rmdir()
    os.rename(place, into)
    settle(into.parent)


def settle_mark(settings: Settings, store: Store) -> None:
    """Note a restoring in the trail that only the folder knows of so far. At an older migration it waits."""
    mark = settings.data_dir / MARK
    try:
        facts = json.loads(mark.read_bytes())
    except FileNotFoundError:
        return
    # A repeat after a crash finds the act done.
    key = sha256_hex(mark.read_bytes())[:32]
    note_restored(Acting(store, SYSTEM_ACTOR, key=key), facts={str(name): str(facts[name]) for name in facts})
    mark.unlink()


def at_start(settings: Settings, store: Store) -> list[str]:
    """What a start must know of copies: notes a restored one in the trail. Returns a sentence for each."""
    said = []
    if (settings.data_dir / MARK).exists():
        settle_mark(settings, store)
        said.append("This is a restored copy: what was recorded after its backup is not in it.")
    newest = older_than_its_file(settings, store)
    if newest is not None:
        mark_older(settings, store, newest)
        said.append(
            f"The database is older than its checkpoint file, which goes on to checkpoint {newest.number} of "
            f"{newest.at}: an older copy was put in its place."
        )
    return said
