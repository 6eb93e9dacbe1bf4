"""A backup of a laboratory of the tests, with its key, and what restores it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labrecords.config import Settings
from labrecords.domain.upkeep.rotation import Keep
from labrecords.installation import Installation, open_installation
from labrecords.upkeep.backup import Backup, Wanted, make_backup
from labrecords.upkeep.keys import make_key
from labrecords.upkeep.restore import Expected, Restored, restore
from tests.support.lab import Lab


@dataclass
class Safe:
    """Where a test keeps its backups and their secret key: apart from the laboratory."""

    lab: Lab
    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "backup.key"

    @property
    def target(self) -> Path:
        return self.folder / "backups"

    @property
    def settings(self) -> Settings:
        return self.lab.installation.settings

    def make_key(self) -> None:
        self.folder.mkdir(exist_ok=True)
        make_key(self.settings, self.key, add=False, at=self.lab.clock())

    def backup(self, keep: Keep | None = None, **changed: Any) -> Backup:
        if not self.key.exists():
            self.make_key()
        settings = replace(self.settings, **changed)
        return make_backup(settings, Wanted(self.target, keep or Keep()), self.lab.clock)

    def restore(self, file: Path, name: str = "restored", **more: Any) -> Restored:
        expected = more.pop("expected", Expected())
        clock: Callable[[], Any] = self.lab.clock
        return restore(
            file, more.pop("identity", self.key), self.folder / name, expected=expected, clock=clock, **more
        )

    def opened(self, name: str = "restored", **changed: Any) -> Installation:
        """The restored installation, started."""
        folder = self.folder / name
        url = f"sqlite:///{folder / 'labrecords.sqlite3'}"
        changed = {"database_url": url, "owner_database_url": url, **changed}
        return open_installation(replace(self.settings, data_dir=folder, **changed), self.lab.clock)
