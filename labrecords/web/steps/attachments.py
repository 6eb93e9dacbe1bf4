"""Files of a step: attached, withdrawn, given back as they came. Pages show only the picture that we made ourselves."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, redirect
from sqlalchemy import select
from wtforms import BooleanField, PasswordField, RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.accounts import NotProved
from labrecords.actions.attaching import attach_file, file_of, withdraw_file
from labrecords.actions.door import BatchRef, Invalid, Refused, note_access
from labrecords.domain.attachments import MISTAKES, MOST_BYTES, Attachment
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.release import Blocker
from labrecords.models.attachments import AttachmentFileRow, AttachmentRow
from labrecords.models.records import BatchRow
from labrecords.models.session import db
from labrecords.models.stored import as_bytes
from labrecords.web.batches.batch import batch_or_404
from labrecords.web.batches.unseen import NOT_SEEN_YET, unseen_steps
from labrecords.web.downloads import download_of, unchanged
from labrecords.web.forms.shared import Line, Reason, SentFile, WritingForm, wrong
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting, prove, signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.in_hand import StepPage, step_or_404
from labrecords.web.steps.screens import show_beside

pages = Pages("attachments", __name__)
Answer = Response | tuple[str, int]


class AttachForm(WritingForm):
    file = SentFile("File", MOST_BYTES, missing="Choose a file first.")
    title = Line("What it shows", missing="Say what it shows.", limit=120)
    is_log = BooleanField("")
    true_copy = BooleanField("It is a true copy of a paper original, which I have beside me")
    password = PasswordField("Password, to sign that it is a true copy")


class WithdrawForm(WritingForm):
    cause = RadioField(
        "What was wrong",
        choices=[SelectChoice(word, word.capitalize()) for word in MISTAKES],
        validate_choice=False,
    )
    reason = Reason("What happened")


@pages.page(
    "/batches/<number>/steps/<key>/attach", needs=Permission.ATTEST, methods=("GET", "POST"), takes_file=True
)
def attach(number: str, key: str) -> Answer:
    at, form = step_or_404(number, key), AttachForm()
    log = KINDS[at.step.kind].log_file
    form.is_log.label.text = f"It is the {log} of the machine"
    if not log:
        del form.is_log
    if not form.is_submitted():
        return _show(at, form)
    if not form.validate():
        return _show(at, form, 400)
    try:
        proof = None
        if form.true_copy.data:
            proof = prove(signed_in_actor().username, form.password.data or "")
        file = file_of(form.file.called, form.file.content())
        attach_file(
            acting(),
            batch=BatchRef(at.record.batch.id),
            step_key=key,
            title=form.title.text,
            file=file,
            role=log if log and form.is_log.data else None,
            proof=proof,
        )
    except NotProved as error:
        wrong(form.password, str(error))
        return _show(at, form, 400)
    except Invalid as error:
        form.explain(error.problems)
        return _show(at, form, 400)
    except Refused as error:
        return _show(at, form, 403, error.blockers)
    say("pass", f"Attached to step {at.step.number}.")
    return redirect(at.url(), 303)  # type: ignore[return-value]


@pages.page(
    "/batches/<number>/attachments/<attachment_id>/withdraw", needs=Permission.ATTEST, methods=("GET", "POST")
)
def withdraw(number: str, attachment_id: str) -> Answer:
    item, form, status = _attached(number, attachment_id), WithdrawForm(), 200
    at, refused = step_or_404(number, item.step_key), tuple[Blocker, ...]()
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                withdraw_file(
                    acting(),
                    batch=BatchRef(at.record.batch.id),
                    attachment_id=item.id,
                    cause=form.cause.data or "",
                    reason=form.reason.text,
                )
            except Invalid as error:
                form.explain(error.problems)
            except Refused as error:
                status, refused = 403, error.blockers
            else:
                say("pass", f"{item.name} is withdrawn. It stays here, struck through.")
                return redirect(at.url(), 303)  # type: ignore[return-value]
    return show_beside("attachments/withdraw.html", at, form, status, refused, item=item)


def _attached(number: str, attachment_id: str) -> Attachment:
    record = batch_or_404(number).record
    item = next((item for item in record.attachments if item.id == attachment_id), None)
    if item is None:
        abort(404)
    _refuse_unseen(record, item)
    return item


def _refuse_unseen(record: BatchRecord, item: Attachment) -> None:
    """A photo of the display tells the value that somebody has still to enter without seeing it. Raises Refused."""
    if item.step_key in unseen_steps(record, signed_in_actor().person_id):
        raise Refused(NOT_SEEN_YET)


@pages.page("/batches/<number>/attachments/<attachment_id>", needs=Permission.READ_BATCHES)
def download(number: str, attachment_id: str) -> Response:
    item, data = _bytes(number, attachment_id, "original")
    note_access(acting(), "attachment.downloaded", sha256=item.sha256, batch=number)
    return download_of(item.name, data)


@pages.page("/batches/<number>/attachments/<attachment_id>/picture", needs=Permission.READ_BATCHES)
def picture(number: str, attachment_id: str) -> Response:
    """The picture that we made of it: never the bytes that somebody sent."""
    return Response(_bytes(number, attachment_id, "picture")[1], mimetype="image/jpeg")


def _bytes(number: str, attachment_id: str, which: str) -> tuple[Attachment, bytes]:
    attached, file, batch = AttachmentRow.__table__, AttachmentFileRow.__table__, BatchRow.__table__
    query = (
        select(*AttachmentRow.columns(), file.c[which].label("content"))
        .join(file, file.c.attachment_id == attached.c.id)
        .join(batch, batch.c.id == attached.c.batch_id)
        .where(batch.c.number == number, attached.c.id == attachment_id)
    )
    found = db.session.execute(query).first()
    if found is None:
        abort(404)
    item: Attachment = AttachmentRow.read(found[:-1])
    data = as_bytes(found.content)
    _refuse_unseen(batch_or_404(number).record, item)
    expected = item.sha256 if which == "original" else item.picture_sha256
    if expected is None:
        abort(404)
    return item, unchanged(item.name, data, expected)


def _show(at: StepPage, form: AttachForm, status: int = 200, refused: Sequence[Blocker] = ()) -> Answer:
    most_mb = MOST_BYTES // 1024 // 1024
    return show_beside(
        "attachments/attach.html", at, form, status, refused, cancel_url=at.url(), most_mb=most_mb
    )
