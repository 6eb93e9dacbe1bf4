"""What the forms of the pages share: the key that makes a repeat harmless, text as the record can print it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.validators import StopValidation

from labrecords.domain.attachments import file_name
from labrecords.domain.reasons import reason_problem
from labrecords.domain.values.text import NotText, clean_text
from labrecords.web.drawn.widgets import hidden


class SiteForm(FlaskForm):
    """A form of this site. Its csrf token is no entry: it is checked before a page sees what was sent (web/site.py)."""

    class Meta:
        csrf = False


class WritingForm(SiteForm):
    """A form that leads to an action: it carries the idempotency key."""

    form_key = HiddenField(default=lambda: secrets.token_hex(16), widget=hidden)

    def explain(self, problems: Mapping[str, str]) -> None:
        """Put each sentence of an Invalid at the field it is about, or over the whole form."""
        for name, sentence in problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, sentence]
            else:
                self.form_errors.append(sentence)


class Line(StringField):
    """One line of text. `text` is what may be recorded; `data` stays as typed, to be shown again."""

    entry_kind = "text"

    def __init__(self, label: str, *, missing: str = "", limit: int = 200, **more: Any) -> None:
        super().__init__(label, **more)
        self.missing, self.limit = missing, limit
        self.text = ""

    def pre_validate(self, form: Any) -> None:
        self.text = _clean(self, multiline=False)


class Parsed(Line):
    """One line that means a number or a day; empty means none."""

    def __init__(self, label: str, parse: Callable[[str], Any], **more: Any) -> None:
        super().__init__(label, **more)
        if (self.render_kw or {}).get("inputmode"):
            self.entry_kind = "number"  # with its unit beside it
        self.parse = parse
        self.value: Any = None

    def pre_validate(self, form: Any) -> None:
        self.value = None
        if (self.data or "").strip():
            try:
                self.value = self.parse(self.data)
            except ValueError as problem:
                raise StopValidation(str(problem)) from problem
        elif self.missing:
            raise StopValidation(self.missing)


class Lines(TextAreaField):
    """Several lines of text. `text` is what may be recorded; `data` stays as typed."""

    def __init__(self, label: str, *, missing: str = "", limit: int = 2000, **more: Any) -> None:
        super().__init__(label, **more)
        self.missing, self.limit = missing, limit
        self.text = ""

    def pre_validate(self, form: Any) -> None:
        self.text = _clean(self, multiline=True)


class Reason(TextAreaField):
    """Why something is done, in a few words that another person understands."""

    def __init__(self, label: str = "Reason", **more: Any) -> None:
        super().__init__(label, render_kw={"rows": 2}, **more)
        self.missing, self.limit = "Say why.", 500
        self.text = ""

    def pre_validate(self, form: Any) -> None:
        self.text = _clean(self, multiline=True)
        problem = reason_problem(self.text)
        if problem:
            raise StopValidation(problem)


class SentFile(FileField):
    """A file to be kept, under the name it has. `most` is how many bytes may be kept."""

    def __init__(self, label: str, most: int, *, missing: str = "", **more: Any) -> None:
        super().__init__(label, **more)
        self.most, self.missing = most, missing
        self.called = ""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            try:
                self.called = file_name(self.data.filename or "")
            except NotText as problem:
                raise StopValidation(f"The name of the file: {problem}") from problem
        elif self.missing:
            raise StopValidation(self.missing)

    def content(self) -> bytes:
        """Its bytes; of one that is too large one byte too many, by which it is known."""
        content: bytes = self.data.read(self.most + 1)
        return content


def _clean(field: Any, *, multiline: bool) -> str:
    try:
        text = clean_text(field.data or "", limit=field.limit, multiline=multiline)
    except NotText as problem:
        raise StopValidation(str(problem)) from problem
    if not text and field.missing:
        raise StopValidation(field.missing)
    return text


def wrong(field: Field, sentence: str) -> None:
    """Put a sentence at a field that validated."""
    field.errors = [*field.errors, sentence]


def seen_versions(text: str | None) -> int:
    """How many versions a form had seen; -1, which is never right, for what no form of ours carries."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else -1
