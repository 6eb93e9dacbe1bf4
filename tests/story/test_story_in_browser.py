"""The whole story in a real browser on a real server: six people, one published run, and the document that proves it."""

from __future__ import annotations

import pytest
from tests.story.run import Run, STATIONS


@pytest.mark.parametrize("station", STATIONS)
def test_station(run: Run, station: str) -> None:
    run.until(station)
