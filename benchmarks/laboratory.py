"""A laboratory to measure in: on SQLite in a temporary folder, or on a PostgreSQL server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from labrecords.config import read_settings
from labrecords.demo.cast import Cast
from labrecords.demo.clock import PlayedClock
from labrecords.demo.play import LASTS, SITE
from labrecords.demo.story import Story
from labrecords.installation import Installation, create_installation, open_installation
from labrecords.models.store import server_clock


@contextmanager
def laboratory(database_url: str = "", owner_url: str = "") -> Iterator[tuple[Installation, Story]]:
    """An installation with cast and equipment, and a story that has not begun."""
    with TemporaryDirectory(prefix="labrecords-bench-") as folder:
        environment = {"LABRECORDS_DATA_DIR": str(Path(folder) / "data"), "LABRECORDS_SECURE_COOKIES": "no"}
        if database_url:
            environment |= {
                "LABRECORDS_DATABASE_URL": database_url,
                "LABRECORDS_OWNER_DATABASE_URL": owner_url,
            }
        clock = PlayedClock(server_clock() - LASTS - timedelta(hours=1))
        create_installation(read_settings(environment), SITE, clock)
        place = open_installation(read_settings(environment), clock)
        try:
            story = Story(place.store, Cast(place.store), clock)
            story.prepare()
            yield place, story
        finally:
            place.close()
