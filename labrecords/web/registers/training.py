"""Training of each person on procedures: what counts today, what has expired, and how it was recorded."""

from __future__ import annotations

from datetime import date

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from labrecords.actions import training
from labrecords.actions.door import Invalid, Refused
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Person
from labrecords.domain.registers.due import SOON
from labrecords.domain.registers.training import Training, standing
from labrecords.models.batch_record import people
from labrecords.models.session import db
from labrecords.models.trained import trained_people
from labrecords.models.training import training_of
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Line, Parsed, Reason, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting, signed_in_actor, today_here
from labrecords.web.site import say

pages = Pages("training", __name__)
Answer = str | Response | tuple[str, int]


class TrainingForm(WritingForm):
    sop = Line(
        "Procedure", missing="Enter the code of the procedure.", limit=60, description="Its code, as SOP-012"
    )
    sop_version = Line("Version", missing="Enter the version of the procedure.", limit=20)
    trained_on = Parsed(
        "Trained on", parse_day, missing="Enter the day of the training.", description="As 2026-11-22"
    )
    expires_on = Parsed("Counts until", parse_day, description="Last day; empty where it does not expire")
    assessor = Line("Trained or assessed by", missing="Enter who trained or assessed the person.", limit=120)


class WithdrawForm(WritingForm):
    reason = Reason()


@pages.page("/training", needs=Permission.READ_TRAINING)
def register() -> Answer:
    after, due, today = request.args.get("after", ""), request.args.get("due") == "yes", today_here()
    found, older = trained_people(db.session(), today + SOON, due_only=due, after=after)
    return render_template(
        "training/register.html",
        rows=[(row.member, row.until, row.until is not None and row.until < today) for row in found],
        due=due,
        older_url=url_for("training.register", after=older, due="yes" if due else None) if older else "",
        first_url=url_for("training.register", due="yes" if due else None) if after else "",
    )


@pages.page("/training/<person_id>", needs=Permission.READ_TRAINING)
def person(person_id: str) -> Answer:
    known = _known(person_id)
    rows = training_of(db.session(), {person_id})
    gone = {row.withdraws_id: row for row in rows if row.withdraws_id}
    listed = [(row, state(row, gone.get(row.id), today_here()), gone.get(row.id)) for row in rows[::-1]]
    return render_template(
        "training/person.html",
        person=known,
        rows=[item for item in listed if item[0].withdraws_id is None],
        may_manage=_may_manage() and person_id != signed_in_actor().person_id,
    )


@pages.page("/training/<person_id>/add", needs=Permission.MANAGE_TRAINING, methods=("GET", "POST"))
def add(person_id: str) -> Answer:
    known, form, status = _known(person_id), TrainingForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                training.record_training(
                    acting(),
                    person_id=person_id,
                    sop=form.sop.text,
                    sop_version=form.sop_version.text,
                    trained_on=form.trained_on.value,
                    expires_on=form.expires_on.value,
                    assessor=form.assessor.text,
                )
            except Invalid as problem:
                form.explain(problem.problems)
            except Refused as refusal:
                form.form_errors.append(str(refusal))
                status = 403
            else:
                say("pass", f"The training of {known.name} on {form.sop.text} is recorded.")
                return redirect(url_for("training.person", person_id=person_id), 303)
    return render_template("training/add.html", form=form, person=known), status


@pages.page(
    "/training/<person_id>/withdraw/<training_id>", needs=Permission.MANAGE_TRAINING, methods=("GET", "POST")
)
def withdraw(person_id: str, training_id: str) -> Answer:
    known, form, status = _known(person_id), WithdrawForm(), 200
    row = next(
        (item for item in standing(training_of(db.session(), {person_id})) if item.id == training_id), None
    )
    if row is None and not form.is_submitted():
        abort(404)
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                training.withdraw_training(
                    acting(), person_id=person_id, training_id=training_id, reason=form.reason.text
                )
            except Refused as refusal:
                form.form_errors.append(str(refusal))
                status = 403
            else:
                say("pass", f"The training of {known.name} counts no more.")
                return redirect(url_for("training.person", person_id=person_id), 303)
    return render_template("training/withdraw.html", form=form, person=known, row=row), status


def state(row: Training, gone: Training | None, today: date) -> tuple[str, str]:
    """Kind and words for whether a training counts today."""
    if gone:
        return "out", "withdrawn"
    if row.expires_on and row.expires_on < today:
        return "out", "expired"
    if row.expires_on and row.expires_on - today <= SOON:
        return "alert", "expires soon"
    return "pass", "current"


def _known(person_id: str) -> Person:
    db.session.rollback()
    found = people(db.session(), {person_id})
    if not found:
        abort(404)
    return found[0]


def _may_manage() -> bool:
    return signed_in_actor().may(Permission.MANAGE_TRAINING)
