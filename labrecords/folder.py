"""The data folder of a SQLite installation: on a disk of this machine, private, and served by one `serve` at a time.

Locks of files and shared memory do not hold over a network share: two machines would write at once and the database
would be damaged without a word (https://sqlite.org/useovernet.html).
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARES = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "smb2",
        "ncpfs",
        "afs",
        "9p",
        "ceph",
        "glusterfs",
        "lustre",
        "beegfs",
    }
    | {"gpfs", "ocfs2", "gfs2", "davfs", "drvfs", "prl_fs", "vboxsf"}
)
SHARES_OF_PROGRAMS = (
    "sshfs",
    "davfs",
    "glusterfs",
    "ceph",
    "rclone",
    "s3fs",
    "smbnetfs",
    "gvfsd",
    "curlftpfs",
    "vmhgfs",
)
MOUNTS = Path("/proc/self/mountinfo")
LOCK = "serving.lock"
WAITS_S = 3.0
"""So long the workers of a server that was killed may still be ending."""


class FolderInUse(Exception):
    """Another server serves this data folder; the text says which."""


def share_of(path: Path, mounts: str | None = None) -> str:
    """The kind of network share that a path lies on (like nfs4), or nothing. Known on Linux only."""
    if mounts is None:
        try:
            mounts = MOUNTS.read_text(errors="replace")
        except OSError:
            return ""
    real = os.path.realpath(path)
    longest, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        words, kinds = before.split(), after.split()
        if len(words) < 5 or not kinds:
            continue
        at = words[4].encode().decode("unicode_escape")
        inside = real == at or real.startswith(at.rstrip("/") + "/")
        # The last of two mounts at one place covers the first.
        if inside and len(at) >= len(longest):
            longest, kind = at, kinds[0]
    remote = kind in SHARES or (kind.startswith("fuse.") and kind[5:].startswith(SHARES_OF_PROGRAMS))
    return kind if remote else ""


def share_problem(database: Path) -> str:
    """Why SQLite may not keep its database there, with the way out; nothing where it may."""
    kind = share_of(database)
    if not kind:
        return ""
    return (
        f"The database {database} lies on a network share ({kind}). Locks do not hold there: SQLite would be damaged "
        "without a word as soon as two programs use it. Move the data folder to a disk of this machine and set "
        "LABRECORDS_DATA_DIR, or use PostgreSQL (LABRECORDS_DATABASE_URL). Copies for backup may lie on the share."
    )


def too_open(folder: Path) -> str:
    """What to do when others can look into the data folder; nothing when they cannot."""
    rights = stat.S_IMODE(folder.stat().st_mode)
    return (
        f"{folder} can be opened by others (rights {rights:o}): run chmod 700 {folder}"
        if rights & 0o077
        else ""
    )


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the data folder while serving. Raises FolderInUse with who holds it.

    The lock belongs to the open file, which the workers share: it ends when the last of them does, however it ends.
    """
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _take(handle)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    end = time.monotonic() + WAITS_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise FolderInUse(_who(os.pread(handle, 1000, 0))) from None
            time.sleep(0.1)


def _who(written: bytes) -> str:
    try:
        told = json.loads(written)
        by = f"process {int(told['pid'])} on {str(told['host'])[:100]}"
    except (ValueError, KeyError, TypeError):
        by = "another process"
    return (
        f"This data folder is served already, by {by}. Use that site, or stop it first. One SQLite folder has one "
        "server, with as many workers as it needs; several servers need PostgreSQL."
    )
