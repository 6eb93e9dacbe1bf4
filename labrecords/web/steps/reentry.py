"""Entering the values of a step again, unseen: the second person's own page, by own sign-in on any screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from labrecords.actions.accounts import NotProved
from labrecords.actions.confirming import reenter_step
from labrecords.actions.door import Invalid, Refused, Stale
from labrecords.domain.evidence.signatures import MEANINGS
from labrecords.domain.facts import Fact, FactType
from labrecords.domain.permissions import Permission
from labrecords.domain.review.reentry import Again, asked_again, differing
from labrecords.domain.review.release import Blocker
from labrecords.web.drawn.widgets import hidden
from labrecords.web.forms.fields import NoteField, field_for
from labrecords.web.forms.shared import Line
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting, prove
from labrecords.web.site import say
from labrecords.web.steps.forms import StepForm
from labrecords.web.steps.in_hand import StepPage, step_or_404
from labrecords.web.steps.screens import show_beside

pages = Pages("reentry", __name__)
Answer = Any


@pages.page("/batches/<number>/steps/<key>/again", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def again(number: str, key: str) -> Answer:
    at = step_or_404(number, key)
    if at.entry is None or not at.kept_back:
        return redirect(at.url(), 303)
    form = _form(asked_again(at.entry, at.step))(
        request.form if request.method == "POST" else {}, at.surroundings
    )
    if request.method == "GET":
        form["entry_id"].data, form["seen"].data = at.entry.id, str(at.version)
        return _show(at, form)
    if not form.validate():
        return _show(at, form, 400)
    try:
        proof = prove(form["username"].text, form["password"].data)
        asked = asked_again(at.entry, at.step)
        agree = reenter_step(
            acting(proof.actor),
            step=at.ref(form["seen"].data),
            entry_id=form["entry_id"].data,
            values={item.name: form[item.name].data for item in asked},
            typed={item.name: form[item.name].typed.strip() for item in asked},
            reason=form["reason"].data or "",
            proof=proof,
        )
    except NotProved as error:
        form.explain({"password": str(error)})
        return _show(at, form, 400)
    except Invalid as error:
        form.explain(error.problems)
        return _show(at, form, 400)
    except Stale:
        say(
            "alert", "Somebody changed this step since the page was shown. Nothing was saved: enter it again."
        )
        return redirect(at.again_url, 303)
    except Refused as error:
        return _show(at, form, 403, error.blockers)
    if agree:
        say("pass", f"Both agree. {proof.actor.name} verified step {at.step.number}.")
        return redirect(at.url(), 303)
    say("alert", "The two entries differ. Nothing is verified: compare them below.")
    return redirect(at.again_url, 303)


def _form(asked: Sequence[Again]) -> type[StepForm]:
    """An entry for each value that is asked again, then who signs."""
    entries: dict[str, Any] = {item.name: field_for(item.fact) for item in asked}
    why = Fact("reason", FactType.NOTE, "Why it is entered once more", required=False)
    entries |= {
        "reason": NoteField(why),
        "username": Line("Username", missing="Enter your username."),
        "password": PasswordField("Password", [InputRequired("Enter your password.")]),
        "entry_id": HiddenField(widget=hidden),
        "seen": HiddenField(widget=hidden),
    }
    return type("ReentryForm", (StepForm,), entries)


def _show(at: StepPage, form: StepForm, status: int = 200, refused: Sequence[Blocker] = ()) -> Answer:
    assert at.entry is not None
    asked = asked_again(at.entry, at.step)
    tries = [item for item in at.record.reentries_of(at.entry) if item.differs]
    return show_beside(
        "reentry/again.html",
        at,
        form,
        status,
        refused,
        fields=[form[item.name] for item in asked],
        units={item.name: item.fact.unit for item in asked},
        differing=differing(at.record, tries[-1]) if tries else (),
        tries=tries,
        meaning=MEANINGS["verified"],
    )
