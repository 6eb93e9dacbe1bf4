"""What every page of one batch shares: the record, each question about it asked once, and the context bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import abort, current_app, url_for

from labrecords.actions.confirming import confirmation_blockers
from labrecords.actions.door import Actor, BatchRef
from labrecords.domain import status as states
from labrecords.domain.custody import holders
from labrecords.domain.custody.acts import receiving_step
from labrecords.domain.custody.batch_chain import offers_to, segments
from labrecords.domain.custody.collection import collections
from labrecords.domain.custody.holders import Segment
from labrecords.domain.custody.recalls import standing as standing_recalls
from labrecords.domain.entries import ATTESTED, GIVEN, RECEIVED, VERIFIED, Entry
from labrecords.domain.kinds import KINDS
from labrecords.domain.once import once
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import ADMINISTRATION, Step
from labrecords.domain.record import BatchRecord
from labrecords.domain.results import expiry, results
from labrecords.domain.results.assay_results import AssayStanding, assay_standings, open_late_tests
from labrecords.domain.review import release
from labrecords.domain.review.decisions import being_sealed, open_issue
from labrecords.domain.review.outdated import LATE_RESULT, outdated
from labrecords.domain.review.reentry import kept_back
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules import findings as found
from labrecords.domain.rules.finding import Finding
from labrecords.domain.status import TO_CLOSE, Status, product_ended_at
from labrecords.models.session import db
from labrecords.web.batches.kept import KeptRecords
from labrecords.web.batches.life import Life, life
from labrecords.web.batches.unseen import as_seen_by
from labrecords.web.filters import number
from labrecords.web.frame import ContextBar
from labrecords.web.parts import Condition, PastStep, Text
from labrecords.web.signed_in import installation, signed_in_actor

STATUS_KINDS = {
    Status.RELEASED: "pass",
    Status.REJECTED: "out",
    Status.ON_HOLD: "alert",
    Status.SEALING: "wait",
    Status.SEALING_FAILED: "out",
    Status.VOIDED: "out",
}
"""Statuses that carry a shape beside the word; the others are quiet."""
OVER = (*TO_CLOSE, Status.CLOSED, Status.REJECTED, Status.VOIDED)
"""Statuses in which the product's clock no longer matters."""
UNSEEN = "Recorded. Its values are shown once they were entered a second time, unseen."
CONFIRMED_WORDS = {VERIFIED: "verified", ATTESTED: "attested", GIVEN: "given", RECEIVED: "received"}
ASKED_WORDS = {
    VERIFIED: "Verify as second person",
    ATTESTED: "Attest that you performed it",
    GIVEN: "Confirm that you gave it",
    RECEIVED: "Confirm that you received it",
}
CHECKLIST = (
    ("Every required step is recorded", "steps", ("missing step", "test open")),
    ("Every confirmation is given", "steps", ("not verified", "not attested", "not given", "not received")),
    ("Every result is there and within its limits", "steps", ("no result", "out of limits")),
    ("The chain of custody holds", "custody", tuple(f"custody {rule}" for rule in holders.RULES)),
    ("The product is in date", "clock", ("expired",)),
)
"""What is said to be in order when what it needs has begun, and no blocker of these rules is found."""


@dataclass(frozen=True)
class Asked:
    """A confirmation that one person can give now."""

    step: Step
    act: str
    words: str
    url: str


