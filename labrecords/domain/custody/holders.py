"""What a walk along the events of custody finds: who held each container when, and where the chain does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from labrecords.domain.custody.events import Offered

GAP, HOLDER, OVERLAP, BACKWARD = "gap", "holder", "overlap", "backward"
PLACE, SEAL, SEAL_CHANGED, ENDED, FILLED_TWICE = "place", "seal", "seal changed", "ended", "filled twice"
UNKNOWN, OVERDRAWN = "unknown container", "over-draw"
RECEIVER, REFUSED = "receiver", "refused"
RULES = (
    *(GAP, HOLDER, OVERLAP, BACKWARD, PLACE, SEAL, SEAL_CHANGED),
    *(FILLED_TWICE, UNKNOWN, OVERDRAWN, ENDED, RECEIVER, REFUSED),
)
IN_STORE = "in store"
"""Who holds what a place keeps."""


@dataclass(frozen=True)
class Segment:
    """One holder of one container, or nobody, for one stretch of time. `end` is None while it lasts."""

    start: datetime
    end: datetime | None
    holder: str
    place: str
    container: str
    temperature_c: Decimal | None = None
    """Temperature measured when this holder received the material, in °C."""
    seal: str = ""
    gap: bool = False
    note: str = ""
    kept: bool = False
    """Whether the place keeps it, and no person."""
    begun_by: str = ""
    """Key of the step with which it began; of a gap, of the one that ended it."""
    ended_by: str = ""
    """Key of the step with which it ended; empty while it lasts."""
    holder_id: str = ""
    """Id of the person who holds it; empty where a place keeps it, and where nobody does."""
    owner: str = ""
    """Of what a place keeps: who answers for it, a person's name or a role; empty where nobody was registered."""


@dataclass(frozen=True)
class CustodyBreak:
    """A place where the chain of custody does not hold."""

    rule: str
    sentence: str
    step_key: str
    start: datetime
    end: datetime
    container: str
    people: tuple[str, ...]
    """Ids of those who took part in it."""


@dataclass(frozen=True)
class Chain:
    segments: tuple[Segment, ...]
    """In the order of time."""
    breaks: tuple[CustodyBreak, ...]
    """In the order in which they happened."""
    offers: tuple[Offered, ...] = ()
    """What was offered and neither taken nor refused: the giver holds it still."""


def other_place(known: str, stated: str) -> bool:
    """Whether two places differ, however they are written."""
    return bool(known) and " ".join(known.casefold().split()) != " ".join(stated.casefold().split())
