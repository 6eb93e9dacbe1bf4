"""A clock for a story: it stands still until it is told to move."""

from __future__ import annotations

from datetime import datetime, timedelta


class PlayedClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def tick(self, minutes: float) -> datetime:
        """Let time pass, and return the new instant."""
        self.now += timedelta(minutes=minutes)
        return self.now
