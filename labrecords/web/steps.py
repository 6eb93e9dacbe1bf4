"""One screen for each step of a batch: record it, read it, correct it, confirm it, or say that it was not done."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from flask import abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from labrecords.actions import accounts
from labrecords.actions.accounts import NotProved
from labrecords.actions.door import Acting, Actor, ClockWentBack, Invalid, Refused, Stale, StepRef
from labrecords.actions.signing import Proof
from labrecords.actions.steps import (
    Reading,
    Stopped,
    confirm_step,
    correct_step,
    note_not_done,
    record_step,
)
from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.process import ADMINISTRATION, Step
from labrecords.domain.record import BatchRecord
from labrecords.domain.release import Blocker, state_blockers
from labrecords.domain.status import Status
from labrecords.models.batch_record import equipment_now, people
from labrecords.models.people import DeactivationRow
from labrecords.models.session import db
from labrecords.web.batch_page import BatchPage, batch_or_404, may_record
from labrecords.web.fields import FactField, RowsField, Surroundings, may_be_named
from labrecords.web.form_view import error_list
from labrecords.web.forms import Reason, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.parts import StepHead
from labrecords.web.recorded_step import ConfirmForm, RecordedStep, limits_of, renamed
from labrecords.web.signed_in import acting, installation, signed_in_actor, source
from labrecords.web.site import say
from labrecords.web.step_conflict import conflict_of
from labrecords.web.step_forms import (
    StepForm,
    as_typed,
    keep_untouched,
    problems_so_far,
    reading_of,
    step_form,
    typed_in,
)
from labrecords.web.step_judge import NOT_JUDGED, fragments, judged
from labrecords.web.step_stop import stop_of

pages = Pages("steps", __name__)
Answer = Response | str | tuple[str, int]

FORM_KEY, VERSION = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9]{1,9}")
NOT_BOUND = ("csrf_token", "password")
"""What may differ between two sendings of the same form."""
EARLIER_SHOWN = 2
"""So many of the steps before are shown one by one; those before them are folded together."""


class NotDoneForm(WritingForm):
    """Why a step was not performed."""

    reason = Reason("Why it was not done")


@dataclass(frozen=True)
class At:
    """The step in hand, in its batch."""

    page: BatchPage
    step: Step

    @property
    def record(self) -> BatchRecord:
        return self.page.record

    @property
    def kind(self) -> type[Entry]:
        return KINDS[self.step.kind]

    @property
    def version(self) -> int:
        return self.record.step_version(self.step.key)

    @property
    def url(self) -> str:
        return self.page.step_url(self.step.key)

    def url_of(self, endpoint: str) -> str:
        return url_for(f"steps.{endpoint}", number=self.record.batch.number, step_key=self.step.key)

    def ref(self, seen: str | None) -> StepRef:
        return StepRef(self.record.batch.id, self.step.key, int(seen or 0))

    @cached_property
    def surroundings(self) -> Surroundings:
        """Who and what can be chosen now."""
        gone = set(db.session.execute(select(DeactivationRow.__table__.c.person_id)).scalars())
        here = tuple(person for person in people(db.session) if person.id not in gone)
        pieces = equipment_now(db.session) if self._names_equipment else ()
        known = {piece.id: piece for piece in (*pieces, *(self.record.equipment if self._names_equipment else ()))}
        return Surroundings(self.page.zone, self.page.now, here, tuple(known.values()))

    @property
    def _names_equipment(self) -> bool:
        return any(fact.type is FactType.EQUIPMENT for fact in facts_of(self.kind))

    def next(self) -> Step | None:
        """The step after this one: the administration only once QA has released, where that is needed."""
        for other in self.record.process.steps:
            if other != self.step and not (
                self.record.current(other.key) or self.record.not_done_reason(other.key)
            ):
                waits = other.phase == ADMINISTRATION and self.record.process.release_required
                return None if waits and self.page.status not in (Status.RELEASED, Status.ADMINISTERED) else other
        return None

    def next_url(self) -> str:
        step = self.next()
        return self.page.step_url(step.key) if step else url_for("batches.batch", number=self.record.batch.number)

    def head(self) -> StepHead:
        process = self.record.process
        number, of = self.step.number, len(process.steps)
        return StepHead(number, of, self.step.title, self.step.instruction, f"version {process.version}")

    def blockers(self) -> tuple[Blocker, ...]:
        """Why the person who is here can record nothing in this step now."""
        found = state_blockers(self.record)
        if may_record(signed_in_actor(), self.step):
            return found
        right = self.kind.needs.value
        missing = Blocker("permission", f"You do not have the right: {right.lower()}.", "Ask somebody who has it.")
        return (*found, missing)


@pages.page("/batches/<number>/steps/<key>", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def step(number: str, key: str) -> Answer:
    at = _at(number, key)
    if request.method == "POST":
        return _submitted(at, None)
    entry = at.record.current(key)
    return _show_recorded(at, entry) if entry else _show_form(at, _new_form(at))


@pages.page("/batches/<number>/steps/<key>/correct", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def correct(number: str, key: str) -> Answer:
    at = _at(number, key)
    entry = at.record.current(key)
    if entry is None:
        return redirect(at.url, 303)
    if request.method == "POST":
        return _submitted(at, entry)
    return _show_form(at, _new_form(at, entry), old=entry)


@pages.page("/batches/<number>/steps/<key>/not-done", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def not_done(number: str, key: str) -> Answer:
    at = _at(number, key)
    if request.method == "GET":
        return redirect(at.url, 303)
    form = NotDoneForm()
    seen = _carried("seen")
    if not form.validate():
        return _show_form(at, _new_form(at), 400, leaving=form)
    nothing = Reading(kind=at.kind, facts={}, performed_by=signed_in_actor().person_id)
    try:
        note_not_done(_once(), step=at.ref(seen), reading=nothing, reason=form.reason.text)
    except Invalid as error:
        form.explain(error.problems)
        return _show_form(at, _new_form(at), 400, leaving=form)
    except Stale:
        return _moved_on(_at(number, key, anew=True), None)
    except Refused as error:
        return _show_form(at, _new_form(at), 403, leaving=form, refused=error.blockers)
    say("pass", f"Step {at.step.number} is noted as not done.")
    return redirect(at.next_url(), 303)


@pages.page("/batches/<number>/steps/<key>/confirm", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def confirm(number: str, key: str) -> Answer:
    at = _at(number, key)
    entry = at.record.current(key)
    if request.method == "GET" or entry is None:
        return redirect(at.url, 303)
    form, seen = ConfirmForm(), _carried("seen")
    if not form.password.data:
        form.explain({"password": "Enter your password."} if form.validate() else {})
        form.password.errors = form.password.errors or ["Enter your password."]
    if not form.validate() or not form.password.data:
        form.password.errors = [] if form.password.data else ["Enter your password."]
        return _show_recorded(at, entry, 400, tried=form)
    try:
        proof = accounts.prove_identity(
            installation().store, form.username.text, form.password.data, source(), "signature"
        )
        confirm_step(
            _once(proof.actor), step=at.ref(seen), entry_id=form.entry_id.data, act=form.act.data, proof=proof
        )
    except NotProved as error:
        form.explain({"password": str(error)})
        return _show_recorded(at, entry, 400, tried=form)
    except Stale:
        return _moved_on(_at(number, key, anew=True), entry)
    except Refused as error:
        return _show_recorded(at, entry, 403, tried=form, refused=error.blockers)
    say("pass", f"{proof.actor.name} signed step {at.step.number}.")
    return redirect(at.url, 303)
