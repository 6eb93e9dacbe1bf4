"""Registered equipment: what a centrifuge and a rotor are, and whether one may be used (21 CFR 211.68(a), 211.105)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain.entries import Stop

if TYPE_CHECKING:
    from labrecords.domain.record import Equipment

CATEGORIES = ("centrifuge", "rotor")


def check_stop(item: Equipment, at: datetime, zone: str) -> Stop | None:
    """A stop when the equipment is out of service or its check had run out at the given instant."""
    if not item.in_service:
        return Stop("equipment", f"{item.code} is out of service.", "Take another one that is in service.")
    if item.next_check and date.fromisoformat(item.next_check) < at.astimezone(ZoneInfo(zone)).date():
        return Stop(
            "equipment",
            f"The check of {item.code} was due on {item.next_check}.",
            "Take another one, or have it checked and registered again.",
        )
    return None
