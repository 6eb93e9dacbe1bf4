"""A run whose every step is written in its TOML file: played in the order of its master record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from labrecords.actions.batches import open_ordered_batch
from labrecords.actions.confirming import reenter_step
from labrecords.demo.masters import followed
from labrecords.demo.ordered import write_patient_and_order
from labrecords.demo.run import Part, PlayedRun
from labrecords.demo.stated import Names, stated
from labrecords.domain.entries import VERIFIED, Entry
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.process import ADMINISTRATION, PROCESSING, TESTING
from labrecords.domain.review.reentry import asked_again, kept_back
from labrecords.domain.steps.order import Order
from labrecords.models.batch_record import equipment_now

TAKES, PERFORMER, RECORDER, REPORTED = "takes_min", "performed_by", "recorded_by", "reported"
LATE_BY, LATE_REASON = "entered_after_min", "late_reason"
ABOUT = (TAKES, PERFORMER, RECORDER, REPORTED, LATE_BY, LATE_REASON)
"""What is written of a step besides its facts: how long it takes, who does and who records it, what is reported, and
how long after its end and why it is entered late."""
PATIENT = "patient"
"""Who the patient is, where the batch is opened from an order."""
TECHNICIAN, SECOND = "tess", "vic"
"""Who does a step where nobody else is named, and who confirms it as second person."""


@dataclass
class WrittenRun(PlayedRun):
    """Plays what is written. Subclasses play otherwise what did not go as planned."""

    def open(self) -> str:
        """Open the batch: from an order, where the file says who the patient is. Returns its number."""
        if PATIENT not in self.chosen:
            return super().open()
        written = stated(Order, self._written("order"), self._names())
        code = write_patient_and_order(self.cast, self.master, self.chosen[PATIENT], written)
        digest = followed(self.store, self.master)
        self.number = open_ordered_batch(self.cast.by(TECHNICIAN), process_digest=digest, order_code=code)
        return self.number

    def before_release(self) -> list[Part]:
        return [*self._phase(PROCESSING), *self._phase(TESTING)]

    def after_release(self) -> list[Part]:
        return self._phase(ADMINISTRATION)

    def _phase(self, phase: str) -> list[Part]:
        """The steps of a phase that the run has; a late test that is not written was not begun yet."""
        keys = [step.key for step in self.record().process.phase(phase)]
        return [(key, partial(self.step, key)) for key in keys if key in self.chosen]

    def step(self, key: str) -> None:
        """Let the step take its time, record it, late where that is written, and give what confirmations it wants."""
        written = self.chosen[key]
        self.clock.tick(written[TAKES])
        ended, facts, late = self.clock(), self.facts(key), {}
        if LATE_BY in written:
            self.clock.tick(written[LATE_BY])
            late = {"performed_at": ended, "late_reason": written[LATE_REASON]}
        self.put(key, facts, **late)
        self.confirm_all(key)

    def put(
        self, key: str, facts: Mapping[str, Any], *, reported: str | None = None, **circumstances: Any
    ) -> str:
        """Record a step by whom the file names. `reported` instead of what the file says. Returns the entry's id."""
        written = self.chosen[key]
        performer = written.get(PERFORMER, TECHNICIAN)
        return self._put(
            key,
            KINDS[self.record().process.step(key).kind],
            by=written.get(RECORDER, performer),
            performer=performer,
            facts=facts,
            reported=written.get(REPORTED, "") if reported is None else reported,
            **circumstances,
        )

    def facts(self, key: str, **instead: Any) -> dict[str, Any]:
        """The facts of a step as they are written at this moment; patient and order are those of the batch."""
        record = self.record()
        kind = KINDS[record.process.step(key).kind]
        found = stated(kind, self._written(key) | instead, self._names())
        asked = {fact.name for fact in facts_of(kind)}
        known: dict[str, Any] = {
            "patient_code": record.batch.patient_code,
            "identity_code": record.batch.identity_code,
        }
        for order in record.orders:
            known |= {"order_code": order.code, "consent_date": order.consent_date}
            known["second_identifier"] = self.chosen[PATIENT]["birth_date"]
        return found | {name: value for name, value in known.items() if name in asked}

    def _written(self, key: str) -> dict[str, Any]:
        return {name: value for name, value in self.chosen[key].items() if name not in ABOUT}

    def _names(self) -> Names:
        with self.store.read() as session:
            equipment = {item.code: item.id for item in equipment_now(session)}
        people = {username: member.actor.person_id for username, member in self.cast.members.items()}
        return Names(self.clock(), people, equipment, self.given)

    def confirm_all(self, key: str) -> None:
        """Give every confirmation that the step still lacks, each by the person it is wanted of."""
        names = {member.actor.person_id: username for username, member in self.cast.members.items()}
        record = self.record()
        entry = record.current(key)
        for wanted in record.outstanding(entry) if entry else ():
            if entry and wanted.act == VERIFIED and kept_back(record, entry):
                self._read_again(key, entry)
            else:
                self._confirm(key, wanted.act, names[wanted.person_id] if wanted.person_id else SECOND)

    def _read_again(self, key: str, entry: Entry) -> None:
        """The second person reads the same values, without seeing the first."""
        self.clock.tick(1)
        record = self.record()
        values = {item.name: item.first for item in asked_again(entry, record.process.step(key))}
        agreed = reenter_step(
            self.cast.by(SECOND),
            step=self._ref(record, key),
            entry_id=entry.id,
            values=values,
            typed={name: str(value) for name, value in values.items()},
            reason="",
            proof=self.cast.proof(SECOND),
        )
        assert agreed, key
