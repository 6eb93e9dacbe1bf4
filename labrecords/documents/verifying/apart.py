"""A verification in a process of its own: whatever a stranger's file does to a parser stays there.

The process has little memory, little time, no network, no other programs and nothing to write to; the file comes
through a pipe and is kept nowhere. To load the parsers takes longer than to check a file, so one process that has
loaded them can wait for the next file; it serves that one file and ends.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labrecords.documents.verifying.verdict import CHANGED, FAILED, Check, Verdict
from labrecords.domain.evidence.canonical import sha256_hex

TIME_LIMIT_S, MEMORY_LIMIT_BYTES = 20, 1024**3
AT_ONCE, LONGEST_WAIT_S = 2, 15
IDLE_LIMIT_S = 600
"""After so long without a file the waiting process ends."""
_SLOTS = threading.BoundedSemaphore(AT_ONCE)
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn")

Process = subprocess.Popen[bytes]
_waiting: list[Process] = []
_lock = threading.Lock()


class Busy(Exception):
    """Too many files are being checked at once."""


def verify_apart(data: bytes, trusted_roots: Sequence[str], standing: str | None) -> Verdict:
    """Verify a file apart. `trusted_roots` are PEM texts; `standing` is what the register says of the file.

    Never raises for a bad file: one that the check cannot end with is not valid. Raises Busy.
    """
    if not _SLOTS.acquire(timeout=LONGEST_WAIT_S):
        raise Busy("Too many files are being checked.")
    sent = json.dumps({"roots": list(trusted_roots), "standing": standing}).encode() + b"\n" + data
    try:
        waiting = _take()
        # Without an answer the waiting process had ended by itself just then; a fresh one answers for the file.
        told = (_ask(waiting, sent) if waiting else b"") or _ask(_start(), sent)
    except subprocess.TimeoutExpired:
        return _stopped(
            data, f"the check was stopped after {TIME_LIMIT_S} s, and a record of ours takes less than one"
        )
    finally:
        _SLOTS.release()
    return _answer(data, told)


def prepare() -> None:
    """Let a process load the parsers and wait, since a file will probably come."""
    with _lock:
        _remove_ended()
        if not _waiting:
            _waiting.append(_start())


def _start() -> Process:
    return subprocess.Popen(
        [sys.executable, "-B", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
        # Nothing of the site's own environment: its secrets are none of the parser's business.
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
    )


def _ask(process: Process, sent: bytes) -> bytes:
    try:
        told, _ = process.communicate(sent, timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        _discard(process)
        raise
    return told


def _take() -> Process | None:
    with _lock:
        _remove_ended()
        return _waiting.pop() if _waiting else None


def _remove_ended() -> None:
    for process in [process for process in _waiting if process.poll() is not None]:
        _waiting.remove(process)
        _discard(process)


def _discard(process: Process) -> None:
    process.kill()
    process.communicate()


@atexit.register
def end_waiting() -> None:
    """End the process that waits, if there is one."""
    with _lock:
        while _waiting:
            _discard(_waiting.pop())


def _answer(data: bytes, told: bytes) -> Verdict:
    try:
        found = json.loads(told)
        checks = tuple(Check(**check) for check in found["checks"])
        return Verdict(found["kind"], found["sentence"], checks, sha256_hex(data))
    except (ValueError, KeyError, TypeError):
        return _stopped(data, "the check could not be ended, so it is broken or made to be hard to read")


def _stopped(data: bytes, why: str) -> Verdict:
    sentence = f"NOT VALID: the file could not be checked to the end ({why})."
    return Verdict(CHANGED, sentence, (Check("File", FAILED, sentence),), sha256_hex(data))


def main() -> None:
    """The other side: read the header and the file, verify, and print the verdict as JSON."""
    _limit()
    from cryptography import x509

    from labrecords.documents.verifying.check import as_json
    from labrecords.documents.verifying.verifier import verify

    if not select.select([sys.stdin], [], [], IDLE_LIMIT_S)[0]:
        return
    header: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    sys.addaudithook(_refuse)
    roots = [x509.load_pem_x509_certificate(pem.encode()) for pem in header["roots"]]
    verdict = verify(data, roots, lambda _sha256: header["standing"])
    sys.stdout.write(json.dumps(as_json(verdict)))


def _limit() -> None:
    import resource

    for name, most in (
        ("RLIMIT_AS", MEMORY_LIMIT_BYTES),
        ("RLIMIT_CPU", TIME_LIMIT_S),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", 64),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (AttributeError, ValueError, OSError):  # not every system has every limit
            continue
    os.nice(5)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Nothing that is read may lead anywhere else."""
    writes = event == "open" and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not allowed while a file is checked")


if __name__ == "__main__":
    main()
