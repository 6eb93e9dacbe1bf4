"""The buttons of a step's form that record nothing of the step itself: for its timers, and to pause it."""

from __future__ import annotations

import secrets
from decimal import Decimal

from flask import redirect, request, url_for

from labrecords.actions.door import Invalid, Refused, Stale
from labrecords.actions.mixups import Stopped
from labrecords.actions.pausing import pause_step
from labrecords.actions.readings import Reading
from labrecords.actions.timers import end_timer, start_timer, timer_ref
from labrecords.domain.calculations.adipose import minutes_between
from labrecords.domain.timers import CANCELLED, FINISHED, end_of, timers_of
from labrecords.domain.values import times
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import NotANumber, parse_number, plain
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.bypassing import NotAuthorised, authorise, tries_bypass
from labrecords.web.steps.forms import StepForm, reading_of, text_to_keep
from labrecords.web.steps.handed_over import filled_up, kept_text
from labrecords.web.steps.in_hand import StepPage, step_now
from labrecords.web.steps.screens import Answer, show_form, show_newer, show_stop

ENDS = {"timer_end": FINISHED, "timer_cancel": CANCELLED}


def beside(at: StepPage, form: StepForm, seen: str) -> Answer | None:
    """The answer to one of these buttons; None where another was pressed."""
    try:
        if "timer_start" in request.form:
            return _start(at, form)
        for name, outcome in ENDS.items():
            if name in request.form:
                return _end(at, form, request.form[name], outcome)
        if "timer_take" in request.form:
            return _take(at, form, request.form["timer_take"])
        return _pause(at, form, seen) if "pause" in request.form else None
    except Invalid as error:
        form.explain(error.problems)
        return show_form(at, form, None, 400)
    except Stale:
        return show_newer(step_now(at), form)
    except NotAuthorised as error:
        return show_stop(at, form, error.stops, None, error, begins=True)
    except Stopped as error:
        return show_stop(at, form, error.stops, None, begins=True)
    except Refused as error:
        return show_form(at, form, None, 403, refused=error.blockers)


def _start(at: StepPage, form: StepForm) -> Answer:
    typed = request.form.get("timer_minutes", "").strip()
    try:
        minutes = parse_number(typed) if typed else _stated_duration(form)
    except NotANumber as error:
        raise Invalid({"timer_minutes": f"Minutes of the timer: {error}"}) from error
    seconds = None if minutes is None else int((min(minutes, Decimal(10**6)) * 60).to_integral_value())
    # What a pause kept counts too, where this page was opened before it.
    reading = reading_of(filled_up(at, form, kept_text(at)), at.kind, at.step)
    try:
        _begin(at, reading, seconds)
    except Stopped as error:
        if not tries_bypass():
            raise
        authorise(at, error.stops, reading)
        _begin(at, reading, seconds)
    return _again(at, form, started=True)


def _begin(at: StepPage, reading: Reading, seconds: int | None) -> None:
    start_timer(
        acting(),
        about=timer_ref(at.record.batch.id, at.step.key),
        step_key=at.step.key,
        reading=reading,
        label=request.form.get("timer_label", "").strip() or at.step.title,
        seconds=seconds,
    )


def _stated_duration(form: StepForm) -> Decimal | None:
    stated = form["duration_min"].data if "duration_min" in form else None
    return stated if isinstance(stated, Decimal) else None


def _end(at: StepPage, form: StepForm, timer_id: str, outcome: str) -> Answer:
    end_timer(
        acting(),
        about=timer_ref(at.record.batch.id, at.step.key),
        step_key=at.step.key,
        kind=at.kind,
        timer_id=timer_id,
        outcome=outcome,
    )
    return _again(at, form)


def _take(at: StepPage, form: StepForm, timer_id: str) -> Answer:
    """Put the times of a timer into entries that are empty; whoever records the step looks at them first."""
    for timer in timers_of(at.record, at.step.key):
        end = end_of(at.record, timer)
        if timer.id == timer_id and end is not None:
            minutes = round_half_up(minutes_between(timer.started_at, end.ended_at), 1)
            offered = {
                "started_at": times.show(timer.started_at, at.batch.zone),
                "stopped_at": times.show(end.ended_at, at.batch.zone),
                "duration_min": plain(minutes),
                "performed_at": times.show(end.ended_at, at.batch.zone),
            }
            form = filled_up(at, form, {name: text for name, text in offered.items() if name in form})
            say(
                "wait", f"The times of “{timer.label}” stand where the step was empty. Check them, then save."
            )
    return show_form(at, form)


def _again(at: StepPage, form: StepForm, *, started: bool = False) -> Answer:
    """The same form with everything that was typed, after an act of its own: what comes next is another act."""
    form["form_key"].data = secrets.token_hex(16)
    return show_form(step_now(at), form, started=started)


def _pause(at: StepPage, form: StepForm, seen: str) -> Answer:
    typed = text_to_keep(form)
    if typed.get("performed_by") == signed_in_actor().person_id:
        # Who is signed in stands there beforehand: the next person's own name stands in their form.
        del typed["performed_by"]
    note = request.form.get("pause_note", "")
    pause_step(acting(), step=at.ref(seen), kind=at.kind, typed=typed, note=note)
    say("pass", f"Step {at.step.number} is paused. What was typed is kept for whoever goes on with it.")
    return redirect(url_for("batches.batch", number=at.record.batch.number), 303)
