"""The step in hand: where it stands in its batch, who and what can be chosen in it, and who may record it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import abort, url_for

from labrecords.actions.door import Actor, StepRef
from labrecords.actions.step_drafts import RECORDED
from labrecords.domain.attachments import Attachment, Withdrawal, withdrawal_of
from labrecords.domain.custody.acts import opened
from labrecords.domain.custody.exposure import period_of
from labrecords.domain.entries import CORRECTED, INVALIDATED, REPEATED, REPORTED, Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import ADMINISTRATION, Step
from labrecords.domain.processes.reproduction import done_with
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.places import names_place
from labrecords.domain.results.assay_results import AssayStanding, assay_standings
from labrecords.domain.results.assays import FINAL, REPORTS, Assay
from labrecords.domain.review.reentry import kept_back
from labrecords.domain.review.release import Blocker, state_blockers
from labrecords.domain.status import TO_CLOSE, Status
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.storage import Storage
from labrecords.domain.values.typography import mid_sentence
from labrecords.models.batch_record import equipment_now, people
from labrecords.models.lots import released_lots
from labrecords.models.people import left_before
from labrecords.models.session import db
from labrecords.web.batches.batch import BatchPage, may_record, whole_batch_or_404
from labrecords.web.batches.running import Countdown, running_limits
from labrecords.web.forms.fields import Surroundings, asks_lots
from labrecords.web.parts import StepHead
from labrecords.web.signed_in import signed_in_actor

RELEASED = (Status.RELEASED, *TO_CLOSE)


@dataclass(frozen=True)
class Waiting:
    """A step that waits for a signature: that of a person by name, or of a second operator."""

    step: Step
    name: str
    url: str


@dataclass(frozen=True)
class StepPage:
    """One step of one batch as one request sees it."""

    batch: BatchPage
    step: Step
    follows_as: str = CORRECTED
    """What a new version of a recorded step is to the one before: corrected, repeated, or reported."""

    @property
    def record(self) -> BatchRecord:
        return self.batch.record

    @property
    def kind(self) -> type[Entry]:
        return KINDS[self.step.kind]

    @property
    def entry(self) -> Entry | None:
        """The version that counts of what was recorded."""
        return self.record.current(self.step.key)

    @property
    def repeats(self) -> bool:
        """Whether the form on this page records the measurement that was done again."""
        return self.follows_as == REPEATED

    @property
    def reports(self) -> bool:
        """Whether the form on this page is the next report of a test."""
        return self.follows_as == REPORTED

    @property
    def planned(self) -> bool:
        """Whether the process asks for this step: then it can be paused, or said not to have been done."""
        return self.step.planned

    @property
    def is_test(self) -> bool:
        return issubclass(self.kind, Assay)

    @cached_property
    def standing(self) -> AssayStanding | None:
        """Where the test stands; None for any other step."""
        tests = assay_standings(self.record) if self.is_test else ()
        return next((item for item in tests if item.step == self.step), None)

    @property
    def next_reports(self) -> tuple[str, ...]:
        """What can be reported of the test now: nothing more once its result is final."""
        entry = self.entry
        if not isinstance(entry, Assay) or entry.state == FINAL:
            return ()
        return REPORTS if entry.state == INVALIDATED else REPORTS[REPORTS.index(entry.state) :]

    @property
    def form_url(self) -> str:
        """Where the form of this page is sent."""
        if self.reports:
            return self.url("report")
        return self.url("repeat") if self.repeats else self.url("correct" if self.entry else "step")

    @property
    def written(self) -> str:
        """What sending the form of this page makes of the step: it is recorded, corrected, repeated or reported."""
        return self.follows_as if self.entry else RECORDED

    @property
    def version(self) -> int:
        return self.record.step_version(self.step.key)

    def ref(self, seen: str) -> StepRef:
        """The step as the form saw it."""
        return StepRef(self.record.batch.id, self.step.key, int(seen))

    def url(self, endpoint: str = "step") -> str:
        return url_for(f"steps.{endpoint}", number=self.record.batch.number, key=self.step.key)

    @property
    def kept_back(self) -> bool:
        """Whether a second person has still to enter the values of this step without seeing them."""
        return self.entry is not None and kept_back(self.record, self.entry)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files of this step, in the order in which they were attached."""
        return tuple(item for item in self.record.attachments if item.step_key == self.step.key)

    def withdrawal_of(self, item: Attachment) -> Withdrawal | None:
        """By whom and why a file was withdrawn; None while it stands."""
        return withdrawal_of(self.record, item)

    @property
    def may_attach(self) -> bool:
        """Whether the person at this page may add files to the step and withdraw them."""
        return signed_in_actor().may(Permission.ATTEST)

    @property
    def attach_url(self) -> str:
        return url_for("attachments.attach", number=self.record.batch.number, key=self.step.key)

    @property
    def logger_url(self) -> str:
        """Where the file of a temperature logger is read, where this step ended a transport or keeps in store."""
        if (
            self.step.kind not in (Handover.kind, Storage.kind)
            or period_of(self.record, self.step.key) is None
        ):
            return ""
        return url_for("temperatures.attach", number=self.record.batch.number, key=self.step.key)

    @property
    def again_url(self) -> str:
        """Where that is done."""
        return url_for("reentry.again", number=self.record.batch.number, key=self.step.key)

    @property
    def head(self) -> StepHead:
        process = self.record.process
        step, number = self.step, self.step.number
        of = len(process.steps) if step.planned else None
        procedure = (f"Procedure: {step.sop}.",) if step.sop else ()
        return StepHead(
            number,
            of,
            step.title,
            step.instruction,
            f"version {process.version}",
            done_with=(*procedure, *done_with(step)),
        )

    @cached_property
    def surroundings(self) -> Surroundings:
        """Who works here, and what is registered, now; and whom and what the version to be corrected names."""
        kept = self._named()
        # Who had left before this batch was begun did nothing in it.
        gone = left_before(db.session(), self.record.batch.opened_at) - kept
        here = tuple(person for person in people(db.session()) if person.id not in gone)
        asked = any(fact.type is FactType.EQUIPMENT for fact in facts_of(self.kind))
        pieces = equipment_now(db.session()) if asked or self.asks_places else ()
        known = {
            piece.id: piece
            for piece in (*pieces, *self.record.equipment)
            if piece in pieces or piece.id in kept
        }
        today = self.batch.now.astimezone(self.batch.zone).date()
        lots = released_lots(db.session(), today) if asks_lots(self.kind) else ()
        return Surroundings(
            zone=self.batch.zone,
            now=self.batch.now,
            people=here,
            equipment=tuple(known.values()),
            kept=kept,
            site_code=self.record.laboratory.site_code,
            lots=lots,
        )

    @property
    def asks_places(self) -> bool:
        """Whether the step states where something was done."""
        return any(names_place(fact) for fact in facts_of(self.kind))

    def _named(self) -> frozenset[str]:
        """Ids of the people and the equipment that the version that counts names."""
        if self.entry is None or self.repeats:
            return frozenset()
        facts = (fact for fact in facts_of(self.kind) if fact.type in (FactType.PERSON, FactType.EQUIPMENT))
        named = {getattr(self.entry, fact.name) for fact in facts}
        return frozenset(named - {None}) | {self.entry.performed_by}

    @property
    def before(self) -> Step | None:
        """The first step before this one that is still open: its turn comes first. Tests stand outside the order."""
        if not self.step.ordered:
            return None
        for other in self.record.process.steps[: self.step.number - 1]:
            answered = self.record.current(other.key) or self.record.not_done_reason(other.key)
            if other.ordered and not answered:
                return other
        return None

    @cached_property
    def next(self) -> Step | None:
        """The next step that is open after this one: the administration only once QA has released, where it must."""
        for other in self.record.process.steps:
            answered = self.record.current(other.key) or self.record.not_done_reason(other.key)
            if other != self.step and other.ordered and not answered:
                waits = other.phase == ADMINISTRATION and self.record.process.release_required
                return None if waits and self.batch.status not in RELEASED else other
        return None

    @property
    def next_url(self) -> str:
        if self.next is None or not self.planned:
            return url_for("batches.batch", number=self.record.batch.number)
        return self.batch.step_url(self.next.key)

    @property
    def next_words(self) -> str:
        """What the big button says."""
        if not self.planned:
            return "Save"
        return f"Next: {mid_sentence(self.next.title)}" if self.next else "Save and finish"

    @cached_property
    def limits(self) -> list[Countdown]:
        """The time limits that run and within which this step must end."""
        return running_limits(self.batch, self.step)

    def waiting(self) -> list[Waiting]:
        """The confirmations that other steps still lack, in the order of the process."""
        return [
            Waiting(
                step,
                self.record.name(wanted.person_id) if wanted.person_id else "",
                self.batch.step_url(step.key),
            )
            for entry in self.record.current_entries()
            if (step := self.record.process.step(entry.step_key)) != self.step
            for wanted in self.record.outstanding(entry)
        ]

    def blockers(self, actor: Actor) -> tuple[Blocker, ...]:
        """Why this person can record nothing in this step now."""
        found = state_blockers(self.record)
        if may_record(actor, self.step):
            return found
        sentence = f"You do not have the right: {self.kind.needs.value.lower()}."
        return (*found, Blocker("permission", sentence, "Somebody who has it records this step."))


def step_now(at: StepPage) -> StepPage:
    """The same step as it is committed now: after an act, whose writing what was read before does not show."""
    db.session.rollback()
    return step_or_404(at.record.batch.number, at.step.key, at.follows_as)


def step_or_404(number: str, key: str, follows_as: str = CORRECTED) -> StepPage:
    """The step of a batch, or the page that says there is none."""
    batch = whole_batch_or_404(number)
    try:
        step = opened(batch.record, batch.record.process.step(key))
    except KeyError:
        abort(404)
    if step is None:
        abort(404)
    return StepPage(batch, step, follows_as)
