"""One screen for each step of a batch: record it, read it, correct it, confirm it, or say that it was not done."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from flask import abort, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from labrecords.actions import accounts
from labrecords.actions.accounts import NotProved
from labrecords.actions.door import Acting, Actor, ClockWentBack, Invalid, Refused, Stale
from labrecords.actions.signing import Proof
from labrecords.actions.steps import (
    Reading,
    Stopped,
    confirm_step,
    correct_step,
    note_not_done,
    record_step,
)
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.release import Blocker
from labrecords.web.fields import FactField, may_be_named
from labrecords.web.form_view import error_list
from labrecords.web.forms import Reason, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.parts import Reason as Line
from labrecords.web.recorded_step import ConfirmForm, RecordedStep, renamed
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
from labrecords.web.step_lines import asks_rows, computes, lines_of
from labrecords.web.step_page import StepPage, step_or_404
from labrecords.web.step_stop import stop_of

pages = Pages("steps", __name__)
Answer = Response | tuple[str, int]

FORM_KEY, VERSION = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9]{1,9}")
NOT_BOUND = ("csrf_token", "password")
"""What may differ between two sendings of the same form."""
ONE_BY_ONE = 2
"""So many of the steps before stand one by one; those before them are folded together."""
MOVED_ON = Blocker(
    "stale", "Somebody changed this step since the page was shown.", "Read it again, then decide."
)


OTHER_PERSON = (
    "This page was opened by somebody else, and you are signed in now. Nothing was saved. Check every entry; what you "
    "send is recorded under your name."
)


class NotDoneForm(WritingForm):
    """Why a step was not performed."""

    reason = Reason("Why it was not done")


@pages.page("/batches/<number>/steps/<key>", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def step(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if request.method == "POST":
        return _submitted(at, None)
    return _show_recorded(at) if at.entry else _show_form(at, _new_form(at))


@pages.page("/batches/<number>/steps/<key>/correct", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def correct(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if at.entry is None:
        return redirect(at.url(), 303)
    if request.method == "POST":
        return _submitted(at, at.entry)
    return _show_form(at, _new_form(at, at.entry), at.entry)


@pages.page("/batches/<number>/steps/<key>/judge", needs=Permission.READ_BATCHES, methods=("POST",))
def judge(number: str, key: str) -> Response:
    """What is understood of the form so far, for the page that is being filled in. Writes nothing."""
    at = step_or_404(number, key)
    form = step_form(at.kind)(request.form, at.surroundings)
    reading = reading_of(form, at.kind, at.step)
    return jsonify(fragments(judged(form, reading, at.record, at.step, at.entry), form))


@pages.page("/batches/<number>/steps/<key>/not-done", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def not_done(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if request.method == "GET":
        return redirect(at.url(), 303)
    form, seen = NotDoneForm(), _carried("seen", VERSION)
    if request.form.get("opened_by") != signed_in_actor().person_id:
        form.form_errors.append(OTHER_PERSON)
        return _show_unanswered(at, 409, leaving=form)
    if not form.validate():
        return _show_unanswered(at, 400, leaving=form)
    # Which fields were left empty does not matter: nothing is stated about a step that was not done.
    nothing = Reading(kind=at.kind, facts={}, performed_by=signed_in_actor().person_id)
    try:
        note_not_done(_once(), step=at.ref(seen), reading=nothing, reason=form.reason.text)
    except Invalid as error:
        form.explain(error.problems)
        return _show_unanswered(at, 400, leaving=form)
    except Stale:
        return _show_unanswered(step_or_404(number, key), 409, leaving=form, refused=(MOVED_ON,))
    except Refused as error:
        return _show_unanswered(at, 403, leaving=form, refused=error.blockers)
    say("pass", f"Step {at.step.number} is noted as not done.")
    return redirect(at.next_url, 303)


@pages.page("/batches/<number>/steps/<key>/confirm", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def confirm(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if request.method == "GET" or at.entry is None:
        return redirect(at.url(), 303)
    form, seen = ConfirmForm(), _carried("seen", VERSION)
    if not form.validate():
        return _show_recorded(at, 400, tried=form)
    try:
        proof = _prove(form.username.text, form.password.data)
        confirm_step(
            _once(proof.actor), step=at.ref(seen), entry_id=form.entry_id.data, act=form.act.data, proof=proof
        )
    except NotProved as error:
        form.explain({"password": str(error)})
        return _show_recorded(at, 400, tried=form)
    except Stale:
        return _show_recorded(step_or_404(number, key), 409, refused=(MOVED_ON,))
    except Refused as error:
        return _show_recorded(at, 403, tried=form, refused=error.blockers)
    say("pass", f"{proof.actor.name} signed step {at.step.number}.")
    return redirect(at.url(), 303)


def _submitted(at: StepPage, old: Entry | None) -> Answer:
    """The form of a step was sent: to record it, or to correct `old`."""
    form = step_form(at.kind)(request.form, at.surroundings)
    seen = _carried("seen", VERSION)
    if asked := _asked_back(at, form, old):
        return asked
    form.validate()
    reading = reading_of(form, at.kind, at.step)
    if error_list(form):
        form.explain(problems_so_far(form, at.step, reading))
        return _show_form(at, form, old, 400)
    try:
        if old is None:
            record_step(_once(), step=at.ref(seen), reading=reading, proof=_own_proof(at, form))
        else:
            reading = replace(reading, facts=keep_untouched(reading, old, form, at.batch.zone))
            replaces, reason = form["replaces"].data or "", form["reason"].data or ""
            correct_step(_once(), step=at.ref(seen), replaces=replaces, reading=reading, reason=reason)
    except Invalid as error:
        form.explain(error.problems)
        return _show_form(at, form, old, 400)
    except NotProved as error:
        form.explain({"password": str(error)})
        return _show_form(at, form, old, 400)
    except Stopped as error:
        return _show_stop(at, form, error.stops, old)
    except Stale:
        return _show_newer(step_or_404(at.record.batch.number, at.step.key), form)
    except Refused as error:
        return _show_form(at, form, old, 403, refused=error.blockers)
    except ClockWentBack as error:
        form.form_errors.append(str(error))
        return _show_form(at, form, old, 503)
    say("pass", f"Step {at.step.number} is {'corrected' if old else 'recorded'}.")
    return redirect(at.url() if old else at.next_url, 303)


def _asked_back(at: StepPage, form: StepForm, old: Entry | None) -> Answer | None:
    """The same form once more, where nothing was meant to be saved yet."""
    actor = signed_in_actor()
    if form["opened_by"].data != actor.person_id:
        form["opened_by"].data = actor.person_id
        form.form_errors.append(OTHER_PERSON)
        return _show_form(at, form, old, 409)
    if "add_row" in request.form:
        table = request.form["add_row"]
        if not asks_rows(at.kind, table):
            abort(400)
        form[table].append_entry()
        return _show_form(at, form, old)
    if "go_back" in request.form:
        # What was said to have happened belongs to the act as it was typed then.
        form["happened_reason"].typed = ""
        return _show_form(at, form, old)
    return None


# ---- what the forms carry -----------------------------------------------------------------------------------------


def _new_form(at: StepPage, old: Entry | None = None) -> StepForm:
    """An empty form, or one with what is to be corrected as it was typed."""
    actor = signed_in_actor()
    typed = as_typed(old, at.batch.zone) if old else {}
    here = next((person for person in at.surroundings.people if person.id == actor.person_id), None)
    if old is None and here and may_be_named(here, at.kind.performer_role):
        typed["performed_by"] = here.id
    typed |= {"seen": str(at.version), "opened_by": actor.person_id, "replaces": old.id if old else ""}
    return step_form(at.kind)(MultiDict(typed), at.surroundings)


def _carried(name: str, shape: re.Pattern[str]) -> str:
    """A hidden field as our own pages send it; anything else is no form of ours."""
    value = request.form.get(name, "")
    if not shape.fullmatch(value) or not FORM_KEY.fullmatch(request.form.get("form_key", "")):
        abort(400)
    return value


def _once(actor: Actor | None = None) -> Acting:
    """An act whose key is bound to what was sent: the same form again is a repeat, a changed one is not."""
    sent = sorted((name, value) for name, value in request.form.items() if name not in NOT_BOUND)
    return replace(acting(actor), key=sha256(repr((request.path, sent)).encode()).hexdigest())


def _own_proof(at: StepPage, form: StepForm) -> Proof | None:
    """The signature of the person who is here, where the step is completed with one."""
    password = form["password"].data
    return _prove(signed_in_actor().username, password) if at.step.critical and password else None


def _prove(username: str, password: str) -> Proof:
    return accounts.prove_identity(installation().store, username, password, source(), "signature")


# ---- what is shown ------------------------------------------------------------------------------------------------


def _show_form(
    at: StepPage,
    form: StepForm,
    old: Entry | None = None,
    status: int = 200,
    *,
    leaving: NotDoneForm | None = None,
    refused: Sequence[Blocker] = (),
) -> Answer:
    sent = request.method == "POST" and leaving is None
    reading = reading_of(form, at.kind, at.step) if sent or old else None
    found = judged(form, reading, at.record, at.step, old) if reading else NOT_JUDGED
    if not sent and old is None:
        _put_cursor(form)
    if old:
        form["performed_at"].description = "Leave empty to keep the time"
    values: dict[str, Any] = {
        "form": form,
        "old": old,
        "lines": lines_of(form, at.kind, at.step, found),
        "computed": found.results if computes(at.kind) else None,
        "refused": _checklist(refused),
        "blockers": _checklist(at.blockers(signed_in_actor())),
        "leaving": renamed(leaving or NotDoneForm(formdata=None), "leaving"),
        "noted": at.record.not_done_reason(at.step.key),
    }
    return render_template("steps/step.html", **_shared(at), **values), status


def _show_unanswered(
    at: StepPage, status: int, *, leaving: NotDoneForm, refused: Sequence[Blocker] = ()
) -> Answer:
    """The page after a note was refused: by now the step may have been recorded."""
    if at.entry:
        return _show_recorded(at, status, refused=refused)
    return _show_form(at, _new_form(at), None, status, leaving=leaving, refused=refused)


def _show_recorded(
    at: StepPage, status: int = 200, *, tried: ConfirmForm | None = None, refused: Sequence[Blocker] = ()
) -> Answer:
    assert at.entry is not None
    actor = signed_in_actor()
    recorded = RecordedStep(at.batch, at.step, at.entry)
    values: dict[str, Any] = {
        "recorded": recorded,
        "entry": at.entry,
        "asked": recorded.asked(actor, tried),
        "tried": tried,
        "may_sign": actor.may(Permission.ATTEST),
        "refused": _checklist(refused),
        "blockers": _checklist(at.blockers(actor)),
    }
    return render_template("steps/recorded.html", **_shared(at), **values), status


def _show_stop(at: StepPage, form: StepForm, stops: tuple[Stop, ...], old: Entry | None) -> Answer:
    carried = typed_in(form) | {
        name: form[name].data for name in ("form_key", "seen", "opened_by", "replaces")
    }
    said = carried.pop("happened_reason") or (old.happened_reason if old else "") or ""
    values: dict[str, Any] = {
        "at": at,
        "stopped": stop_of(stops),
        "carried": carried,
        "said": said,
        "action_url": at.url("correct") if old else at.url(),
        "reference": secrets.token_hex(4),
    }
    return render_template("steps/stopped.html", **values), 403


def _show_newer(at: StepPage, form: StepForm) -> Answer:
    """Somebody wrote this step meanwhile: both versions side by side, or the same form where only its state is new."""
    if at.entry and at.entry.id != form["replaces"].data:
        found = conflict_of(at, at.entry, form, signed_in_actor())
        values = {"found": found, "reference": secrets.token_hex(4), "bar": at.batch.bar}
        return render_template("errors/conflict.html", **values), 409
    form["seen"].data = str(at.version)
    noted = at.record.not_done_reason(at.step.key)
    form.form_errors.append(
        f"Meanwhile {at.record.name(noted.recorded_by)} noted this step as not done. Send it again to record it."
        if noted
        else "Meanwhile this version was confirmed. A correction has to be confirmed anew. Send it again to save it."
    )
    return _show_form(at, form, at.entry, 409)


def _shared(at: StepPage) -> dict[str, Any]:
    past = at.batch.past_steps(at.step)
    return {
        "at": at,
        "bar": at.batch.bar,
        "earlier": past[:-ONE_BY_ONE],
        "past": past[-ONE_BY_ONE:],
    }


def _checklist(blockers: Sequence[Blocker]) -> list[Line]:
    """Blockers as lines of the checklist, each with its way out."""
    account = url_for("accounts.account")
    return [
        Line(f"{blocker.sentence} {blocker.way_out}", url=account if blocker.rule == "agreement" else "")
        for blocker in blockers
    ]


def _put_cursor(form: StepForm) -> None:
    """The first entry has the cursor, so that a scan lands in it."""
    first = next((field for field in form if isinstance(field, FactField)), None)
    if first is not None and first.entry_kind not in ("segments", "choices"):
        first.render_kw = {"autofocus": True}
