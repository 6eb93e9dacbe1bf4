"""The plain door, opened beside a server and closed with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labrecords.lan.certificates import ServerCertificate
from labrecords.lan.trust_page import TOP, Addresses, write_trust_page

CLOSES_WITHIN_S = 5


class DoorStuck(Exception):
    """The plain door cannot be opened; the text says why, and what to do."""


@contextmanager
def plain_door(
    host: str, port: int, certificate: ServerCertificate, at: Addresses, laboratory: str
) -> Iterator[None]:
    """Answer over plain http while the block runs. Raises DoorStuck."""
    with tempfile.TemporaryDirectory(prefix="labrecords-door-") as folder:
        write_trust_page(Path(folder), certificate, at, laboratory)
        door = subprocess.Popen(
            [sys.executable, "-m", "labrecords.lan.door", host, str(port), folder, at.site],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=TOP,
        )
        assert door.stdout is not None, "it was asked for"
        opened = door.stdout.readline() == b"open\n"
    if not opened:
        told = door.communicate()[1].decode(errors="replace").strip().splitlines()
        raise DoorStuck(
            f"Port {port} for the page that tablets trust by cannot be opened ({told[-1] if told else 'it ended'}). "
            "Choose another with --http-port, or none with --http-port 0."
        )
    owner = os.getpid()
    try:
        yield
    finally:
        # A worker that ends leaves this block too; the door is not its own.
        if os.getpid() == owner:
            door.communicate(timeout=CLOSES_WITHIN_S)
