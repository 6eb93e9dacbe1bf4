"""Who was told that something is wrong with a product: the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.door import Actor, BatchRef, Invalid, Refused
from labrecords.actions.notices import NoticeFacts, confirm_receipt
from labrecords.actions.notices import tell as record_told
from labrecords.domain.custody.notices import OTHER, RECALL, ROLES, TEST, WAYS, Task, cause_of, open_tasks
from labrecords.domain.permissions import Permission
from labrecords.domain.values import times
from labrecords.web.batches.batch import BatchPage, batch_or_404
from labrecords.web.custody.recalls import pages
from labrecords.web.forms.shared import Line, Parsed, Reason, WritingForm
from labrecords.web.signed_in import acting, installation, moment_here
from labrecords.web.site import say


class TellForm(WritingForm):
    role = RadioField("Who it is", choices=[SelectChoice(word, word.capitalize()) for word in ROLES])
    whom = Line("Who was told", missing="Enter who was told.", limit=120, description="A patient by the code")
    told_at = Parsed(
        "When",
        moment_here,
        missing="Enter when it was told.",
        description="14:30, or with the date",
    )
    how = RadioField("How", choices=[SelectChoice(word, word.capitalize()) for word in WAYS])
    note = Line("What was said", limit=300, description="May stay empty; without the patient's name")


@pages.page("/batches/<number>/tell/<cause>/<cause_id>", needs=Permission.TELL, methods=("GET", "POST"))
def tell(number: str, cause: str, cause_id: str) -> ResponseReturnValue:
    page, form, status = batch_or_404(number), TellForm(), 200
    about = cause_of(page.record, cause, cause_id)
    if about is None:
        abort(404)
    back = (
        url_for("recalls.one", recall_id=cause_id)
        if cause == RECALL
        else url_for("batches.batch", number=number)
    )
    if request.method == "GET":
        form.role.data = request.args.get("role", OTHER)
        form.whom.data = request.args.get("whom", "")[:120]
        form.told_at.data = f"{times.local(page.now, page.zone):%H:%M}"
    else:
        status = 400
        if form.validate():
            facts = NoticeFacts(
                cause=cause,
                cause_id=cause_id,
                role=form.role.data or "",
                whom=form.whom.text,
                told_at=form.told_at.value,
                how=form.how.data or "",
                note=form.note.text,
            )
            try:
                record_told(acting(), batch=BatchRef(page.record.batch.id), facts=facts)
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", f"Recorded: {form.whom.text} was told.")
                return redirect(back, 303)
    return render_template(
        "recalls/tell.html", page=page, form=form, about=about.sentence, back_url=back
    ), status


class ReceiptForm(WritingForm):
    done = Reason("What was done for the patient", description="Without the patient's name")


@pages.page(
    "/batches/<number>/notices/<notice_id>/receipt",
    needs=Permission.CLOSE_ADMINISTRATION,
    methods=("GET", "POST"),
)
def receipt(number: str, notice_id: str) -> ResponseReturnValue:
    page, form, status = batch_or_404(number), ReceiptForm(), 200
    notice = next((one for one in page.record.notices if one.id == notice_id), None)
    if notice is None:
        abort(404)
    if form.is_submitted():
        status = 400
        if form.validate():
            batch = BatchRef(page.record.batch.id)
            try:
                confirm_receipt(acting(), batch=batch, notice_id=notice_id, done=form.done.text)
            except Invalid as problem:
                form.explain(problem.problems)
            except Refused as refusal:
                form.form_errors.append(str(refusal))
                status = 403
            else:
                say("pass", "Your receipt is recorded.")
                return redirect(url_for("batches.batch", number=number), 303)
    about = cause_of(page.record, notice.cause, notice.cause_id)
    sentence = about.sentence if about else ""
    return render_template("recalls/receipt.html", page=page, form=form, told=notice, about=sentence), status


@dataclass(frozen=True)
class Chore:
    """A task about a failed test, as a page shows it: by when, and where this person does the next thing."""

    task: Task
    due_at: datetime
    overdue: bool
    words: str
    url: str
    """Empty where somebody else does it."""


def chores(page: BatchPage, actor: Actor) -> tuple[Chore, ...]:
    """What is still to be done so that every physician knows of a failed test of this batch."""
    return tuple(_chore(page, actor, task) for task in open_tasks(page.record))


def _chore(page: BatchPage, actor: Actor, task: Task) -> Chore:
    number, line = page.record.batch.number, task.line
    due_at = task.since + timedelta(hours=installation().settings.physician_told_hours)
    url = ""
    if line.notice is None:
        words = f"Tell {line.whom}, who {line.why}"
        if actor.may(Permission.TELL):
            given: dict[str, Any] = {"role": line.role, "whom": line.whom}
            url = url_for("recalls.tell", number=number, cause=TEST, cause_id=task.cause_id, **given)
    else:
        words = f"{line.whom} was told {line.notice.how} and has not confirmed it"
        if actor.may(Permission.CLOSE_ADMINISTRATION):
            url = url_for("recalls.receipt", number=number, notice_id=line.notice.id)
    return Chore(task, due_at, page.now > due_at, words, url)
