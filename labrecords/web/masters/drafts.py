"""A draft as a text: brought in as a file or pasted, copied from another version, edited as a whole."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import TextAreaField

from labrecords.actions.door import Acting, Invalid, Stale
from labrecords.actions.masters import save_draft
from labrecords.domain.permissions import Permission
from labrecords.domain.processes import masters as rules
from labrecords.domain.processes.process import Problem, ProcessError
from labrecords.web.forms.shared import Line, wrong
from labrecords.web.masters import text as master_text
from labrecords.web.masters.form import DraftForm, ahead, base_of, not_editable
from labrecords.web.masters.pages import MasterPage, master_or_404, pages
from labrecords.web.masters.text import CannotRewrite
from labrecords.web.signed_in import acting
from labrecords.web.site import say

WRITE = Permission.WRITE_MASTER
LARGEST = 1024 * 1024
"""So many bytes a master record may have."""


class TextForm(DraftForm):
    text = TextAreaField("Text", render_kw={"rows": 24, "spellcheck": "false", "wrap": "off"})
    note = Line("Note", limit=200, description="What changed and why; may stay empty")


class BringForm(TextForm):
    file = FileField("TOML file")


class CopyForm(DraftForm):
    number = Line("New version", missing="Give the copy a version number of its own.", limit=30)


class NotText(ValueError):
    """The file is no text that can be read; the message says what to do."""


@pages.page("/masters/new", needs=WRITE, methods=("GET", "POST"), takes_file=True)
def new() -> ResponseReturnValue:
    form = BringForm()
    problems: tuple[Problem, ...] = ()
    if request.method == "GET":
        return render_template("masters/new.html", form=form, problems=problems)
    if form.validate():
        given: FileStorage | None = form.file.data if form.file.data and form.file.data.filename else None
        try:
            text = file_text(given.read()) if given is not None else pasted(form.text.data)
            digest = save_draft(
                _for_text(acting(), text),
                text=text,
                origin=rules.FILE if given is not None else rules.PAGE,
                note=form.note.text,
            )
        except NotText as sentence:
            wrong(form.file if given is not None else form.text, str(sentence))
        except ProcessError as error:
            problems = error.problems
            form.text.data = text  # A file that is nearly right is mended here.
        except Invalid as error:
            form.text.data = text
            form.form_errors.extend(error.problems.values())
        else:
            say("pass", "The draft is saved. Nothing can be opened with it until two people have signed it.")
            return redirect(url_for("masters.version", digest=digest), 303)
    return render_template("masters/new.html", form=form, problems=problems), 400


@pages.page("/masters/<digest>/edit/text", needs=WRITE, methods=("GET", "POST"))
def edit_text(digest: str) -> ResponseReturnValue:
    page, form = base_of(digest), TextForm()
    problems: tuple[Problem, ...] = ()
    newer: MasterPage | None = None
    if request.method == "GET":
        away = not_editable(page)
        if away is not None:
            return away
        form.seen.data, form.text.data = page.version.digest, page.process.text
        return render_template("masters/text.html", form=form, page=page, problems=problems, newer=newer)
    status = 400
    if form.validate():
        try:
            kept = save_draft(
                acting(),
                text=pasted(form.text.data),
                origin=rules.PAGE,
                note=form.note.text,
                replaces=page.version.digest,
            )
        except NotText as sentence:
            wrong(form.text, str(sentence))
        except ProcessError as error:
            problems = error.problems
        except Invalid as error:
            form.form_errors.extend(error.problems.values())
        except Stale:
            newer, status = ahead(form, page), 409
        else:
            say("pass", "The draft is saved.")
            return redirect(url_for("masters.version", digest=kept), 303)
    return render_template("masters/text.html", form=form, page=page, problems=problems, newer=newer), status


@pages.page("/masters/<digest>/copy", needs=WRITE, methods=("GET", "POST"))
def copy(digest: str) -> ResponseReturnValue:
    page, form, status = master_or_404(digest), CopyForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                data = master_text.plain(page.process.text)
                data["process"]["version"] = form.number.text
                text = master_text.rewritten(page.process.text, data)
                kept = save_draft(
                    acting(),
                    text=text,
                    origin=rules.PAGE,
                    note=f"Copied from version {page.version.version}.",
                )
            except ProcessError as error:
                form.form_errors.extend(f"{item.where}: {item.sentence}" for item in error.problems)
            except CannotRewrite as sentence:
                form.form_errors.append(str(sentence))
            except Invalid as error:
                wrong(form.number, " ".join(error.problems.values()))
            else:
                say(
                    "pass", f"Version {form.number.text} is a draft now. Change it, then sign it as prepared."
                )
                return redirect(url_for("masters.version", digest=kept), 303)
    return render_template("masters/copy.html", form=form, page=page), status


def pasted(typed: str | None) -> str:
    """A text that was typed: browsers send its line ends as two characters. Raises NotText."""
    text = (typed or "").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise NotText("Choose a file, or paste the text.")
    _check_size(len(text.encode("utf-8", "replace")))
    return text


def file_text(data: bytes) -> str:
    """The text of a file. Raises NotText for an empty one, and for what is not UTF-8."""
    if not data.strip():
        raise NotText("This file is empty. Choose another.")
    _check_size(len(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotText(
            "This file is not UTF-8 text. Save it as a plain text file in UTF-8, then send it again."
        ) from None
    return text.replace("\r\n", "\n")


def _check_size(size: int) -> None:
    if size > LARGEST:
        shown = f"{size / LARGEST:.1f}"
        raise NotText(
            f"This is too long: {shown} MB, and a master record has at most 1 MB. Nothing of it was saved."
        )


def _for_text(by: Acting, text: str) -> Acting:
    """The same act bound to the text: a file is no field of the form, and another file is another act."""
    return replace(by, key=sha256(f"{by.key} {text}".encode()).hexdigest())
