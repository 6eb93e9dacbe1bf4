"""One print of labels: its file, what became of every copy, and the scan of a second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.door import BatchRef, Invalid, Refused, note_access
from labrecords.actions.labels import account_for_labels, scan_label_back
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.labels.contents import KINDS
from labrecords.domain.labels.prints import APPLIED, FATES, LabelPrint, cannot_become, copies_of
from labrecords.domain.permissions import Permission
from labrecords.domain.review.release import Blocker
from labrecords.web.batches.batch import BatchPage, batch_or_404
from labrecords.web.custody.labels import pages
from labrecords.web.forms.shared import Line, WritingForm
from labrecords.web.parts import Condition
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.screens import checklist

OPEN_FOR = timedelta(minutes=10)
"""So long the file can be opened by who printed it. Later it would be another print, which needs its reason."""


class ScanForm(WritingForm):
    copy = RadioField("Copy on the container", validate_choice=False)
    read = Line("Code on the label", limit=100, description="Scan it, or type it with its check character")


def _fates_form(label: LabelPrint, page: BatchPage) -> Any:
    """A form with a choice for each copy: what it can become from what it is."""
    entries: dict[str, Any] = {
        "note": Line(
            "Note", limit=300, description="Needed where a label was lost or something is taken back"
        )
    }
    for copy in copies_of(page.record, label.id):
        possible = [fate for fate in FATES if cannot_become(copy, fate) is None]
        choices = [SelectChoice(fate, fate.capitalize()) for fate in possible]
        entries[f"copy-{copy.number}"] = RadioField(
            f"Copy {copy.number}", choices=choices, validate_choice=False
        )
    return type("FatesForm", (WritingForm,), entries)()


@pages.page("/batches/<number>/labels/<print_id>", needs=Permission.READ_BATCHES)
def label(number: str, print_id: str) -> ResponseReturnValue:
    return _show(number, print_id)


@pages.page("/batches/<number>/labels/<print_id>.pdf", needs=Permission.RECORD_PROCESSING)
def file(number: str, print_id: str) -> ResponseReturnValue:
    page, found = _print(number, print_id)
    if not _openable(page, found):
        raise Refused(
            Blocker(
                "label",
                "The file of a label is open for 10 minutes, to the person who printed it.",
                "Print the label again, with the reason: then the copy has a number of its own.",
            )
        )
    # Only whoever opens a label needs what draws it: a start does without.
    from labrecords.documents.labels.pdf import label_pdf

    note_access(acting(), "labels.opened", batch=number, container=found.container_code, sha256=found.digest)
    response = Response(label_pdf(found), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{number}-labels-{found.first_copy}.pdf"'
    return response


@pages.page(
    "/batches/<number>/labels/<print_id>/copies", needs=Permission.RECORD_PROCESSING, methods=("POST",)
)
def account(number: str, print_id: str) -> ResponseReturnValue:
    page, found = _print(number, print_id)
    form = _fates_form(found, page)
    if not form.validate():
        return _show(number, print_id, form=form), 400
    chosen = {copy: form[f"copy-{copy}"].data for copy in found.numbers() if form[f"copy-{copy}"].data}
    try:
        account_for_labels(
            acting(),
            batch=BatchRef(page.record.batch.id),
            print_id=print_id,
            fates=chosen,
            note=form.note.text,
        )
    except Invalid as error:
        form.explain(error.problems)
        return _show(number, print_id, form=form), 400
    except Refused as error:
        return _show(number, print_id, form=form, refused=checklist(error.blockers)), 403
    say("pass", "Recorded. A second person scans what was applied, before the container is used.")
    return redirect(url_for("labels.label", number=number, print_id=print_id), 303)


@pages.page("/batches/<number>/labels/<print_id>/scan", needs=Permission.VERIFY, methods=("POST",))
def scan_back(number: str, print_id: str) -> ResponseReturnValue:
    page, found = _print(number, print_id)
    form, chosen = ScanForm(), 0
    if not form.validate():
        return _show(number, print_id, scan=form), 400
    if (form.copy.data or "").isdecimal() and len(form.copy.data) < 6:
        chosen = int(form.copy.data)
    try:
        scan_label_back(
            acting(),
            batch=BatchRef(page.record.batch.id),
            print_id=print_id,
            copy=chosen,
            read=form.read.text,
        )
    except Invalid as error:
        form.explain(error.problems)
        return _show(number, print_id, scan=form), 400
    except Refused as error:
        return _show(number, print_id, scan=form, refused=checklist(error.blockers)), 403
    say("pass", f"Copy {chosen} is scanned back: the label of {shown(found.container_code)} is confirmed.")
    return redirect(url_for("labels.label", number=number, print_id=print_id), 303)


def _print(number: str, print_id: str) -> tuple[BatchPage, LabelPrint]:
    page = batch_or_404(number)
    found = next((item for item in page.record.label_prints if item.id == print_id), None)
    if found is None:
        abort(404)
    return page, found


def _openable(page: BatchPage, found: LabelPrint) -> bool:
    return found.person_id == signed_in_actor().person_id and page.now - found.printed_at <= OPEN_FOR


def _show(
    number: str,
    print_id: str,
    *,
    form: Any = None,
    scan: ScanForm | None = None,
    refused: list[Condition] | None = None,
) -> str:
    page, found = _print(number, print_id)
    actor, copies = signed_in_actor(), copies_of(page.record, print_id)
    waiting = [copy for copy in copies if copy.state == APPLIED]
    scan = scan or ScanForm(formdata=None)
    scan.copy.choices = [SelectChoice(str(copy.number), f"Copy {copy.number}") for copy in waiting]
    if len(waiting) == 1 and not scan.copy.data:
        scan.copy.data = str(waiting[0].number)
    return render_template(
        "labels/label.html",
        bar=page.bar,
        record=page.record,
        label=found,
        kind=KINDS[found.kind],
        code=shown(found.container_code),
        copies=copies,
        waiting=waiting,
        openable=_openable(page, found),
        may_state=actor.may(Permission.RECORD_PROCESSING) and not page.barred,
        may_scan=actor.may(Permission.VERIFY) and not page.barred,
        form=form or _fates_form(found, page),
        scan=scan,
        refused=refused or [],
    )
