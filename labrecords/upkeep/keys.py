"""The key pair of the backups: the secret key leaves the server, the public one stays."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from labrecords.config import Settings
from labrecords.domain.values import times
from labrecords.upkeep.disk import settle
from labrecords.upkeep.encrypted import RECIPIENTS, new_identity, recipients_of
from labrecords.upkeep.failure import UpkeepFailed, told


def make_key(settings: Settings, file: Path, *, add: bool, at: datetime) -> tuple[str, str]:
    """Make a key pair: the secret key into a new file outside the data folder. Returns its public key, and all.

    Raises UpkeepFailed for a file in the data folder, or one that is there.
    """
    chosen = file.absolute()
    if settings.data_dir in chosen.resolve().parents:
        raise UpkeepFailed(
            "The secret key does not belong into the data folder: who steals the server could open its backups. "
            "Name a file on another disk, as on a stick that is then kept in a safe."
        )
    kept = [str(key) for key in recipients_of(settings.data_dir)] if add else []
    secret, public = new_identity()
    text = f"# labrecords backup key, made {times.to_text(at)}\n# public key: {public}\n{secret}\n"
    with told(chosen):
        try:
            _write_new(chosen, text)
        except FileExistsError:
            raise UpkeepFailed(
                f"{file} is there already. A key is never written over: name a new file."
            ) from None
    recipients = [*kept, public]
    making = settings.data_dir / f"{RECIPIENTS}.new"
    with told(settings.data_dir):
        making.unlink(missing_ok=True)
        _write_new(making, "".join(f"{key}\n" for key in recipients))
        making.rename(settings.data_dir / RECIPIENTS)
        settle(settings.data_dir)
    return public, " ".join(recipients)


def _write_new(file: Path, text: str) -> None:
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
