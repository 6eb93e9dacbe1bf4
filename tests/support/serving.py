"""The real server in its own process, as its owner starts it: what it prints, where it listens, and how it ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner

from labrecords.cli import main

COMMAND = (sys.executable, "-c", "from labrecords.cli import main; main(prog_name='labrecords')")
STARTS_WITHIN_S, STOPS_WITHIN_S = 60, 30
FACTS = ("--laboratory", "Cell Laboratory", "--site", "KRK", "--zone", "Europe/Warsaw")
ADMIN = ("--admin", "ivan", "--admin-name", "Ivan Ilić")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("LABRECORDS_")}
    named = {f"LABRECORDS_{name}": value for name, value in settings.items()}
    here = str(Path(__file__).parents[2])
    return own | named | {"LABRECORDS_DATA_DIR": str(folder), "PYTHONPATH": here, "PYTHONUNBUFFERED": "1"}


def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `labrecords` with these words and wait for it."""
    return subprocess.run(
        [*COMMAND, *words], env=environment(folder, **settings), capture_output=True, text=True, timeout=120
    )


def says(folder: Path, *words: str, fails: bool = False, **settings: str) -> str:
    """What `labrecords` says to these words, run within the test."""
    named = {f"LABRECORDS_{name}": value for name, value in settings.items()}
    result = CliRunner().invoke(main, list(words), env={"LABRECORDS_DATA_DIR": str(folder)} | named)
    assert result.exit_code == (1 if fails else 0), result.output
    return result.output


class Serving:
    """A running `labrecords serve`."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process, self.log, self.port = process, log, port

    @property
    def printed(self) -> str:
        return self.log.read_text()


@contextmanager
def serving(folder: Path, *words: str, port: int = 0, **settings: str) -> Iterator[Serving]:
    """Serve an installation that is there, until the block ends."""
    port = port or free_port()
    log = folder.parent / f"serve-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *words],
            env=environment(folder, **settings),
            stdout=out,
            stderr=out,
        )
    try:
        _wait(process, log, port)
        yield Serving(process, log, port)
    finally:
        process.terminate()
        process.wait(STOPS_WITHIN_S)


def _wait(process: subprocess.Popen[bytes], log: Path, port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The site does not answer:\n{log.read_text()}")
