"""One screen for each step of a batch: record it, read it, correct it, confirm it, or say that it was not done."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import abort, redirect, request

from labrecords.actions.accounts import NotProved
from labrecords.actions.assays import report_test
from labrecords.actions.confirming import confirm_step
from labrecords.actions.door import ClockWentBack, Invalid, Refused, Stale
from labrecords.actions.mixups import Stopped, lock_recorded
from labrecords.actions.readings import Reading
from labrecords.actions.steps import (
    Unaccepted,
    correct_step,
    note_not_done,
    record_step,
    repeat_step,
)
from labrecords.domain.entries import REPEATED, REPORTED, Entry
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem, told
from labrecords.domain.review.release import Blocker
from labrecords.web.batches.unseen import NOT_SEEN_YET, may_go_on
from labrecords.web.forms.view import error_list
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting, prove, signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.bench import beside
from labrecords.web.steps.bypassing import NotAuthorised, authorise, tries_bypass
from labrecords.web.steps.forms import StepForm, keep_untouched, problems_so_far, reading_of, step_form
from labrecords.web.steps.in_hand import StepPage, step_now, step_or_404
from labrecords.web.steps.lines import asks_rows
from labrecords.web.steps.recorded import ConfirmForm
from labrecords.web.steps.screens import (
    Answer,
    NotDoneForm,
    open_form,
    show_form,
    show_newer,
    show_recorded,
    show_stop,
    show_unanswered,
)

pages = Pages("steps", __name__)
FORM_KEY, VERSION = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9]{1,9}")
MOVED_ON = Blocker(
    "stale", "Somebody changed this step since the page was shown.", "Read it again, then decide."
)


OTHER_PERSON = (
    "This page was opened by somebody else, and you are signed in now. Nothing was saved. Check every entry; what you "
    "send is recorded under your name."
)


@pages.page("/batches/<number>/steps/<key>", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def step(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if request.method == "POST":
        return _submitted(at, None)
    return show_recorded(at) if at.entry else open_form(at)


@pages.page("/batches/<number>/steps/<key>/correct", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def correct(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if at.entry is None:
        return redirect(at.url(), 303)
    return _on(at, at.entry)


@pages.page("/batches/<number>/steps/<key>/repeat", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def repeat(number: str, key: str) -> Answer:
    at = step_or_404(number, key, REPEATED)
    if at.entry is None or not at.kind.repeatable:
        return redirect(at.url(), 303)
    return _on(at, at.entry)


@pages.page("/batches/<number>/steps/<key>/report", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def report(number: str, key: str) -> Answer:
    """The next report of a test: `as` says which."""
    at = step_or_404(number, key, REPORTED)
    if at.entry is None or not at.next_reports:
        return redirect(at.url(), 303)
    return _on(at, at.entry, request.args.get("as", ""))


def _on(at: StepPage, old: Entry, state: str = "") -> Answer:
    """The form that goes on from a recorded version, or what was sent in it."""
    if not may_go_on(at.record, old, signed_in_actor().person_id):
        return show_recorded(at, 403, refused=(NOT_SEEN_YET,))
    if request.method == "POST":
        return _submitted(at, old)
    return open_form(at, old, state)


@pages.page("/batches/<number>/steps/<key>/not-done", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def not_done(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if request.method == "GET":
        return redirect(at.url(), 303)
    form, seen = NotDoneForm(), _carried("seen", VERSION)
    if request.form.get("opened_by") != signed_in_actor().person_id:
        form.form_errors.append(OTHER_PERSON)
        return show_unanswered(at, 409, leaving=form)
    if not form.validate():
        return show_unanswered(at, 400, leaving=form)
    # Which fields were left empty does not matter: nothing is stated about a step that was not done.
    nothing = Reading(kind=at.kind, facts={}, performed_by=signed_in_actor().person_id)
    try:
        note_not_done(acting(), step=at.ref(seen), reading=nothing, reason=form.reason.text)
    except Invalid as error:
        form.explain(error.problems)
        return show_unanswered(at, 400, leaving=form)
    except Stale:
        return show_unanswered(step_now(at), 409, leaving=form, refused=(MOVED_ON,))
    except Refused as error:
        return show_unanswered(at, 403, leaving=form, refused=error.blockers)
    say("pass", f"Step {at.step.number} is noted as not done.")
    return redirect(at.next_url, 303)


@pages.page("/batches/<number>/steps/<key>/confirm", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def confirm(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if request.method == "GET" or at.entry is None:
        return redirect(at.url(), 303)
    form, seen = ConfirmForm(), _carried("seen", VERSION)
    if not form.validate():
        return show_recorded(at, 400, tried=form)
    try:
        proof = prove(form.username.text, form.password.data)
        confirm_step(
            acting(proof.actor),
            step=at.ref(seen),
            entry_id=form.entry_id.data,
            act=form.act.data,
            proof=proof,
        )
    except NotProved as error:
        form.explain({"password": str(error)})
        return show_recorded(at, 400, tried=form)
    except Stale:
        return show_recorded(step_now(at), 409, refused=(MOVED_ON,))
    except Refused as error:
        return show_recorded(at, 403, tried=form, refused=error.blockers)
    say("pass", f"{proof.actor.name} signed step {at.step.number}.")
    return redirect(at.url(), 303)


def _submitted(at: StepPage, old: Entry | None) -> Answer:
    """The form of a step was sent: to record it, or to correct `old`."""
    form = step_form(at.step)(request.form, at.surroundings)
    seen = _carried("seen", VERSION)
    if asked := _asked_back(at, form, old, seen):
        return asked
    form.validate()
    reading = reading_of(form, at.kind, at.step)
    if old and not (at.repeats or at.reports):
        form.explain(_untold(form))
    if error_list(form):
        form.explain(problems_so_far(form, at.step, reading))
        return show_form(at, form, old, 400)
    try:
        _save(at, form, old, reading, seen)
    except Invalid as error:
        form.explain(error.problems)
        return show_form(at, form, old, 400)
    except Unaccepted as error:
        form["accepted"].data = error.impact.digest
        return show_form(at, form, old, impact=error.impact)
    except NotAuthorised as error:
        return show_stop(at, form, error.stops, old, error, locked=error.locked)
    except Stopped as error:
        return show_stop(at, form, error.stops, old, locked=error.locked)
    except Stale:
        return show_newer(step_now(at), form)
    except Refused as error:
        return show_form(at, form, old, 403, refused=error.blockers)
    except ClockWentBack as error:
        form.form_errors.append(str(error))
        return show_form(at, form, old, 503)
    if locked := lock_recorded(acting(), at.record.batch.id, at.step.key):
        say(
            "out",
            f"Locked after a mix-up: {' and '.join(locked)}. Read what to do on the page of each batch.",
        )
    say("pass", f"Step {at.step.number} is {at.follows_as if old else 'recorded'}.")
    return redirect(at.url() if old else at.next_url, 303)


def _save(at: StepPage, form: StepForm, old: Entry | None, reading: Reading, seen: str) -> None:
    """Record the step, repeat it or correct it. Where a second person has signed for it, in spite of its stops."""
    try:
        _write(at, form, old, reading, seen)
    except Stopped as error:
        if not tries_bypass():
            raise
        try:
            authorise(at, error.stops, reading)
        except NotAuthorised as unsigned:
            unsigned.locked = error.locked
            raise
        _write(at, form, old, reading, seen)


def _write(at: StepPage, form: StepForm, old: Entry | None, reading: Reading, seen: str) -> None:
    replaces, reason = form["replaces"].data or "", form["reason"].data or ""
    if old is None:
        record_step(acting(), step=at.ref(seen), reading=reading)
    elif at.reports:
        reading = replace(reading, facts=keep_untouched(reading, old, form, at.batch.zone))
        report_test(acting(), step=at.ref(seen), replaces=replaces, reading=reading)
    elif at.repeats:
        repeat_step(
            acting(),
            step=at.ref(seen),
            replaces=replaces,
            reading=reading,
            cause=form["cause"].data or "",
            reason=reason,
        )
    else:
        reading = replace(reading, facts=keep_untouched(reading, old, form, at.batch.zone))
        correct_step(
            acting(),
            step=at.ref(seen),
            replaces=replaces,
            reading=reading,
            reason=told(form["what_was_wrong"].data, reason),
            accepted=form["accepted"].data or "",
        )


def _untold(form: StepForm) -> dict[str, str]:
    """What is missing of the reason for a correction: its cause from the list, and the words."""
    missing = {} if form["what_was_wrong"].data else {"what_was_wrong": "Choose what was wrong."}
    said = reason_problem(form["reason"].data or "", form["what_was_wrong"].data or "")
    return missing | ({"reason": said} if said else {})


def _asked_back(at: StepPage, form: StepForm, old: Entry | None, seen: str) -> Answer | None:
    """The same form once more, where nothing was meant to be saved yet."""
    actor = signed_in_actor()
    if form["opened_by"].data != actor.person_id:
        form["opened_by"].data = actor.person_id
        form.form_errors.append(OTHER_PERSON)
        return show_form(at, form, old, 409)
    if "add_row" in request.form:
        table = request.form["add_row"]
        if not asks_rows(at.kind, table):
            abort(400)
        form[table].append_entry()
        return show_form(at, form, old)
    if "go_back" in request.form:
        # What was said to have happened belongs to the act as it was typed then.
        form["happened_reason"].typed = ""
        return show_form(at, form, old)
    return beside(at, form, seen) if old is None else None


def _carried(name: str, shape: re.Pattern[str]) -> str:
    """A hidden field as our own pages send it; anything else is no form of ours."""
    value = request.form.get(name, "")
    if not shape.fullmatch(value) or not FORM_KEY.fullmatch(request.form.get("form_key", "")):
        abort(400)
    return value
