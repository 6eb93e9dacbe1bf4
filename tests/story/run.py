"""One published run, typed into the pages by six people: from the first one-time link to the closed record.

`Run.until(station)` takes the story so far. Each station is played once, by what a person sees and can reach.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser

from tests.story import joining, processing, theatre
from tests.story.laboratory import Laboratory
from tests.story.server import Server
from tests.story.watch import Watch

STATIONS: dict[str, Callable[[Laboratory], None]] = {
    "joined": joining.joined,
    "equipped": joining.equipped,
    "approved": joining.approved,
    "trained": joining.trained,
    "opened": joining.opened,
    "harvested": processing.harvested,
    "received": processing.received,
    "counted before": processing.counted_before,
    "spun": processing.spun,
    "counted": processing.counted,
    "reconciled": processing.reconciled,
    "released": theatre.released,
    "at the bedside": theatre.at_the_bedside,
    "administered": theatre.administered,
    "closed": theatre.closed,
}


class Run(Laboratory):
    """The laboratory, and the story as far as it has come."""

    def __init__(self, browser: Browser, server: Server, watch: Watch) -> None:
        super().__init__(browser, server, watch)
        self.played: list[str] = []
        self.broken: BaseException | None = None

    def until(self, station: str) -> None:
        """Play up to and with this station."""
        names = list(STATIONS)
        for name in names[: names.index(station) + 1]:
            if name not in self.played:
                self._play(name)

    def _play(self, name: str) -> None:
        if self.broken:
            raise AssertionError(f"The story has stopped before “{name}”.") from self.broken
        try:
            STATIONS[name](self)
        except BaseException as error:
            self.broken = error
            raise
        self.played.append(name)