@dataclass(frozen=True)
class BatchPage:
    """One batch as one request sees it. The record does not change under it, so every rule is asked once."""

    record: BatchRecord
    now: datetime
    zone: ZoneInfo

    @cached_property
    def status(self) -> Status:
        return states.status(self.record)

    @cached_property
    def tests(self) -> tuple[AssayStanding, ...]:
        return assay_standings(self.record)

    @property
    def status_words(self) -> str:
        """The status, whether late tests of a product that left the laboratory are open, and whether it is recalled."""
        late = open_late_tests(self.record)
        released = self.status in (Status.RELEASED, Status.ADMINISTERED, Status.CLOSED)
        words = f"{self.status.value}, late tests pending" if late and released else self.status.value
        return f"{words}, recalled" if standing_recalls(self.record) else words

    @cached_property
    def use_before(self) -> expiry.UseBefore | None:
        return expiry.use_before(self.record)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return found.findings(self.record)

    @cached_property
    def findings_by_entry(self) -> Mapping[str, list[Finding]]:
        """The findings about each entry, by its id."""
        about: dict[str, list[Finding]] = {}
        for item in self.findings:
            about.setdefault(item.entry_id, []).append(item)
        return about

    @cached_property
    def lacking(self) -> tuple[str, ...]:
        """What was recorded after the newest sealed document, so that a new version is due."""
        return outdated(self.record)

    @property
    def renewal(self) -> str:
        """By which signature the new version is made."""
        if self.lacking == (LATE_RESULT,):
            return "Quality assurance signs on the late results, and so makes it."
        if self.status in (*TO_CLOSE, Status.CLOSED):
            return "Who injected closes the administration, and so makes it."
        return "Quality assurance decides once more, and so makes it."

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return segments(self.record)

    @cached_property
    def results(self) -> tuple[results.JudgedResult, ...]:
        return results.judged_results(self.record)

    @cached_property
    def release_blockers(self) -> tuple[Blocker, ...]:
        """What stands in the way of release, whoever signs."""
        return (*release.state_blockers(self.record), *release.release_blockers(self.record, self.now))

    @cached_property
    def ended_at(self) -> datetime | None:
        """When the product was used or disposed of; its clock stands still from then on."""
        return product_ended_at(self.record)

    @property
    def barred(self) -> bool:
        """Whether nothing can be recorded now: the batch is void, or its document is being made at this moment."""
        return self.status is Status.VOIDED or being_sealed(self.record, self.now)

    @property
    def sealing_for_long(self) -> bool:
        """Whether a document has been waiting for its seal for so long that the server must have stopped meanwhile."""
        return open_issue(self.record) is not None and not being_sealed(self.record, self.now)

    @cached_property
    def life(self) -> Life | None:
        """How much of the product's life has passed, now or at its use."""
        harvests = collections(self.record)
        if not harvests or self.use_before is None:
            return None
        return life(harvests[0].performed_at, self.use_before.until, self.ended_at or self.now, self.zone)

    @property
    def ref(self) -> BatchRef:
        """The batch as it stands on this page."""
        return BatchRef(self.record.batch.id, self.record.head.seq)

    @cached_property
    def bar(self) -> ContextBar:
        harvests = collections(self.record)
        harvested_at = harvests[0].performed_at if harvests else None
        return ContextBar(
            number=self.record.batch.number,
            patient_code=self.record.batch.patient_code,
            product=self.record.process.product,
            status=self.status_words.capitalize(),
            status_kind="out" if standing_recalls(self.record) else STATUS_KINDS.get(self.status, ""),
            harvested_at=harvested_at,
            since_harvest=(self.ended_at or self.now) - harvested_at if harvested_at else None,
            use_before=self.use_before.until if self.use_before else None,
            life=self.life,
            running=self.ended_at is None and self.status not in OVER,
        )

    def next_step(self) -> Step | None:
        """The step whose turn it is: the administration only once QA has released, where that is needed."""
        step = self.record.next_step()
        waits = step is not None and step.phase == ADMINISTRATION and self.record.process.release_required
        if self.barred or self.status in (Status.REJECTED, Status.CLOSED):
            return None
        return None if waits and self.status not in (Status.RELEASED, *TO_CLOSE) else step

    def asked_of(self, actor: Actor) -> tuple[Asked, ...]:
        """The confirmations that this person can give now, in the order of the process."""
        if self.barred:
            return ()
        asked = []
        for entry in self.record.current_entries():
            for act in dict.fromkeys(wanted.act for wanted in self.record.outstanding(entry)):
                needed = Permission.VERIFY if act == VERIFIED else Permission.ATTEST
                if actor.may(needed) and not confirmation_blockers(self.record, entry, act, actor.person_id):
                    step = self.record.process.step(entry.step_key)
                    asked.append(Asked(step, act, ASKED_WORDS[act], self.step_url(step.key)))
        return (*asked, *self._offered_to(actor))

    def _offered_to(self, actor: Actor) -> list[Asked]:
        """What this person was offered and has neither taken nor refused."""
        mine = offers_to(self.record, actor.person_id)
        if not mine or not may_record(actor, step := receiving_step(self.record)):
            return []
        url = step_url(self.record.batch.number, step.key)
        return [Asked(step, RECEIVED, f"Receive {item.container}, or refuse it", url) for item in mine]

    def step_url(self, key: str) -> str:
        """The page of a step or act. One that was stopped and not recorded has none, and may lock the batch."""
        return self._step_urls.get(key) or url_for("batches.batch", number=self.record.batch.number)

    @cached_property
    def _step_urls(self) -> dict[str, str]:
        # One address is built and the others are like it: a page has one for each step, and building takes long.
        first = step_url(self.record.batch.number, "-")
        return {step.key: first[:-1] + quote(step.key, safe="") for step in self.record.steps}

    def past_steps(self, before: Step | None = None) -> tuple[PastStep, ...]:
        """The steps that are answered, folded; with a step only those before it."""
        last = before.number if before else len(self.record.process.steps) + 1
        steps = (step for step in self.record.process.steps if step.number < last and step.ordered)
        return tuple(past for step in steps if (past := self._past(step)) is not None)

    def _past(self, step: Step) -> PastStep | None:
        entry, url = self.record.current(step.key), self.step_url(step.key)
        if entry is not None:
            return PastStep(
                number=step.number,
                title=step.title,
                by=self._who(entry.performed_by, entry.performed_at),
                checked=", ".join(self.checked_by(entry)),
                summary=summaries(self.record)[step.key],
                url=url,
            )
        note = self.record.not_done_reason(step.key)
        if note is None:
            return None
        by = f"not done, {self._who(note.recorded_by, note.recorded_at)}"
        return PastStep(step.number, step.title, by, summary=note.reason, url=url)

    def _who(self, person_id: str, at: datetime) -> str:
        return f"{self.record.name(person_id)} {at.astimezone(self.zone):%H:%M}"

    def checked_by(self, entry: Entry) -> list[str]:
        """Who confirmed this version, and how: "Vic Okafor verified"."""
        return [
            f"{self.record.name(item.person_id)} {CONFIRMED_WORDS[item.act]}"
            for item in self.record.confirmations_of(entry)
        ]

    def reasons(self, blockers: Iterable[Blocker]) -> list[Condition]:
        """Blockers as lines of a checklist, with a link to the step where that helps."""
        return [
            Condition(
                number(blocker.sentence), url=self.step_url(blocker.step_key) if blocker.step_key else ""
            )
            for blocker in blockers
        ]

    def checklist(self, blockers: Iterable[Blocker]) -> list[Condition]:
        """Every blocker as missing, and after them what is in order."""
        missing = tuple(blockers)
        rules = {blocker.rule for blocker in missing}
        # What has not begun is not in order: a blank is never a pass.
        begun = {
            "steps": bool(self.record.entries),
            "custody": bool(self.segments),
            "clock": self.life is not None,
        }
        met = [
            Condition(words, met=True)
            for words, needs, about in CHECKLIST
            if begun[needs] and rules.isdisjoint(about)
        ]
        return self.reasons(missing) + met


@once
def summaries(record: BatchRecord) -> Mapping[str, Text]:
    """By key of its step, each act in one line; that it stands where a second person has still to enter it unseen."""
    return {
        entry.step_key: UNSEEN if kept_back(record, entry) else number(entry.summary(record))
        for entry in record.current_entries()
    }


def step_url(number: str, key: str) -> str:
    """Where a step of a batch is recorded, read, corrected and confirmed."""
    return url_for("steps.step", number=number, key=key)


def may_record(actor: Actor, step: Step) -> bool:
    """Whether a person's roles let them record this step."""
    return actor.may(KINDS[step.kind].needs)


def batch_or_404(number: str) -> BatchPage:
    """The batch with this number as the person who is signed in may see it, or the page that says there is none."""
    page = whole_batch_or_404(number)
    return replace(page, record=as_seen_by(page.record, signed_in_actor().person_id))


def whole_batch_or_404(number: str) -> BatchPage:
    """The same with all that it holds: for the screens on which something is recorded."""
    place, kept = installation(), current_app.extensions.setdefault("records", KeptRecords())
    record = kept.of(db.session(), number)
    if record is None:
        abort(404)
    return BatchPage(record, place.store.clock(), place.zone)
