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

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.story.desk import Desk
from tests.story.documents import download, drop
from tests.story.played import PlayedClock
from tests.story.run import Run
from tests.story.server import ZONE, Server
from tests.story.watch import DESK, Watch
from tests.support.chromium import launch

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
FRAME: ViewportSize = {"width": 1280, "height": 1080}
COLOURS = 256
LARGEST_BYTES = 200_000
RESOLUTION_DPI = 100
MORNING = 8
FROM_THE_TOP = """() => {
  const step = document.querySelector("form .step"), bar = document.querySelector(".ctx");
  scrollTo(0, step ? step.getBoundingClientRect().top + scrollY - bar.offsetHeight : 0);
}"""
"""A step is shown from its heading on: the steps before stand above it."""


class NoWatch(Watch):
    """Pictures are looked at by people."""

    def look(self, page: Page, *, scripts: bool = True) -> None:
        pass


class Album(Run):
    """The story, with a picture wherever one is worth taking."""

    def __init__(self, browser: Browser, server: Server) -> None:
        super().__init__(browser, server, NoWatch())
        self.clock = PlayedClock(server.folder)

    def seen(self, name: str, desk: Desk) -> None:
        desk.page.set_viewport_size(FRAME)
        desk.page.evaluate(FROM_THE_TOP)
        desk.page.screenshot(path=PICTURES / f"{name}.png")
        desk.page.set_viewport_size(DESK)

    def passes(self, minutes: int) -> None:
        self.clock.tick(minutes)

    def now(self) -> datetime:
        return self.clock()

    def begin_in_the_morning(self) -> None:
        here = self.now().astimezone(ZoneInfo(ZONE))
        morning = here.replace(hour=MORNING, minute=0) + timedelta(days=1)
        self.passes(int((morning - here).total_seconds() // 60))


def take(album: Album, folder: Path) -> None:
    """Play the story and take every picture."""
    album.until("joined")
    album.begin_in_the_morning()
    album.until("closed")
    ada, stranger = album.desk("ada"), Desk(album.browser, album.server.address, album.watch)
    document = download(ada, album.number, folder)[2]
    ada.open(f"/batches/{album.number}")
    album.seen("batch", ada)
    drop(stranger, document)
    album.seen("verify", stranger)
    page = ("-f", "1", "-l", "1", "-singlefile", "-gray", "-r", str(RESOLUTION_DPI))
    subprocess.run(["pdftoppm", "-png", *page, str(document), str(PICTURES / "document")], check=True)
    album.leave()


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "laboratory")
        server.serve = [sys.executable, "-m", "tests.story.played"]
        browser = launch(playwright)
        with server.running("ivan", "Ivan Kowalczyk"):
            take(Album(browser, server), Path(folder))
    for picture in PICTURES.glob("*.png"):
        fewer = Image.open(picture).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        fewer.save(picture, optimize=True)
        assert picture.stat().st_size < LARGEST_BYTES, f"{picture.name} has {picture.stat().st_size} bytes"


if __name__ == "__main__":
    main()
