"""Reagents and disposables that an act used, and the rule that their lots were in date (21 CFR 211.80, 1271.210)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Material:
    """One material as an act names it. What was not stated is None; a disposable has no volume (mL)."""

    name: str
    lot: str | None
    expiry: date | None = None
    volume_ml: Decimal | None = None
    amount: str = ""
    """How much it was, with the unit, where it is not a volume in mL."""
    maker: str = ""
    """As the act names it, where it does."""


def named_materials(entry: Entry) -> tuple[Material, ...]:
    """The materials of an act. One that is only begun may not name all of them yet."""
    return tuple(material for material in entry.materials() if material.name)


def expired_lots(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop for every material whose lot had expired on the day of the act, by the laboratory's calendar."""
    day = record.day_of(entry.performed_at)
    return tuple(
        Stop(
            rule="expired lot",
            sentence=f"The lot of {material.name} expired on {material.expiry.isoformat()}.",
            way_out="Take a lot that is in date.",
        )
        for material in named_materials(entry)
        if material.expiry and material.expiry < day
    )
