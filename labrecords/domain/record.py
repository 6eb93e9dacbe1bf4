"""The batch record: a frozen snapshot of everything recorded for one batch, and the questions one asks of it.

Everything in it was inserted once and never changed. Present state (which version of an entry counts, what is
confirmed, which decision stands) is derived here, and nowhere stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from labrecords.domain.attachments import Attachment, Withdrawal
from labrecords.domain.calculations import formulas
from labrecords.domain.calculations.derived import Derived
from labrecords.domain.calculations.formulas import Formula
from labrecords.domain.custody.container_ids import ContainerId
from labrecords.domain.custody.mixups import MixupLock
from labrecords.domain.custody.notices import Notice, Receipt
from labrecords.domain.custody.recalls import Recalled, RecallMark
from labrecords.domain.custody.temperature_logs import TemperatureLog
from labrecords.domain.entries import INVALIDATED, Entry, Wanted
from labrecords.domain.labels.prints import LabelAct, LabelPrint
from labrecords.domain.once import grouped
from labrecords.domain.pauses import Pause
from labrecords.domain.processes.process import Process, Step
from labrecords.domain.registers.lots import Lot
from labrecords.domain.registers.orders import BatchOrder
from labrecords.domain.registers.training import Training
from labrecords.domain.review.bypass import Bypass
from labrecords.domain.review.investigation import Investigation
from labrecords.domain.review.issues import Issue, IssueEnd
from labrecords.domain.review.reentry import Reentry
from labrecords.domain.timers import Timer, TimerEnd
from labrecords.domain.values import times

EntryT = TypeVar("EntryT", bound=Entry)


@dataclass(frozen=True)
class Laboratory:
    name: str
    site_code: str
    zone: str
    """IANA name; all times are shown in this zone, with offset."""


@dataclass(frozen=True)
class Batch:
    id: str
    number: str
    patient_code: str
    """The patient's pseudonym."""
    identity_code: str
    """The chain-of-identity code on every container of this therapy."""
    process_digest: str
    opened_by: str
    opened_at: datetime
    formulas: int
    """The edition of the formulas that the batch was opened with (domain/calculations/formulas.py)."""


@dataclass(frozen=True)
class Person:
    id: str
    username: str
    name: str
    """The printed name."""
    roles: tuple[str, ...]
    other_accounts: tuple[str, ...] = ()
    """Ids of the other accounts of the same human: two accounts of one person count as one (MHRA GxP DI 6.16)."""


@dataclass(frozen=True)
class Equipment:
    """One registered version of a piece of equipment. Radii in cm, speed in revolutions per minute."""

    id: str
    code: str
    category: str
    model: str
    r_max_cm: str | None
    r_av_cm: str | None
    max_speed_rpm: str | None
    next_check: str | None
    """ISO date until which the check or calibration is valid."""
    in_service: bool
    registered_at: datetime
    next_clean: str | None = None
    """ISO date until which the piece counts as clean."""
    serial: str = ""
    """The maker's serial number."""
    software: str = ""
    """Program and version that runs on it or reads it."""
    place: str = ""
    last_check: str | None = None
    """ISO date on which it was last checked or calibrated; None where nobody stated it."""
    udi: str | None = None
    """Unique device identification, as it stands on the piece; None where nobody stated it."""
    low_c: str | None = None
    high_c: str | None = None
    """Between which temperatures in °C a place keeps what lies in it; None where nobody stated it."""
    capacity: int | None = None
    """How many containers a place takes; None where nobody stated it."""
    read_every_h: int | None = None
    """A place is read at least every so many hours; None where no interval was set."""
    review_every_d: int | None = None
    """Its temperature log is reviewed at least every so many days; None where no interval was set."""
    owner: str | None = None
    """Who answers for what a place keeps, a person's name or a role; None: as the place in which it stands."""


@dataclass(frozen=True)
class NotDone:
    """A step that was not performed, and why."""

    id: str
    batch_id: str
    step_key: str
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True)
class Confirmation:
    """A second person, performer, giver or receiver confirmed one version of an entry."""

    id: str
    batch_id: str
    step_key: str
    entry_id: str
    act: str
    person_id: str
    signature_id: str
    recorded_at: datetime


@dataclass(frozen=True)
class Signature:
    """Printed name, time and meaning, bound to one version of one chain (21 CFR 11.50, 11.70)."""

    id: str
    batch_id: str | None
    """None for what is signed outside a batch: a master record."""
    person_id: str
    name: str
    username: str
    role: str
    meaning: str
    subject: str
    record_version: int
    record_digest: str
    signed_at: datetime
    zone: str
    statement: str
    """The canonical statement that was signed; see domain/evidence/signatures.py."""
    statement_sha256: str


@dataclass(frozen=True)
class Decision:
    """QA's decision. `decision` is released, rejected or on hold; `reviewed_seq` the trail event it was made on."""

    id: str
    batch_id: str
    decision: str
    reason: str
    signature_id: str
    person_id: str
    reviewed_seq: int
    decided_at: datetime


@dataclass(frozen=True)
class Void:
    id: str
    batch_id: str
    reason: str
    signature_id: str
    person_id: str
    voided_at: datetime


