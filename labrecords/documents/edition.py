"""One edition of a batch record: the package read back, and what all sections ask of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from labrecords.documents.flags import Flag, flags_of
from labrecords.documents.package import DocumentFacts, Package, read_package
from labrecords.domain.entries import Entry
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.trail import digest
from labrecords.domain.record import BatchRecord, Decision
from labrecords.domain.results.assay_results import open_late_tests
from labrecords.domain.review.decisions import (
    DISPOSITIONS,
    ON_HOLD,
    REJECTED,
    RELEASED,
    sealed_decisions,
    standing_decision,
)
from labrecords.domain.review.issues import Issue
from labrecords.domain.review.release import closing, deciding
from labrecords.domain.rules.assay_findings import alarms
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import status
from labrecords.domain.values import times


@dataclass(frozen=True)
class Standing:
    """What the copy says of the batch on every page: a word, a line of reason, and a watermark where it warns."""

    word: str
    note: str
    watermark: str = ""


@dataclass(frozen=True)
class Event:
    """One event of the batch's chain, read, with the digest of its bytes."""

    seq: int
    fields: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class Edition:
    """A package, and the digest that names it."""

    package: Package
    sha256: str
    """SHA-256 of the package's bytes: the record digest on cover and foot."""
    size: int
    """How many bytes the package has."""

    @property
    def record(self) -> BatchRecord:
        return self.package.record

    @property
    def document(self) -> DocumentFacts:
        return self.package.document

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.record.laboratory.zone)

    @cached_property
    def master(self) -> str:
        """The process definition that the batch was opened with, and its version."""
        return f"{self.record.process.key} v{self.record.process.version}"

    @property
    def qr_payload(self) -> str:
        """What the QR codes of this edition say: format, batch, version and digest. No personal data, no address.

        Capitals and colons only, where batch numbers allow it: the code stays coarse, so that a bad camera reads it.
        """
        return f"LABRECORDS:1:{self.record.batch.number}:{self.document.version}:{self.sha256.upper()}"

    def when(self, moment: datetime) -> str:
        """Local date and time with offset, to the second."""
        return times.show(moment, self.zone)

    def utc(self, moment: datetime) -> str:
        """The instant in UTC, to the second begun: "2026-11-23T15:00:02Z"."""
        return times.to_text(moment)[:19] + "Z"

    def name(self, person_id: str) -> str:
        return self.record.name(person_id)

    def step_words(self, step_key: str) -> str:
        """ "Step 8" for a step of the process, or nothing for the batch as a whole."""
        steps = [step for step in self.record.steps if step.key == step_key]
        return f"Step {steps[0].number}" if steps else ""

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event of the batch's chain, in order. Raises ValueError for bytes that are no event."""
        return tuple(
            Event(number, json.loads(payload), digest(payload))
            for number, payload in enumerate(self.package.events, start=1)
        )

    @cached_property
    def _event_of_row(self) -> dict[str, int]:
        return {row["id"]: event.seq for event in self.events for row in event.fields.get("rows", ())}

    def event_of(self, row_id: str) -> str:
        """Number of the event that inserted a row, as text; empty when the events do not hold it."""
        return str(self._event_of_row.get(row_id, ""))

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        return flags_of(findings(self.record))

    def flags_of_entry(self, entry: Entry) -> tuple[Flag, ...]:
        """The flags of one version of an entry."""
        return tuple(flag for flag in self.flags if flag.finding.entry_id == entry.id)

    def flags_of_step(self, step_key: str) -> tuple[Flag, ...]:
        return tuple(flag for flag in self.flags if flag.finding.step_key == step_key)

    @cached_property
    def issue(self) -> Issue | None:
        """The issue that this document answers; None for a copy that nobody asked for."""
        return next((issue for issue in self.record.issues if issue.id == self.document.id), None)

    @cached_property
    def decision(self) -> Decision | None:
        """The decision that this copy shows: the one that caused it, or else the one that stands."""
        if self.issue is not None and self.issue.cause == "decision":
            cause = self.issue.cause_id
            made = next((made for made in self.record.decisions if made.id == cause), None)
            if made is None or made.decision not in DISPOSITIONS:
                return made
        return standing_decision(self.record)

    @cached_property
    def disposition(self) -> Decision | None:
        """What was signed on the late results and caused this copy, or None."""
        cause = self.issue.cause_id if self.issue else ""
        made = (item for item in self.record.decisions if item.id == cause)
        return next((item for item in made if item.decision in DISPOSITIONS), None)

    @cached_property
    def standing(self) -> Standing:
        """Status of the batch as this copy shows it."""
        record, decision = self.record, self.decision
        if record.voids:
            void = record.voids[-1]
            return Standing("VOID", f"{self.name(void.person_id)}, {self.when(void.voided_at)}", "VOID")
        watermark = _warning(decision) or self._rejected_before()
        if self.issue is None:
            return Standing(status(record).value.upper(), "Not issued as a document", watermark or "DRAFT")
        watermark = watermark or self._of_tests()
        if self.disposition:
            signed = f"{self.name(self.disposition.person_id)}, {self.when(self.disposition.decided_at)}"
            return Standing(self.disposition.decision.upper(), signed, watermark)
        if self.issue.cause == "closure":
            said = (
                f"{decision.decision.capitalize()} {self.when(decision.decided_at)}"
                if decision
                else "No release stands"
            )
            return Standing(closing(record).upper(), said, watermark)
        if decision is None:
            return Standing(status(record).value.upper(), "", watermark)
        return Standing(
            deciding(record, decision.decision).upper(),
            f"{self.name(decision.person_id)}, {self.when(decision.decided_at)}",
            watermark,
        )

    def _of_tests(self) -> str:
        """That a test failed, or that the product left the laboratory while late tests were open."""
        if alarms(self.record):
            return "TEST FAILED"
        released = self.decision is not None and self.decision.decision == RELEASED
        used = released or bool(self.record.closures)
        return "CONDITIONAL" if used and open_late_tests(self.record) else ""

    def _rejected_before(self) -> str:
        """A rejected product that was injected all the same still says so on every page."""
        made = sealed_decisions(self.record)
        return _warning(made[-1][0]) if made and self.decision is None else ""


def _warning(decision: Decision | None) -> str:
    return decision.decision.upper() if decision and decision.decision in (REJECTED, ON_HOLD) else ""


def read_edition(package: bytes) -> Edition:
    """The edition of a package. Raises NotReadable."""
    return Edition(read_package(package), sha256_hex(package), len(package))
