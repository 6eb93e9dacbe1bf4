"""Verify: anybody drops a PDF and gets a plain verdict. The file is not kept, and nothing of it is shown."""

from __future__ import annotations

from flask import render_template
from flask_wtf.file import FileField

from labrecords.actions.door import SYSTEM_ACTOR, Acting
from labrecords.actions.verify import (
    CHANGED,
    FAILED,
    NOT_SIGNED,
    PASSED,
    SIGNER_UNKNOWN,
    SUPERSEDED,
    VALID,
    Busy,
    Checked,
    Verdict,
    check_document,
    prepare,
)
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.values.text import NotText, clean_text, printable
from labrecords.web.forms.shared import SiteForm, wrong
from labrecords.web.guard import ANYBODY, Pages
from labrecords.web.parts import Check
from labrecords.web.signed_in import current_actor, installation, source

pages = Pages("verify", __name__)

HEADLINES = {
    VALID: ("pass", "Valid"),
    SUPERSEDED: ("alert", "Genuine, and superseded"),
    CHANGED: ("out", "Not valid: changed or damaged"),
    SIGNER_UNKNOWN: ("out", "Not valid: the signer is unknown"),
    NOT_SIGNED: ("out", "Not valid: not signed"),
}
OUTCOMES = {PASSED: ("pass", "Pass"), FAILED: ("out", "Fail")}
NOT_REACHED = ("wait", "Not checked")


class DropForm(SiteForm):
    file = FileField("Drop a PDF on this page, or choose one")


@pages.page("/verify", needs=ANYBODY, methods=("GET", "POST"), takes_file=True)
def drop() -> str | tuple[str, int]:
    form = DropForm()
    if not form.is_submitted():
        return _page(form)
    data = form.file.data.read() if form.validate() and form.file.data else b""
    if not data:
        wrong(
            form.file,
            "Choose a PDF file first." if not form.file.data else "This file is empty. Choose another.",
        )
        return _page(form), 400
    place = installation()
    by = Acting(place.store, current_actor() or SYSTEM_ACTOR, source=source())
    try:
        checked = check_document(by, data=data, trusted_roots=[place.authority.certificates()["root"]])
    except Busy:
        wrong(form.file, "Too many files are being checked just now. Wait half a minute, then send it again.")
        return _page(form), 503
    return _page(form, checked, data, _shown_name(form.file.data.filename))


def _page(form: DropForm, checked: Checked | None = None, data: bytes = b"", name: str = "") -> str:
    prepare()
    if checked is None:
        return render_template("verify/drop.html", form=form, checked=None)
    kind, headline = HEADLINES[checked.verdict.kind]
    return render_template(
        "verify/drop.html",
        form=form,
        checked=checked,
        kind=kind,
        headline=headline,
        sentence=_plain(checked.verdict.sentence),
        checks=_lines(checked.verdict),
        name=name,
        size_kb=(len(data) + 1023) // 1024,
        sha256=sha256_hex(data),
        at=installation().store.clock(),
    )


def _lines(verdict: Verdict) -> list[Check]:
    # Of a genuine document only the register's answer failed, and that is no fault of the file.
    words = OUTCOMES | ({FAILED: ("alert", "Superseded")} if verdict.kind == SUPERSEDED else {})
    return [
        Check(check.name, _plain(check.sentence), *words.get(check.outcome, NOT_REACHED))
        for check in verdict.checks
    ]


def _plain(sentence: str) -> str:
    """A sentence without characters that could play with the page: it may quote a stranger's certificate."""
    return "".join(
        character if printable(character) else "\N{REPLACEMENT CHARACTER}" for character in sentence
    )


def _shown_name(filename: str | None) -> str:
    """The name of the file as the person's own entry; none where it could play with the page."""
    try:
        return clean_text(filename or "", limit=120)
    except NotText:
        return ""
