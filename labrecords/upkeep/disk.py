"""Folders of our own, one run at a time, and what a killed run left behind."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labrecords.upkeep.failure import UpkeepFailed, told

SCRATCH = "scratch-"
LOCK = "upkeep.lock"
UPGRADING = "upgrading.json"
"""In the data folder while an upgrade runs."""
CHUNK = 1024 * 1024


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one backup, restore or upgrade of a data folder at a time; the lock ends with the process.

    Raises UpkeepFailed when another one runs.
    """
    with told(folder):
        handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise UpkeepFailed(
            "Another backup or upgrade of this installation is running. Wait until it has ended."
        ) from None
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A folder that only its owner may open, removed afterwards. What a killed run left there goes first.

    It holds the database in the clear, so it lies inside the data folder. Called while `alone`.
    """
    with told(parent):
        for left in parent.glob(f"{SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def settle(path: Path) -> None:
    """Have a file or folder on the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, or put another content in its place, so that a crash leaves it as it was or whole."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.rename(file)
    settle(file.parent)


def free_bytes(folder: Path) -> int:
    """Room for this user on the disk of a folder; of one that is not there yet, of the nearest that is."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def on_one_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev
