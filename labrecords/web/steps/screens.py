"""The screens of a step: its form, the recorded step, the red page, and the page where two versions meet."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.pauses import paused
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Person
from labrecords.domain.review.bypass import BYPASSABLE, may_be_bypassed
from labrecords.domain.review.corrections import Impact
from labrecords.domain.review.release import Blocker
from labrecords.domain.steps.chambers import BORDER_RULES
from labrecords.web.batches.unseen import NOT_SEEN_YET, may_go_on, unseen_steps
from labrecords.web.forms.fields import FactField, RowsField
from labrecords.web.forms.shared import Reason, WritingForm
from labrecords.web.parts import Condition
from labrecords.web.signed_in import signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.bypassing import NotAuthorised
from labrecords.web.steps.conflict import conflict_of
from labrecords.web.steps.drafts import BESIDE, Left
from labrecords.web.steps.forms import CARRIED, StepForm, reading_of, typed_in
from labrecords.web.steps.handed_over import filled_up, kept_text, who_typed
from labrecords.web.steps.in_hand import StepPage
from labrecords.web.steps.judge import NOT_JUDGED, judged
from labrecords.web.steps.lines import computes, lines_of
from labrecords.web.steps.opening import left_over, opened
from labrecords.web.steps.recorded import ConfirmForm, RecordedStep, renamed
from labrecords.web.steps.red_page import stop_of
from labrecords.web.steps.timers import planned_min, timer_lines

Answer = Response | tuple[str, int]
ONE_BY_ONE = 2
"""So many of the steps before stand one by one; those before them are folded together."""
log = logging.getLogger("labrecords")


class NotDoneForm(WritingForm):
    """Why a step was not performed."""

    reason = Reason("Why it was not done")


def open_form(
    at: StepPage,
    old: Entry | None = None,
    state: str = "",
    status: int = 200,
    *,
    leaving: NotDoneForm | None = None,
    refused: Sequence[Blocker] = (),
) -> Answer:
    """The form as one comes to it: with what the same person had typed in it and not recorded, and a word about it."""
    form, left = opened(at, old, state)
    return show_form(at, form, old, status, leaving=leaving, refused=refused, left=left)


def show_form(
    at: StepPage,
    form: StepForm,
    old: Entry | None = None,
    status: int = 200,
    *,
    leaving: NotDoneForm | None = None,
    refused: Sequence[Blocker] = (),
    impact: Impact | None = None,
    started: bool = False,
    left: Left | None = None,
) -> Answer:
    sent = request.method == "POST" and leaving is None
    corrected = None if at.repeats else old
    blockers = at.blockers(signed_in_actor())
    reading = reading_of(form, at.kind, at.step) if not blockers else None
    by = signed_in_actor().person_id
    found = judged(form, reading, at.record, at.step, by, corrected) if reading else NOT_JUDGED
    if not sent and corrected is None:
        _put_cursor(form)
    if corrected and not at.reports:
        form["performed_at"].description = "Leave empty to keep the time"
    if at.repeats:
        form["reason"].label.text = "What happened, and who decided to repeat it"
    values: dict[str, Any] = {
        "form": form,
        "sent": sent,
        "border_rules": BORDER_RULES,
        "old": old,
        "lines": lines_of(form, at.step, found),
        "computed": found.results if computes(at.kind) else None,
        "remarks": found.remarks,
        "stops": found.stops,
        "performer": found.cell("performed_by"),
        "impact": impact,
        "refused": checklist(refused),
        "blockers": checklist(blockers),
        "leaving": renamed(leaving or NotDoneForm(formdata=None), "leaving"),
        "noted": at.record.not_done_reason(at.step.key),
        "pause": paused(at.record, at.step.key) if old is None else None,
        "origins": who_typed(at, form),
        "timers": timer_lines(at),
        "beside": _beside(at, left, started=started),
        "left": [left] if left else [],
    }
    return render_template(_template_of(at.step.kind), **_shared(at), **values), status


@cache
def _template_of(kind: str) -> str:
    """A kind that wants to be seen otherwise has a template of its own name. That there is none is looked up once."""
    found = current_app.jinja_env.select_template([f"steps/{kind}.html", "steps/step.html"])
    return str(found.name)


def _beside(at: StepPage, left: Left | None = None, *, started: bool = False) -> dict[str, str]:
    """What stands in the entries for timer and pause, which are no entries of the step.

    Those of a timer that was `started` are used up: whoever presses the button again wants another one.
    """
    if started:
        return {"timer_label": "", "timer_minutes": "", "pause_note": request.form.get("pause_note", "")}
    if request.method == "POST":
        return {name: request.form.get(name, "") for name in ("timer_label", "timer_minutes", "pause_note")}
    note = left.draft.typed.get(BESIDE, "") if left else ""
    return {"timer_label": "", "timer_minutes": planned_min(at), BESIDE: note}


def show_unanswered(
    at: StepPage, status: int, *, leaving: NotDoneForm, refused: Sequence[Blocker] = ()
) -> Answer:
    """The page after a note was refused: by now the step may have been recorded."""
    if at.entry:
        return show_recorded(at, status, refused=refused)
    return open_form(at, status=status, leaving=leaving, refused=refused)


def show_beside(
    template: str,
    at: StepPage,
    form: WritingForm,
    status: int = 200,
    refused: Sequence[Blocker] = (),
    **more: Any,
) -> tuple[str, int]:
    """A page about a step that is not its own form: of its files, of what is entered again."""
    values = {"at": at, "bar": at.batch.bar, "form": form, "refused": checklist(refused)}
    return render_template(template, **values, **more), status


def show_recorded(
    at: StepPage, status: int = 200, *, tried: ConfirmForm | None = None, refused: Sequence[Blocker] = ()
) -> Answer:
    assert at.entry is not None
    actor = signed_in_actor()
    recorded = RecordedStep(at.batch, at.step, at.entry)
    values: dict[str, Any] = {
        "recorded": recorded,
        "entry": at.entry,
        "asked": recorded.asked(actor, tried),
        "left": left_over(at),
        "tried": tried,
        "unseen": at.step.key in unseen_steps(at.record, actor.person_id),
        "may_sign": actor.may(Permission.ATTEST),
        "refused": checklist(refused),
        "blockers": checklist(at.blockers(actor)),
        "may_read_trail": actor.may(Permission.READ_TRAIL),
        "may_judge": at.is_test and actor.may(Permission.JUDGE_TESTS),
    }
    return render_template("steps/recorded.html", **_shared(at), **values), status


def show_stop(
    at: StepPage,
    form: StepForm,
    stops: tuple[Stop, ...],
    old: Entry | None,
    refused: NotAuthorised | None = None,
    *,
    begins: bool = False,
    locked: Sequence[str] = (),
) -> Answer:
    """The red page: the step must not be recorded so, or where it only `begins`, its timer not be started."""
    carried = typed_in(form) | {name: form[name].data or "" for name in ("form_key", *CARRIED)}
    if begins:
        carried |= _beside(at) | {"timer_start": "1"}
    said = carried.pop("happened_reason") or (old.happened_reason if old else "") or ""
    values: dict[str, Any] = {
        "at": at,
        "stopped": stop_of(stops, locked),
        "carried": carried,
        "said": said,
        "begins": begins,
        "action_url": at.form_url,
        "reference": _reference(at, "stopped"),
        "untrained": _untrained(at, form, stops),
        "may_bypass": may_be_bypassed(at.step, stops),
        "of_registers": all(stop.rule in BYPASSABLE for stop in stops),
        "problems": refused.problems if refused else {},
        "typed": {name: request.form.get(name, "") for name in ("bypass_reason", "bypass_username")},
    }
    return render_template("steps/stopped.html", **values), 403


def _untrained(at: StepPage, form: StepForm, stops: tuple[Stop, ...]) -> Person | None:
    """Who lacks the training that the step asks for, where that is one of the stops."""
    if all(stop.rule != "training" for stop in stops):
        return None
    performer = form["performed_by"].data
    return next((person for person in at.surroundings.people if person.id == performer), None)


def show_newer(at: StepPage, form: StepForm) -> Answer:
    """Somebody wrote this step meanwhile: both versions side by side, or the same form where only its state is new."""
    if at.entry and not may_go_on(at.record, at.entry, signed_in_actor().person_id):
        # Both side by side would show what this person has still to enter without seeing it.
        return show_recorded(at, 409, refused=(NOT_SEEN_YET,))
    if (at.repeats or at.reports) and at.entry:
        form["seen"].data, form["replaces"].data = str(at.version), at.entry.id
        form.form_errors.append(
            f"Meanwhile {at.record.name(at.entry.recorded_by)} changed this step, or it was confirmed. Its result is "
            f"now: {at.entry.summary(at.record)}. If this is still needed, send it again."
        )
        return show_form(at, form, at.entry, 409)
    if at.entry and at.entry.id != form["replaces"].data:
        found = conflict_of(at, at.entry, form, signed_in_actor())
        if not form["replaces"].data and at.entry.recorded_by == signed_in_actor().person_id and found.alike:
            say("pass", "You had recorded this already, with the same values: nothing was recorded twice.")
            return redirect(at.url(), 303)
        values = {"found": found, "reference": _reference(at, "conflict"), "bar": at.batch.bar}
        return render_template("errors/conflict.html", **values), 409
    form["seen"].data = str(at.version)
    if (pause := paused(at.record, at.step.key)) is not None:
        form = filled_up(at, form, kept_text(at))
        form.form_errors.append(
            f"Meanwhile {at.record.name(pause.person_id)} paused this step. What they had typed stands where you had "
            "typed nothing. Check it, and send it again."
        )
        return show_form(at, form, None, 409)
    noted = at.record.not_done_reason(at.step.key)
    form.form_errors.append(
        f"Meanwhile {at.record.name(noted.recorded_by)} noted this step as not done. Send it again to record it."
        if noted
        else "Meanwhile this version was confirmed. A correction has to be confirmed anew. Send it again to save it."
    )
    return show_form(at, form, at.entry, 409)


def _shared(at: StepPage) -> dict[str, Any]:
    past = at.batch.past_steps(at.step)
    return {
        "at": at,
        "bar": at.batch.bar,
        "earlier": past[:-ONE_BY_ONE],
        "past": past[-ONE_BY_ONE:],
    }


def _reference(at: StepPage, what: str) -> str:
    """The number that stands on the page and in the server's log."""
    reference = secrets.token_hex(4)
    log.warning("reference %s: %s at step %s of %s", reference, what, at.step.key, at.record.batch.number)
    return reference


def checklist(blockers: Sequence[Blocker]) -> list[Condition]:
    """Blockers as lines of the checklist, each with its way out."""
    account = url_for("accounts.account")
    return [
        Condition(f"{blocker.sentence} {blocker.way_out}", url=account if blocker.rule == "agreement" else "")
        for blocker in blockers
    ]


def _put_cursor(form: StepForm) -> None:
    """The first entry has the cursor, so that a scan lands in it."""
    first = next((field for field in form if isinstance(field, (FactField, RowsField))), None)
    if isinstance(first, RowsField):
        first = next((cell for row in first.entries for cell in row.form), None)
    if first is not None and first.entry_kind not in ("segments", "choices"):
        first.render_kw = {"autofocus": True}
