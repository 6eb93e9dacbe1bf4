"""The laboratory in which the browser tests work: one server and one cast for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.story.run import Run
from tests.story.server import Server
from tests.story.watch import Watch


@pytest.fixture(scope="session")
def run(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The story, to be played as far as a test needs it."""
    server = Server(tmp_path_factory.mktemp("story") / "laboratory")
    with server.running("ivan", "Ivan Kowalczyk"):
        story = Run(browser, server, Watch())
        yield story
        story.leave()
