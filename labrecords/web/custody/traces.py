"""The trace: of a lot, equipment, a person, place, container or day to every batch; of a batch to its inputs."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions.door import note_access
from labrecords.domain.custody.traces import PERSON, SUBJECTS, Trace, key_as_typed, traces_of
from labrecords.domain.permissions import Permission
from labrecords.domain.values import times
from labrecords.models.people import person_called
from labrecords.models.recalls import standing_recalls
from labrecords.models.session import db
from labrecords.models.traces import TracedBatch, all_traced, traced
from labrecords.web.batches.batch import batch_or_404
from labrecords.web.downloads import table_download
from labrecords.web.guard import Pages
from labrecords.web.paging import moment_key
from labrecords.web.signed_in import acting, installation, signed_in_actor

pages = Pages("traces", __name__)

LONGEST = 200
COLUMNS = (
    "batch",
    "patient",
    "chain of identity",
    "product",
    "status",
    "named as",
    "first named at",
    "containers",
    "injected by",
)


@pages.page("/trace", needs=Permission.TRACE)
def trace() -> ResponseReturnValue:
    subject, key, typed = wanted(request.args)
    before = moment_key()
    page = traced(db.session(), subject, key, before) if key else None
    return render_template(
        "traces/trace.html",
        subject=subject,
        subjects=SUBJECTS,
        typed=typed,
        looked=bool(key),
        recalls=standing_recalls(db.session(), subject, key) if key else (),
        may_recall=bool(key) and signed_in_actor().may(Permission.RECALL),
        batches=page.batches if page else (),
        export_url=url_for("traces.export", subject=subject, key=key) if page and page.batches else "",
        newest_url=url_for("traces.trace", subject=subject, key=key) if before else "",
        older_url=url_for("traces.trace", subject=subject, key=key, before=page.next)
        if page and page.next
        else "",
    )


@pages.page("/trace.csv", needs=Permission.TRACE)
def export() -> ResponseReturnValue:
    subject, key, _ = wanted(request.args)
    if not key:
        abort(404)
    rows = map(_cells, all_traced(db.session(), subject, key))
    response = table_download(f"trace-{subject}.csv", COLUMNS, rows)
    note_access(acting(), "trace.exported", subject=subject, key=key)
    return response


@pages.page("/batches/<number>/inputs", needs=Permission.TRACE)
def inputs(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)
    found: dict[str, list[Trace]] = {subject: [] for subject in SUBJECTS}
    for item in traces_of(page.record):
        said = found.get(item.subject, [])
        if item.words not in (known.words for known in said):
            said.append(item)
    return render_template("traces/inputs.html", page=page, bar=page.bar, record=page.record, found=found)


def wanted(given: Mapping[str, str]) -> tuple[str, str, str]:
    """What is to be traced: the subject, the key as it is stored, and what was typed; no key where nothing was."""
    subject = given.get("subject", "") or SUBJECTS[0]
    if subject not in SUBJECTS:
        abort(404)
    typed = " ".join(given.get("key", "")[:LONGEST].split())
    if subject == PERSON:
        return subject, (person_called(db.session(), typed) or typed) if typed else "", typed
    return subject, key_as_typed(subject, typed), typed


def _cells(item: TracedBatch) -> tuple[str, ...]:
    about = (item.number, item.patient_code, item.identity_code, item.product, item.status, item.words)
    at = times.show(item.at, installation().zone)
    return (*about, at, "; ".join(item.containers), "; ".join(item.injected_by))
