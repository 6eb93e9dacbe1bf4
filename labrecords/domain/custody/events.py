"""What happens to containers, as custody reads it: who, where, when. No step kind is known here.

Instants are UTC, temperatures °C; persons are ids. `source` is the key of the step that says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class CustodyEvent:
    """One thing that happened to one container, and who did it."""

    at: datetime
    container: str
    person: str
    source: str

    @property
    def began_at(self) -> datetime:
        return self.at


@dataclass(frozen=True, kw_only=True)
class Collected(CustodyEvent):
    """Material of the patient came into the container, and `person` holds it."""

    place: str
    seal: str = ""


@dataclass(frozen=True, kw_only=True)
class Filled(CustodyEvent):
    """Material moved from one container into another, in the hands of whoever held it."""

    origin: str
    emptied: bool = True
    """Whether nothing of the product was left in the container that it came from."""
    volume_ml: Decimal | None = None
    """How much of it, in mL; None where that is not stated."""
    left_ml: Decimal | None = None
    """How much was left in the container that it came from, in mL; None where that is not stated."""

    @property
    def origins(self) -> tuple[str, ...]:
        return (self.origin,)


@dataclass(frozen=True)
class Drawn:
    """What came out of one container, and what was stated to be left in it, in mL."""

    container: str
    volume_ml: Decimal
    left_ml: Decimal

    @property
    def emptied(self) -> bool:
        return not self.left_ml


@dataclass(frozen=True, kw_only=True)
class Pooled(CustodyEvent):
    """Material of several containers was poured together into one, in the hands of whoever held them all."""

    out_of: tuple[Drawn, ...]
    volume_ml: Decimal
    """How much it is together, in mL."""

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(one.container for one in self.out_of)


@dataclass(frozen=True, kw_only=True)
class LabelledOver(CustodyEvent):
    """Another label was put over its own: from then on it has the code `code`, and is what and where it was."""

    code: str


@dataclass(frozen=True, kw_only=True)
class HandedOver(CustodyEvent):
    """`person` received at `at` what `giver` gave at `given_at`."""

    giver: str
    given_at: datetime
    place_from: str
    place_to: str
    seal: str = ""
    seal_whole: bool = True
    temperature_c: Decimal | None = None

    @property
    def began_at(self) -> datetime:
        return self.given_at


@dataclass(frozen=True, kw_only=True)
class Offered(CustodyEvent):
    """`person` offered it to `receiver`. Until that person takes it, whoever held it holds it."""

    receiver: str
    place: str
    seal: str = ""


@dataclass(frozen=True, kw_only=True)
class Declined(CustodyEvent):
    """`person` did not take what `giver` offered."""

    giver: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PutAway(CustodyEvent):
    """It was put into a place, which keeps it from then on: a fridge may hold it overnight."""

    place: str
    temperature_c: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class TakenOut(CustodyEvent):
    """It was taken out of a place, and `person` holds it from then on."""

    place: str
    temperature_c: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Sampled(CustodyEvent):
    """A sample was drawn out of it for a test."""

    volume_ml: Decimal
    """How much, in mL."""


@dataclass(frozen=True, kw_only=True)
class Injected(CustodyEvent):
    """It was injected, or some of it."""

    volume_ml: Decimal | None = None
    """How much of it, in mL; None where that is not stated."""
    last: bool = True
    """Whether it was put to its end by that: what was left in it is no product any more."""


@dataclass(frozen=True, kw_only=True)
class Discarded(CustodyEvent):
    """It was destroyed, with what was left in it."""
