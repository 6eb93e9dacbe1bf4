"""What is shown of a step once it is recorded: its facts with their verdicts, and whose confirmation is awaited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from labrecords.actions.door import Actor
from labrecords.domain.calculations.derived import Derived
from labrecords.domain.entries import ATTESTED, GIVEN, RECEIVED, VERIFIED, Entry, Wanted
from labrecords.domain.evidence.signatures import MEANINGS
from labrecords.domain.facts import FactType
from labrecords.domain.kinds import facts_in
from labrecords.domain.pauses import typed_by
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import Step
from labrecords.domain.results.measurements import measurements
from labrecords.domain.results.remark import Remark
from labrecords.domain.results.results import judged_by, judged_values
from labrecords.domain.rules.findings import is_late
from labrecords.domain.rules.time_limits import Interval, intervals
from labrecords.domain.values.limits import Judgement, Limit
from labrecords.web import filters
from labrecords.web.batches.batch import BatchPage
from labrecords.web.drawn.widgets import hidden
from labrecords.web.forms.shared import Line, WritingForm
from labrecords.web.parts import Correction, Signature, Text
from labrecords.web.shown import Shown
from labrecords.web.steps.judge import judgement_of
from labrecords.web.steps.lines import limit_beside


@dataclass(frozen=True)
class RecordedFact:
    """One fact as it counts now, and what stood there before it was corrected."""

    label: str
    limit: Limit | None
    value: Text
    struck: tuple[Text, ...]
    judgement: Judgement | None
    by: str = ""
    """Who typed it, where that was not the recorder but somebody who handed the step over."""


@dataclass(frozen=True)
class RepeatedResult:
    """A result that stands beside the one that counts: the measurement was done again."""

    summary: Text
    facts: list[tuple[str, Text]]
    by: str
    at: datetime
    reason: str


class ConfirmForm(WritingForm):
    """A confirmation by own sign-in, on a screen where somebody else may be signed in."""

    username = Line("Username", missing="Enter your username.")
    password = PasswordField("Password", [InputRequired("Enter your password.")])
    act = HiddenField(widget=hidden)
    entry_id = HiddenField(widget=hidden)
    seen = HiddenField(widget=hidden)


@dataclass(frozen=True)
class Asked:
    """A confirmation that is awaited, with the form to give it."""

    title: str
    who: str
    meaning: str
    button: str
    form: ConfirmForm


WORDS = {
    VERIFIED: (
        "Second operator",
        "Somebody who neither performed nor recorded this step",
        "Verify as second",
    ),
    ATTESTED: ("Performed by another", "{name}, who performed this step,", "Attest"),
    GIVEN: ("Given", "{name}, who gave it,", "Confirm that I gave it"),
    RECEIVED: ("Received", "{name}, who received it,", "Confirm that I received it"),
}


@dataclass(frozen=True)
class RecordedStep:
    """The version of a step that counts, as one page shows it."""

    page: BatchPage
    step: Step
    entry: Entry

    @property
    def shown(self) -> Shown:
        return Shown(self.page.record, self.page.zone)

    def facts(self) -> list[RecordedFact]:
        """Every fact that was answered in any version."""
        verdicts = {value.name: value.judgement for value in judged_values(self.page.record, self.entry)}
        versions, shown = self._measurements()[-1], self.shown
        found = []
        for fact in facts_in(self.step):
            values = [shown.value(fact, getattr(version, fact.name)) for version in versions]
            before = [old for old, new in pairwise(values) if old != new]
            if values[-1] == "" and not before:
                continue
            limit = limit_beside(self.step, fact.name)
            judgement = verdicts.get(fact.name) if fact.type is not FactType.ROWS else None
            struck = tuple(old or "not answered" for old in before)
            by = ", ".join(self.page.record.name(who) for who in typed_by(self.entry, fact.name))
            found.append(RecordedFact(fact.label, limit, values[-1] or "not answered", struck, judgement, by))
        return found

    def results(self) -> list[tuple[Derived, Judgement | None]]:
        """What follows from the facts, each judged where it has a limit."""
        return [
            (derived, judgement_of(*judged_by(self.page.record, self.entry, derived)))
            for derived in self.entry.derived(self.page.record)
        ]

    def remarks(self) -> tuple[Remark, ...]:
        """What there is to say of the result: doubts, and what to do."""
        return self.entry.remarks(self.page.record)

    def corrections(self) -> list[Correction]:
        """What was changed since the first version, the oldest change first."""
        return [
            correction
            for versions in self._measurements()
            for old, new in pairwise(versions)
            for correction in self.shown.correction(old, new)
        ]

    def repeated(self) -> list[RepeatedResult]:
        """The results before the one that counts, the first one first, each with why it was repeated."""
        return [
            RepeatedResult(
                summary=filters.number(versions[-1].summary(self.page.record)),
                facts=self.shown.facts(versions[-1]),
                by=self.page.record.name(versions[-1].performed_by),
                at=versions[-1].performed_at,
                reason=following[0].reason or "",
            )
            for versions, following in pairwise(self._measurements())
        ]

    def _measurements(self) -> tuple[tuple[Entry, ...], ...]:
        return measurements(self.page.record.history(self.step.key))

    def late(self) -> Entry | None:
        """The first version of what counts, where it was recorded late."""
        first = self._measurements()[-1][0]
        return first if is_late(self.page.record, first) else None

    def intervals(self) -> list[Interval]:
        """The time limits that ended, or were broken off, with this step."""
        return [
            interval
            for interval in intervals(self.page.record)
            if interval.limit.end == self.step.key and interval.judgement is not None
        ]

    def signatures(self) -> list[Signature]:
        """The signatures given on this step; those on a version since corrected say so."""
        record = self.page.record
        earlier = {item.signature_id for item in record.confirmations if item.entry_id != self.entry.id}
        return [
            Signature(
                name=given.name,
                username=given.username,
                role=given.role,
                meaning=given.meaning,
                signed_at=given.signed_at,
                digest=given.record_digest,
                covers=f"step {self.step.number} at event {given.record_version}"
                + (", before it was corrected" if given.id in earlier else ""),
            )
            for given in record.signatures
            if given.subject == self.step.key
        ]

    def asked(self, actor: Actor, tried: ConfirmForm | None = None) -> list[Asked]:
        """The confirmations that this version still lacks. `tried` is the form that has just been refused."""
        return [self._asked(wanted, actor, tried) for wanted in self.page.record.outstanding(self.entry)]

    def _asked(self, wanted: Wanted, actor: Actor, tried: ConfirmForm | None) -> Asked:
        title, who, button = WORDS[wanted.act]
        name = self.page.record.name(wanted.person_id) if wanted.person_id else ""
        if tried is not None and tried.act.data == wanted.act:
            form = tried
        else:
            form = ConfirmForm(
                formdata=None,
                form_key=secrets.token_hex(16),
                username=self._signer(wanted, actor),
                act=wanted.act,
                entry_id=self.entry.id,
                seen=str(self.page.record.step_version(self.step.key)),
            )
        return Asked(title, who.format(name=name), MEANINGS[wanted.act], button, renamed(form, wanted.act))

    def _signer(self, wanted: Wanted, actor: Actor) -> str:
        """The username that can be filled in: that of the one who must sign, or of who is here and may verify."""
        if wanted.person_id:
            return self.page.record.person(wanted.person_id).username
        own = any(self.page.record.same_human(known, actor.person_id) for known in self.entry.hands())
        return actor.username if actor.may(Permission.VERIFY) and not own else ""


def renamed(form: Any, prefix: str) -> Any:
    """The same form with ids of its own, for a page that holds several."""
    for field in form:
        if not field.id.startswith(f"{prefix}-"):
            field.id = field.label.field_id = f"{prefix}-{field.id}"
    return form
