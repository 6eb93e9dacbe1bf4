"""Custody that is offered to somebody, and that somebody refuses to take (domain B8, B19; 1271.265)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.names import key_of
from labrecords.domain.custody.product_checks import dispense_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import ADMINISTRATION
from labrecords.domain.results.contents import held
from labrecords.domain.review.decisions import release_stop
from labrecords.domain.review.expired import waiting_stop
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Offer(Entry):
    """The giver's side of a hand-over, recorded before anybody has taken it: until then the giver holds it.

    What is offered once the product may be used is dispensed: how much it is, and which of how many, is said then.
    """

    kind: ClassVar[str] = "offer"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY
    performer_label: ClassVar[str] = "Given by"
    ended_label: ClassVar[str] = "Offered at"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    receiver: str = facts.person("Offered to")
    place: str = facts.place("Place", hint="Where it waits for the receiver")
    transport_box: str | None = facts.code("Transport box", required=False)
    seal_number: str | None = facts.code("Seal number", required=False)
    temperature_c: Decimal | None = facts.number("Temperature when given", "°C", required=False, signed=True)
    volume_ml: Decimal | None = facts.number(
        "Volume in it", "mL", required=False, hint="Of a product that is dispensed"
    )
    piece: int | None = facts.whole("Number of the container", required=False, hint="1 of 3: write 1")
    pieces: int | None = facts.whole("Of how many", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        piece, pieces = values.get("piece"), values.get("pieces")
        if (piece is None) != (pieces is None):
            return {"pieces": "Say which container it is, and of how many."}
        if piece is not None and pieces is not None and not 1 <= piece <= pieces:
            return {"piece": f"Of {pieces} containers it is number 1 to {pieces}."}
        return {}

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        """What only a product that is dispensed has."""
        return frozenset({"volume_ml", "piece", "pieces"})

    def contradictions_in(self, record: BatchRecord) -> dict[str, str]:
        if self.volume_ml is None and self._dispenses(record):
            return {"volume_ml": "The product is dispensed with this: say how much is in the container."}
        return {}

    def _dispenses(self, record: BatchRecord) -> bool:
        """Whether the product may be used: it waits for nothing but to be given to the patient.

        A recalled one may not be used: whoever is given it, it is not dispensed.
        """
        if any(one.end is None for one in record.recalls):
            return False
        following = record.next_step()
        ready = following is not None and following.phase == ADMINISTRATION
        return ready and release_stop(record, self.performed_at) is None

    def dispensed(self) -> tuple[str, Decimal] | None:
        return None if self.volume_ml is None else (self.container_code, self.volume_ml)

    def _volume_stop(self, record: BatchRecord) -> Stop | None:
        """A stop where another volume is dispensed than the container held, beyond the tolerance of the process."""
        earlier = replace(
            record, entries=tuple(one for one in record.entries if one.step_key != self.step_key)
        )
        there = held(earlier).get(key_of(earlier, self.container_code))
        if self.volume_ml is None or there is None or there.volume_ml is None:
            return None
        apart, allowed = abs(self.volume_ml - there.volume_ml), record.process.balance_tolerance_percent
        if apart * 100 <= allowed * there.volume_ml:
            return None
        before, now = plain(there.volume_ml), plain(self.volume_ml)
        sentence = f"{self.container_code} held {before} mL, and {now} mL are dispensed."
        return Stop("volume", sentence, "Read the volume on the container again, and look where the rest is.")

    def _check_stop(self, record: BatchRecord) -> Stop | None:
        """A stop where it is dispensed, and its identity check is missing."""
        if self.volume_ml is None:
            return None
        at = self.performed_at
        return dispense_stop(record, self.container_code, at, record.first_recorded_at(self))

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        alone = record.same_human(self.performed_by, self.receiver)
        itself = Stop("same person", "Giver and receiver are the same person.", "Name whom it is offered to.")
        expired = waiting_stop(record, self.performed_at, self.container_code)
        found = (
            wrong,
            expired,
            self._volume_stop(record),
            self._check_stop(record),
            itself if alone else None,
        )
        return tuple(stop for stop in found if stop)

    def summary(self, record: BatchRecord) -> str:
        box = f", box {self.transport_box}" if self.transport_box else ""
        temperature = f", {plain(self.temperature_c)} °C" if self.temperature_c is not None else ""
        volume = f", {plain(self.volume_ml)} mL" if self.volume_ml is not None else ""
        count = f" ({self.piece} of {self.pieces})" if self.piece is not None else ""
        return (
            f"{self.container_code}{count}{volume} offered to {record.name(self.receiver)}, "
            f"{self.place}{box}{temperature}"
        )


@dataclass(frozen=True, kw_only=True)
class Refusal(Entry):
    """Who was to receive it did not take it: the giver goes on holding it."""

    kind: ClassVar[str] = "refusal"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY
    performer_label: ClassVar[str] = "Refused by"
    ended_label: ClassVar[str] = "Refused at"

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    giver: str = facts.person("Offered by")
    why: str = facts.text("Why it was not taken", hint="Seal, label, temperature, appearance, papers")
    seal_number: str | None = facts.code("Seal number", required=False)
    temperature_c: Decimal | None = facts.number("Temperature found", "°C", required=False, signed=True)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.container_code)
        alone = record.same_human(self.performed_by, self.giver)
        itself = Stop("same person", "Nobody refuses what they offered themselves.", "Name who offered it.")
        return tuple(stop for stop in (wrong, itself if alone else None) if stop)

    def summary(self, record: BatchRecord) -> str:
        return f"{self.container_code} of {record.name(self.giver)} not taken: {self.why}"
