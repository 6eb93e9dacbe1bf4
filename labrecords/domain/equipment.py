"""Registered equipment: what a centrifuge and a rotor are, and whether one may be used (21 CFR 211.68(a), 211.105)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain import times
from labrecords.domain.entries import Stop

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

CATEGORIES = ("centrifuge", "rotor")


def check_stop(record: BatchRecord, item_id: str, at: datetime) -> Stop | None:
    """A stop when a piece was out of service, or its check had run out, as it was registered at the given instant.

    A registration that was made after the act does not mend what it was at the act. Where the piece was not yet
    registered at all then, its first registration counts.
    """
    named = record.equipment_item(item_id)
    versions = [item for item in record.equipment if item.code == named.code]
    before = [item for item in versions if item.registered_at <= at]
    item = before[-1] if before else versions[0]
    if not item.in_service:
        return Stop("equipment", f"{item.code} is out of service.", "Take another one that is in service.")
    day = times.local(at, ZoneInfo(record.laboratory.zone)).date()
    if item.next_check and date.fromisoformat(item.next_check) < day:
        return Stop(
            "equipment",
            f"The check of {item.code} was due on {item.next_check}.",
            "Take another one, or have it checked and registered again.",
        )
    return None
