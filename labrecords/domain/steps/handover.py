"""The hand-over of a container from one person to another, confirmed by both (domain B8, B19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.names import key_of
from labrecords.domain.custody.product_checks import dispense_stop
from labrecords.domain.custody.quarantine import IN_QUARANTINE, in_quarantine
from labrecords.domain.entries import GIVEN, RECEIVED, VERIFIED, Entry, Stop, Wanted
from labrecords.domain.once import grouped, once
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import ADMINISTRATION
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.review.decisions import release_stop
from labrecords.domain.review.expired import waiting_stop
from labrecords.domain.steps.offer import Offer, Refusal
from labrecords.domain.steps.storage import Storage
from labrecords.domain.values import codes, times
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

AS_RECALLED = "carried as recalled"


@dataclass(frozen=True, kw_only=True)
class Handover(Entry):
    kind: ClassVar[str] = "handover"
    performer_label: ClassVar[str] = "Received by"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY

    container_code: str = facts.code("Container", hint="Scan or type the code on the container")
    giver: str = facts.person("Given by")
    given_at: datetime = facts.moment("Given at")
    place_from: str = facts.place("From")
    place_to: str = facts.place("To")
    transport_box: str | None = facts.code("Transport box", required=False)
    seal_number: str | None = facts.code("Seal number", required=False)
    seal_whole: bool = facts.yesno("Seal and container whole")
    given_temperature_c: Decimal | None = facts.number(
        "Temperature when given", "°C", required=False, signed=True
    )
    temperature_c: Decimal | None = facts.number("Temperature at receipt", "°C", required=False, signed=True)

    def wanted(self, record: BatchRecord) -> tuple[Wanted, ...]:
        """Giver and receiver each confirm by own sign-in, unless they recorded their side themselves."""
        both = (Wanted(GIVEN, self.giver), Wanted(RECEIVED, self.performed_by))
        said = {(RECEIVED, self.recorded_by), (GIVEN, self.recorded_by)}
        if self._offered_by_the_giver(record):
            said.add((GIVEN, self.giver))
        needed = tuple(wanted for wanted in both if (wanted.act, wanted.person_id) not in said)
        step = record.process.step(self.step_key)
        return needed + ((Wanted(VERIFIED, None),) if step.second_person else ())

    def _offered_by_the_giver(self, record: BatchRecord) -> bool:
        """Whether the last that was done with it before is its offer to this receiver, by the giver's own sign-in.

        What is stated in the giver's name must agree with it: the time, the place, and the seal where both state one.
        """
        last = next(
            (
                act
                for minute, act in _acts_about(record).get(key_of(record, self.container_code), ())
                if act.step_key != self.step_key and minute <= self.performed_at
            ),
            None,
        )
        return (
            isinstance(last, Offer)
            and last.recorded_by == last.performed_by == self.giver
            and record.same_human(last.receiver, self.performed_by)
            and times.minute(last.performed_at) <= self.given_at
            and codes.normalise(last.place) == codes.normalise(self.place_from)
            and codes.normalise(last.seal_number or "")
            in ("", codes.normalise(self.seal_number or last.seal_number or ""))
        )

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        leaving: tuple[Stop | None, ...]
        found = []
        wrong = container_stop(record, self.step_key, self.container_code)
        if wrong:
            found.append(wrong)
        if record.process.step(self.step_key).phase == ADMINISTRATION:
            leaving = (
                release_stop(record, self.given_at),
                expiry_stop(record, self.performed_at, self.container_code),
                dispense_stop(record, self.container_code, self.given_at, record.first_recorded_at(self)),
            )
        else:
            leaving = (waiting_stop(record, self.performed_at, self.container_code),)
        found += [stop for stop in leaving if stop]
        if record.same_human(self.performed_by, self.giver):
            found.append(
                Stop(
                    "same person",
                    "Giver and receiver are the same person.",
                    "Name who gave and who received.",
                )
            )
        return tuple(found)

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        """What travels as quarantine, before its release, or as recalled: page and document say so."""
        recalled = tuple(
            Remark(
                AS_RECALLED,
                f"It travels as recalled. {one.said()}",
                "Carry it apart and marked, and keep it so.",
                severity=None,
            )
            for one in record.recalls
            if one.stood_at(record.first_recorded_at(self))
        )
        if not in_quarantine(record, self.given_at):
            return recalled
        sentence = "It travels as quarantine: quality assurance had not released it when it was given."
        return (
            Remark(IN_QUARANTINE, sentence, "Carry it apart from what is released.", severity=None),
            *recalled,
        )

    def summary(self, record: BatchRecord) -> str:
        seal = "" if self.seal_whole else ", seal or container broken"
        temperature = f", {plain(self.temperature_c)} °C" if self.temperature_c is not None else ""
        box = f", box {self.transport_box}" if self.transport_box else ""
        return (
            f"{self.container_code}: {record.name(self.giver)} to {record.name(self.performed_by)}, "
            f"{self.place_from} to {self.place_to}{box}{temperature}{seal}"
        )


_Held = Offer | Refusal | Handover | Storage


@once
def _acts_about(record: BatchRecord) -> dict[str, tuple[tuple[datetime, _Held], ...]]:
    """What was recorded of giving, taking and keeping each container, by its code, each with its minute.

    The last one first; of one minute, what was offered comes after the rest.
    """
    acts = [
        (times.minute(act.performed_at), act)
        for act in record.current_entries()
        if isinstance(act, (Offer, Refusal, Handover, Storage))
    ]
    acts.sort(key=lambda one: (one[0], isinstance(one[1], Offer)), reverse=True)
    return grouped(acts, lambda one: key_of(record, one[1].container_code))