@dataclass(frozen=True)
class Closure:
    """The physician's statement that the administration is recorded completely."""

    id: str
    batch_id: str
    signature_id: str
    person_id: str
    closed_at: datetime
    reviewed_seq: int


@dataclass(frozen=True)
class Head:
    """Where the batch's chain stood when the snapshot was taken."""

    chain: str
    seq: int
    digest: str


@dataclass(frozen=True)
class Approval:
    """One of the two signatures by which the batch's master record became effective (21 CFR 211.186(a))."""

    act: str
    """"prepared" or "approved"."""
    effective_from: date | None
    """For the approval: from which day of the laboratory's calendar the version may be used."""
    signature: Signature


@dataclass(frozen=True)
class BatchRecord:
    laboratory: Laboratory
    batch: Batch
    process: Process
    people: tuple[Person, ...]
    equipment: tuple[Equipment, ...]
    """Every registered version of each piece that an entry names, by code and then by time."""
    entries: tuple[Entry, ...]
    not_done: tuple[NotDone, ...]
    confirmations: tuple[Confirmation, ...]
    reentries: tuple[Reentry, ...]
    attachments: tuple[Attachment, ...]
    signatures: tuple[Signature, ...]
    decisions: tuple[Decision, ...]
    voids: tuple[Void, ...]
    closures: tuple[Closure, ...]
    issues: tuple[Issue, ...]
    issue_ends: tuple[IssueEnd, ...]
    head: Head
    step_heads: Mapping[str, int]
    """For each step key that has events: the number of its last event, the version a form is rendered with."""
    bypasses: tuple[Bypass, ...] = ()
    training: tuple[Training, ...] = ()
    """Every entry about the training of those who performed a step that names a procedure."""
    lots: tuple[Lot, ...] = ()
    """Every registered version of each lot that an entry names, and the first lot of each material that one names."""
    approvals: tuple[Approval, ...] = ()
    """Who prepared and who approved the master record that the batch was opened with."""
    timers: tuple[Timer, ...] = ()
    timer_ends: tuple[TimerEnd, ...] = ()
    pauses: tuple[Pause, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    investigations: tuple[Investigation, ...] = ()
    container_ids: tuple[ContainerId, ...] = ()
    locks: tuple[MixupLock, ...] = ()
    label_prints: tuple[LabelPrint, ...] = ()
    label_acts: tuple[LabelAct, ...] = ()
    orders: tuple[BatchOrder, ...] = ()
    recalls: tuple[Recalled, ...] = ()
    """What the register of recalls holds against something that the batch names, the oldest first."""
    recall_marks: tuple[RecallMark, ...] = ()
    notices: tuple[Notice, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    temperature_logs: tuple[TemperatureLog, ...] = ()

    @cached_property
    def _current(self) -> dict[str, Entry]:
        replaced = {entry.replaces_id for entry in self.entries}
        return {entry.step_key: entry for entry in self.entries if entry.id not in replaced}

    @cached_property
    def _people(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def _equipment(self) -> dict[str, Equipment]:
        return {item.id: item for item in self.equipment}

    @cached_property
    def _signatures(self) -> dict[str, Signature]:
        return {signature.id: signature for signature in self.signatures}

    def day_of(self, instant: datetime) -> date:
        """The day of an instant on the calendar of the laboratory."""
        return times.local(instant, ZoneInfo(self.laboratory.zone)).date()

    def current(self, step_key: str) -> Entry | None:
        """The version that counts of what was recorded for a step, or None."""
        return self._current.get(step_key)

    def current_entries(self) -> tuple[Entry, ...]:
        """The versions that count, in the order of the process; after them those of the acts of custody."""
        return self._in_order

    @cached_property
    def _in_order(self) -> tuple[Entry, ...]:
        return tuple(self._current[step.key] for step in self.steps if step.key in self._current)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the process, and after them the acts of custody that were recorded."""
        return (*self.process.steps, *self.acts)

    @cached_property
    def acts(self) -> tuple[Step, ...]:
        """The acts of custody that were recorded beside the steps of the process, by their numbers."""
        keys = {entry.step_key for entry in self.entries} - {step.key for step in self.process.steps}
        return tuple(sorted((self.process.step(key) for key in keys), key=lambda step: step.number))

    def derived(self, entry: Entry) -> tuple[Derived, ...]:
        """The numbers that follow from an entry, worked out once for this record."""
        if id(entry) not in self._derived:
            self._derived[id(entry)] = (entry, entry.derived(self))
        return self._derived[id(entry)][1]

    @cached_property
    def _derived(self) -> dict[int, tuple[Entry, tuple[Derived, ...]]]:
        return {}

    def formula(self, name: str) -> Formula:
        """The version of a formula that this batch is computed with."""
        return formulas.in_force(name, self.batch.formulas)

    def of_kind(self, kind: type[EntryT]) -> tuple[EntryT, ...]:
        """The versions that count of one kind, in the order of the process."""
        if kind not in self._kinds:
            self._kinds[kind] = tuple(entry for entry in self.current_entries() if isinstance(entry, kind))
        return self._kinds[kind]

    @cached_property
    def _kinds(self) -> dict[type[Entry], tuple[Any, ...]]:
        return {}

    def history(self, step_key: str) -> tuple[Entry, ...]:
        """All versions recorded for a step, the oldest first."""
        return self._versions.get(step_key, ())

    @cached_property
    def _versions(self) -> dict[str, tuple[Entry, ...]]:
        return grouped(self.entries, lambda entry: entry.step_key)

    def replaced(self, entry: Entry) -> Entry | None:
        """The version that this one follows, or None."""
        return self._by_id.get(entry.replaces_id) if entry.replaces_id else None

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def not_done_reason(self, step_key: str) -> NotDone | None:
        """Why a step was not performed; None once it has been recorded after all."""
        if self.current(step_key):
            return None
        return next((item for item in reversed(self.not_done) if item.step_key == step_key), None)

    def confirmations_of(self, entry: Entry) -> tuple[Confirmation, ...]:
        return self._confirmations.get(entry.id, ())

    @cached_property
    def _confirmations(self) -> dict[str, tuple[Confirmation, ...]]:
        return grouped(self.confirmations, lambda item: item.entry_id)

    def reentries_of(self, entry: Entry) -> tuple[Reentry, ...]:
        return tuple(item for item in self.reentries if item.entry_id == entry.id)

    def outstanding(self, entry: Entry, by: datetime | None = None) -> tuple[Wanted, ...]:
        """The confirmations that this version of an entry still lacks, or lacked at an instant."""
        given = [item for item in self.confirmations_of(entry) if by is None or item.recorded_at <= by]

        def met(wanted: Wanted) -> bool:
            return any(
                item.act == wanted.act and wanted.person_id in (None, item.person_id) for item in given
            )

        return tuple(wanted for wanted in entry.wanted(self) if not met(wanted))

    def was_confirmed(self, step_key: str, by: datetime) -> bool:
        """Whether at an instant a version of this step was recorded and confirmed by everybody it needs."""
        return any(
            entry.recorded_at <= by and not self.outstanding(entry, by) for entry in self.history(step_key)
        )

    def as_it_stood(self, instant: datetime) -> BatchRecord:
        """The record with only those entries and notes that were recorded up to an instant."""
        return replace(
            self,
            entries=tuple(entry for entry in self.entries if entry.recorded_at <= instant),
            not_done=tuple(item for item in self.not_done if item.recorded_at <= instant),
        )

    def first_recorded_at(self, entry: Entry) -> datetime:
        """When an act was first recorded: neither a stated time nor a correction leads around what was known then.

        A repeat or a further report is an act of its own.
        """
        while entry.corrects and (old := self.replaced(entry)):
            entry = old
        return entry.recorded_at

    def step_version(self, step_key: str) -> int:
        """The number of the step's last trail event; 0 before the first."""
        return self.step_heads.get(step_key, 0)

    def person(self, person_id: str) -> Person:
        return self._people[person_id]

    def name(self, person_id: str) -> str:
        """Printed name of a person who appears in the record."""
        return self._people[person_id].name

    def equipment_item(self, equipment_id: str) -> Equipment:
        return self._equipment[equipment_id]

    def signature(self, signature_id: str) -> Signature:
        return self._signatures[signature_id]

    def same_human(self, known_id: str, other_id: str) -> bool:
        """Whether two accounts are one person's. The first appears in this record; the second may not yet."""
        return known_id == other_id or other_id in self.person(known_id).other_accounts

    def took_part(self, person_id: str) -> bool:
        """Whether this person took part in the batch, with whichever account."""
        return any(self.same_human(known, person_id) for known in self.participants())

    def participants(self) -> frozenset[str]:
        """Ids of everybody who opened, performed, paused, timed, recorded or confirmed something in this batch.

        Who invalidates the result of a test judges it, as quality assurance does, and takes no part.
        """
        return self._participants

    @cached_property
    def _participants(self) -> frozenset[str]:
        ids = {self.batch.opened_by}
        for entry in self.entries:
            ids |= entry.people()
        ids |= {item.person_id for item in self.confirmations if item.act != INVALIDATED}
        ids |= {item.person_id for item in self.bypasses} | {item.requested_by for item in self.bypasses}
        ids |= {item.recorded_by for item in self.not_done} | {item.person_id for item in self.reentries}
        ids |= {item.person_id for item in self.pauses} | {item.person_id for item in self.container_ids}
        ids |= {item.person_id for item in self.label_prints} | {item.person_id for item in self.label_acts}
        ids |= {timer.started_by for timer in self.timers} | {end.ended_by for end in self.timer_ends}
        return frozenset(ids)

    def next_step(self) -> Step | None:
        """The first step that is neither recorded nor noted as not done. Tests stand outside the order of steps."""
        for step in self.process.steps:
            if step.ordered and not self.current(step.key) and not self.not_done_reason(step.key):
                return step
        return None

    def ending(self, issue: Issue) -> IssueEnd | None:
        """How an issue ended last, or None while it is being sealed."""
        return next((end for end in reversed(self.issue_ends) if end.issue_id == issue.id), None)
