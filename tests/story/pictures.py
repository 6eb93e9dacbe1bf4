"""Takes the pictures of docs/pictures from the story: `python -m tests.story.pictures`, run by hand.

Its clock is played, so that the run takes as long as at a bench, and begins in the morning.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

from tests.story.desk import Desk
from tests.story.documents import download, drop
from tests.story.played import PlayedClock
from tests.story.run import Run
from tests.story.server import ZONE, Server
from tests.story.watch import Watch
from tests.support.chromium import FLAGS, find_chromium

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
LARGEST_BYTES = 200_000
RESOLUTION_DPI = 80
MORNING = 8
FROM_THE_TOP = """() => {
  const step = document.querySelector("form .step");
  scrollTo(0, step ? step.getBoundingClientRect().top + scrollY - 90 : 0);
}"""
"""A step is shown from its heading on: the steps before stand above it."""
OTHERS = (("P-2093-M", "received"), ("P-1180-T", "opened"), ("P-3316-W", "counted"))
"""Other batches of that morning, and how far they have come."""


class NoWatch(Watch):
    """Pictures are looked at by people."""

    def look(self, page: Page, *, scripts: bool = True) -> None:
        pass


class Album(Run):
    """The story, with a picture wherever one is worth taking."""

    def __init__(self, browser: Browser, server: Server) -> None:
        super().__init__(browser, server, NoWatch())
        self.clock, self.taking = PlayedClock(server.folder), True

    def seen(self, name: str, desk: Desk) -> None:
        if self.taking:
            desk.page.evaluate(FROM_THE_TOP)
            desk.page.screenshot(path=PICTURES / f"{name}.png")

    def passes(self, minutes: int) -> None:
        self.clock.tick(minutes)

    def now(self) -> datetime:
        return self.clock()

    def begin_in_the_morning(self) -> None:
        here = self.now().astimezone(ZoneInfo(ZONE))
        morning = here.replace(hour=MORNING, minute=0) + timedelta(days=1)
        self.passes(int((morning - here).total_seconds() // 60))

    def another(self, patient: str, station: str) -> None:
        """One more batch in the same laboratory, as far as this station, without pictures."""
        self.taking, self.patient, self.played = False, patient, ["joined", "equipped"]
        self.until(station)
        self.taking = True


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "laboratory")
        server.serve = [sys.executable, "-m", "tests.story.played"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        with server.running("ivan", "Ivan Kowalczyk"):
            take(Album(browser, server), Path(folder))
    for picture in PICTURES.glob("*.png"):
        assert picture.stat().st_size < LARGEST_BYTES, f"{picture.name} has {picture.stat().st_size} bytes"


def take(album: Album, folder: Path) -> None:
    """Play the story and take every picture."""
    album.until("joined")
    album.begin_in_the_morning()
    album.until("closed")
    document = download(album.desk("ada"), album.number, folder)[2]
    stranger = Desk(album.browser, album.server.address, album.watch)
    drop(stranger, document)
    album.seen("verify", stranger)
    name, page = PICTURES / "document", ("-f", "1", "-l", "1", "-singlefile")
    command = ["pdftoppm", "-png", "-r", str(RESOLUTION_DPI), *page, str(document), str(name)]
    subprocess.run(command, check=True)
    for patient, station in OTHERS:
        album.another(patient, station)
    tess = album.desk("tess")
    tess.open("/")
    album.seen("home-technician", tess)
    album.leave()


if __name__ == "__main__":
    main()
