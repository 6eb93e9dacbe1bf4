"""The laboratory in which the browser tests work: one server and one cast for the whole run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from tests.story.played import PlayedClock
from tests.story.run import Run
from tests.story.server import Server
from tests.story.watch import Watch


class PlayedRun(Run):
    """The story on a played clock: a spin of ten minutes takes ten minutes, and nobody waits for it."""

    def __init__(self, browser: Browser, server: Server, watch: Watch) -> None:
        super().__init__(browser, server, watch)
        self.clock = PlayedClock(server.folder)

    def passes(self, minutes: int) -> None:
        self.clock.tick(minutes)

    def now(self) -> datetime:
        return self.clock()


@pytest.fixture(scope="session")
def run(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The story, to be played as far as a test needs it."""
    server = Server(tmp_path_factory.mktemp("story") / "laboratory")
    server.serve = [sys.executable, "-m", "tests.story.played"]
    with server.running("ivan", "Ivan Kowalczyk"):
        story = PlayedRun(browser, server, Watch())
        yield story
        story.leave()
    # Of every page that any test of this run has opened, also of those that came after the story.
    assert not story.watch.faults, "\n".join(map(str, story.watch.faults))
