"""A laboratory as its owner sets it up: by the command line, in a folder of its own, served by gunicorn on loopback."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sysconfig.get_path("scripts")) / "labrecords"
LABORATORY, SITE_CODE, ZONE = "Cell Laboratory Kraków", "KRK", "Europe/Warsaw"
STARTS_WITHIN_S, STOPS_WITHIN_S = 60, 30


class Server:
    """A running site, and the command line of its installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{_free_port()}"
        own = {name: value for name, value in os.environ.items() if not name.startswith("LABRECORDS_")}
        self.environment = own | {"LABRECORDS_DATA_DIR": str(folder)}
        self.serve = [str(COMMAND), "serve"]
        self.first_link = ""
        """By which the first administrator sets a password."""

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `labrecords` with these words and wait for it."""
        command = [str(COMMAND), *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def link(self, *words: str) -> str:
        """Run a command that prints a one-time link."""
        done = self.run(*words, "--address", self.address)
        assert done.returncode == 0, done.stderr
        found = re.search(r"http://\S+/invitation/\S+", done.stdout)
        assert found, done.stdout
        return found[0]

    @contextmanager
    def running(self, username: str, name: str) -> Iterator[None]:
        """Prepare the installation with its first administrator, and serve it until the block ends."""
        facts = ("--laboratory", LABORATORY, "--site", SITE_CODE, "--zone", ZONE)
        self.first_link = self.link("init", *facts, "--admin", username, "--admin-name", name)
        command = [*self.serve, "--port", self.address.rpartition(":")[2]]
        with (self.folder.parent / "server.log").open("w+") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
            try:
                self._wait(process, Path(log.name))
                yield
            finally:
                process.terminate()
                process.wait(STOPS_WITHIN_S)

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        end = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < end:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/sign-in", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"The site does not answer:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
