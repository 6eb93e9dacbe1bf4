"""What a template has to know of a form: how each field is entered, and which errors there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    TextAreaField,
)

from labrecords.domain.values.typography import mid_sentence

_KINDS = (
    (HiddenField, "hidden"),
    (PasswordField, "password"),
    (FileField, "file"),
    (TextAreaField, "note"),
    (FieldList, "rows"),
    (BooleanField, "tick"),
)
SEGMENT_CHARACTERS = 30
"""Choices whose words are longer than this in all do not fit side by side on a tablet and stand in a list."""


def entry_kind(field: Field) -> str:
    """How the field is entered: number, text, code, moment, note, select, segments, choices, tick, rows, ...

    A field class of ours says so itself with an attribute `entry_kind`; for those of WTForms it follows from
    the class.
    """
    own = getattr(field, "entry_kind", None)
    if own:
        return str(own)
    for kind, name in _KINDS:
        if isinstance(field, kind):
            return name
    if isinstance(field, RadioField):
        words = [str(choice.label) for choice in field.iter_choices()]
        short = len(words) <= 4 and sum(map(len, words)) <= SEGMENT_CHARACTERS
        return "segments" if short else "choices"
    if isinstance(field, SelectField):
        return "select"
    mode = (field.render_kw or {}).get("inputmode")
    return "number" if mode in ("decimal", "numeric") else "text"


@dataclass(frozen=True)
class FieldError:
    """One sentence of the error summary, and the id of the entry it leads to ("" for the whole form)."""

    field_id: str
    label: str
    sentence: str


def error_list(form: Form) -> list[FieldError]:
    """Every error in the order of the fields, rows included; those about the whole form come first."""
    whole = [FieldError("", "", str(sentence)) for sentence in form.form_errors]
    return whole + [error for field in _looked_into(form) for error in _errors(field, "")]


def _looked_into(form: Form) -> Iterator[Field]:
    """The fields with an error, and those made of others. Most are neither: they are passed over at once."""
    return (field for field in form if field.errors or isinstance(field, (FieldList, FormField)))


def _errors(field: Field, within: str) -> Iterator[FieldError]:
    if isinstance(field, FieldList):
        for number, entry in enumerate(field.entries, start=1):
            yield from _errors(entry, f"{field.label.text} {number}, ")
        own: list[Any] = field.errors if not any(entry.errors for entry in field.entries) else []
        for sentence in own:
            yield FieldError(field.id, field.label.text, str(sentence))
    elif isinstance(field, FormField):
        for inner in _looked_into(field.form):
            yield from _errors(inner, within)
    else:
        for sentence in field.errors:
            yield FieldError(anchor(field), within + _lower_first(field.label.text, within), str(sentence))


def anchor(field: Field) -> str:
    """The id that a link to this entry must use: a group of choices is reached at its first choice."""
    return f"{field.id}-0" if isinstance(field, RadioField) else str(field.id)


def _lower_first(text: str, within: str) -> str:
    return mid_sentence(text) if within else text
