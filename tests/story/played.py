"""A server whose clock is played, for the pictures: `python -m tests.story.played --port 8000`.

In the pictures the run shall take as long as at a bench, and nobody wants to wait for it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from labrecords import create_app
from labrecords.config import read_settings
from labrecords.installation import open_installation
from labrecords.server import Server


class PlayedClock:
    """The true time, and as many minutes more as a file says: all processes of the server read the same."""

    def __init__(self, folder: Path) -> None:
        self.file = folder.parent / "minutes"

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=self.minutes)

    @property
    def minutes(self) -> int:
        return int(self.file.read_text()) if self.file.exists() else 0

    def tick(self, minutes: int) -> None:
        """Let time pass."""
        self.file.write_text(str(self.minutes + minutes))


class PlayedServer(Server):
    """Gunicorn as always, on the played clock."""

    def load(self) -> Any:
        return create_app(open_installation(self.settings, PlayedClock(self.settings.data_dir)))


if __name__ == "__main__":
    # Hours pass in seconds here, and nobody shall be signed out by that.
    settings = replace(read_settings(), secure_cookies=False, idle_minutes=48 * 60, session_hours=48)
    PlayedServer(settings, "127.0.0.1", int(sys.argv[-1]), 2, 4).run()
