"""Whether the database is an older copy of itself: its checkpoint file, kept outside, goes on beyond it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labrecords.actions.door import SYSTEM_ACTOR, Acting
from labrecords.actions.upkeep import note_restored
from labrecords.config import Settings
from labrecords.documents.sealing.authority import KeyUnreadable, load_authority
from labrecords.documents.sealing.checkpoint import verify_checkpoint
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.models.store import Store
from labrecords.models.upkeep import newest_checkpoint
from labrecords.upkeep.copying import trim_checkpoints
from labrecords.upkeep.disk import write_whole
from labrecords.upkeep.failure import UpkeepFailed


@dataclass(frozen=True)
class Newest:
    """The newest checkpoint that a file outside knows."""

    number: int
    at: str


def newest_in_file(file: Path, certificate_pem: str) -> Newest | None:
    """The newest checkpoint of a file that this laboratory's key signed; None for an empty file.

    Raises UpkeepFailed where the file cannot be read, or nothing in it is of this laboratory.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise UpkeepFailed(f"{file} cannot be read: {error.strerror}.") from error
    found: Newest | None = None
    for line in lines:
        try:
            entry = json.loads(line)
            statement, signature = entry["statement"].encode(), bytes.fromhex(entry["signature"])
            stated: dict[str, Any] = json.loads(statement)
            one = Newest(int(stated["number"]), str(stated["at"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if verify_checkpoint(certificate_pem, statement, signature) and (
            found is None or one.number > found.number
        ):
            found = one
    if lines and found is None:
        raise UpkeepFailed(f"{file} holds no checkpoint of this laboratory: it belongs to another one.")
    return found


def older_than_its_file(settings: Settings, store: Store, file: Path | None = None) -> Newest | None:
    """The newest checkpoint of the file outside, where the database does not reach it: it is an older copy then.

    The file is that of the data folder, or another one. Raises UpkeepFailed for one that cannot be read.
    """
    chosen = file or settings.checkpoint_file
    if file is None and not chosen.exists():
        return None
    try:
        certificate = load_authority(settings.keys_dir).checkpoint_certificate_pem
    except KeyUnreadable as error:
        raise UpkeepFailed(str(error)) from error
    newest = newest_in_file(chosen, certificate)
    with store.read() as session:
        known = newest_checkpoint(session)
    return newest if newest and newest.number > (known[0] if known else 0) else None


def mark_older(settings: Settings, store: Store, newest: Newest) -> None:
    """Note that the database was replaced by an older one by hand, and lay the checkpoint file that showed it aside."""
    aside = settings.checkpoint_file.with_name(f"checkpoints-until-{newest.number}.jsonl")
    content = settings.checkpoint_file.read_bytes()
    with store.read() as session:
        known = newest_checkpoint(session)
    facts = {
        "checkpoint": str(known[0] if known else 0),
        "newer_checkpoint": str(newest.number),
        "newer_at": newest.at,
        "file_kept": aside.name,
        "file_sha256": sha256_hex(content),
    }
    if not aside.exists():
        write_whole(aside, content)
    note_restored(Acting(store, SYSTEM_ACTOR), facts=facts)
    trim_checkpoints(settings.checkpoint_file, known[0] if known else 0)
