"""What every quality-control test has in common: its sample, its method, and how it is reported (21 CFR 211.194(a)).

A test is a step of the phase "testing". It stands outside the order of steps: it is recorded any time after its sample
was drawn, also after release, injection and closure. It is reported as running, preliminary or final; each report is a
version of its own, and what was final changes by correction only. Quality assurance may invalidate a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.names import key_of
from labrecords.domain.entries import ATTESTED, INVALIDATED, Entry, Stop, Wanted
from labrecords.domain.facts import FactType, fact_named, facts_of
from labrecords.domain.registers.equipment import named_otherwise
from labrecords.domain.registers.materials import Material
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values import times
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

RUNNING, PRELIMINARY, FINAL = "running", "preliminary", "final"
REPORTS = (RUNNING, PRELIMINARY, FINAL)
"""What an analyst can report; a later report is never of an earlier kind."""


@dataclass(frozen=True, kw_only=True)
class Reagent:
    """A reagent of a test, with the lot on its pack."""

    name: str = facts.text("Reagent")
    lot: str = facts.text("Lot")
    expiry: date | None = facts.day("Expiry", required=False)


@dataclass(frozen=True, kw_only=True)
class Assay(Entry):
    """One report of a test. A kind adds its own facts and says which of them make the result."""

    performer_label: ClassVar[str] = "Tested by"
    ended_label: ClassVar[str] = "Reported at"
    outcome_facts: ClassVar[tuple[str, ...]] = ()
    """Facts that state a result: none while the test runs, at least one in a preliminary report."""
    final_facts: ClassVar[tuple[str, ...]] = ()
    """Facts without which a report is not final."""

    state: str = facts.choice("Report", REPORTS, hint="Running: begun, without a result")
    sample_code: str = facts.code("Sample", hint="Scan or type the code on the sample")
    received_at: datetime = facts.moment("Sample received at")
    amount_ml: Decimal = facts.number("Amount of sample used", "mL")
    method: str = facts.text("Method", hint="Name or number of the procedure")
    method_version: str = facts.text("Version of the method")
    registered_instrument: str | None = facts.equipment("Registered instrument", "instrument", required=False)
    instrument: str | None = facts.text("Instrument", required=False, hint="Where it is not registered")
    reagents: tuple[Reagent, ...] = facts.rows("Reagents", Reagent, required=False)
    started_at: datetime = facts.moment("Test started at")
    finished_at: datetime | None = facts.moment("Test finished at", required=False)
    file_name: str | None = facts.text("Raw data file", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = _times(values)
        stated = [name for name in cls.outcome_facts if not _blank(values.get(name))]
        if values["state"] == RUNNING:
            found |= dict.fromkeys(
                stated,
                "A running test has no result. Report it as preliminary or final, or leave this empty.",
            )
        elif values["state"] == PRELIMINARY and not stated:
            found[cls.outcome_facts[0]] = (
                "A preliminary report states what was seen. Else the test is running."
            )
        elif values["state"] == FINAL:
            needed = (*cls.final_facts, "finished_at")
            found |= {
                name: f"A final report states it: {mid_sentence(fact_named(cls, name).label)}."
                for name in needed
                if _blank(values.get(name))
            }
        return found

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        return named_otherwise(values, "registered_instrument", "instrument")

    @classmethod
    def awaited(cls, values: Mapping[str, Any]) -> frozenset[str]:
        if values.get("state") == FINAL:
            return frozenset()
        return frozenset(fact.name for fact in facts_of(cls) if not fact.required)

    def verdict(self) -> tuple[bool, str] | None:
        """Whether what was seen passes, in a sentence; None where nothing was seen or where only limits decide."""
        return None

    def invalid(self) -> str:
        """Why the controls of the test make its result worthless; empty where they hold."""
        return ""

    def result_words(self) -> str:
        """The result in a few words; empty where there is none yet."""
        return ""

    def used_reagents(self) -> tuple[Material, ...]:
        """Reagents that the kind names besides the rows."""
        return ()

    def materials(self) -> tuple[Material, ...]:
        rows = (Material(reagent.name, reagent.lot, reagent.expiry) for reagent in self.reagents)
        return (*self.used_reagents(), *rows)

    def sample(self, record: BatchRecord) -> Sample | None:
        """The sample that was tested, where this batch has one with the code."""
        mine = key_of(record, self.sample_code)
        drawn = (item for item in record.of_kind(Sample) if key_of(record, item.sample_code) == mine)
        return next(drawn, None)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        sample = self.sample(record)
        if sample is None:
            known = [item.sample_code for item in record.of_kind(Sample)]
            words = f"The samples of this batch are {', '.join(known)}." if known else "None was drawn yet."
            return (
                Stop(
                    rule="identity",
                    sentence=f"Sample {self.sample_code} is none of this batch. {words}",
                    way_out="Compare the tube with the batch. Record the sample first where it was drawn.",
                    critical=bool(known),
                    expected=known[-1] if known else "",
                    found=self.sample_code if known else "",
                ),
            )
        if self.received_at < times.minute(sample.performed_at):
            sentence = f"Sample {self.sample_code} is stated to have been received before it was drawn."
            return (Stop("order of times", sentence, "Correct one of the times."),)
        return ()

    def wanted(self, record: BatchRecord) -> tuple[Wanted, ...]:
        """A second person reviews the originals of a final result, and of no other (21 CFR 211.194(a)(8))."""
        if self.state == FINAL:
            return super().wanted(record)
        if self.state == INVALIDATED or self.performed_by == self.recorded_by:
            return ()
        return (Wanted(ATTESTED, self.performed_by),)

    def people(self) -> frozenset[str]:
        """Who sets a result aside judges the test, and takes no part in it."""
        return frozenset() if self.state == INVALIDATED else super().people()

    def summary(self, record: BatchRecord) -> str:
        words = self.result_words()
        return f"{self.state}: {words}" if words else self.state


FIXED = ("sample_code", "received_at", "amount_ml", "method", "method_version", "started_at")
"""What is stated once for a test. Another value is a correction, not the next report."""


def report_problems(old: Assay, new: Assay) -> dict[str, str]:
    """What the next report of a test cannot state beside the one before it: a sentence per fact."""
    found = {}
    if REPORTS.index(new.state) < REPORTS.index(old.state):
        found["state"] = f"A {old.state} result was reported: the test does not go back to {new.state}."
    for name in FIXED:
        if getattr(old, name) != getattr(new, name):
            found[name] = (
                "It was reported otherwise before. To change it, correct the report, with the reason."
            )
    for fact in facts_of(type(new)):
        rows = getattr(old, fact.name)
        if fact.type is FactType.ROWS and getattr(new, fact.name)[: len(rows)] != rows:
            found[fact.name] = (
                "The rows that were reported before stay as they are; new ones come below. To change one, correct the "
                "report, with the reason."
            )
    return found


def _times(values: Mapping[str, Any]) -> dict[str, str]:
    received, started, finished = values["received_at"], values["started_at"], values.get("finished_at")
    if started < received:
        return {"started_at": "The test cannot have started before its sample was received."}
    if finished and finished < started:
        return {"finished_at": "The test cannot have finished before it started."}
    return {}


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == ()
