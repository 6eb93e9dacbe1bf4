"""What a step's page has by dozens, entries and icons, as HTML: written by hand, which is fast, and escaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from labrecords.web.drawn.html import html, ours

Choices = tuple[tuple[str, str], ...]
"""What is sent, and the words that are seen."""


def line(field: Any, **attributes: Any) -> Markup:
    """One line of text."""
    return html(
        f'<input id="{field.id}" name="{field.name}" value="{escape(field.typed)}"{_written(attributes)}>'
    )


def hidden(field: Any, **attributes: Any) -> Markup:
    """What a form carries unseen."""
    value = escape(field.data or "")
    return html(
        f'<input type="hidden" id="{field.id}" name="{field.name}" value="{value}"{_written(attributes)}>'
    )


def lines(field: Any, **attributes: Any) -> Markup:
    """Several lines of text. The first line end belongs to the element, and not to the text."""
    shown = f'id="{field.id}" name="{field.name}"{_written(attributes)}'
    return html(f"<textarea {shown}>\n{escape(field.typed)}</textarea>")


def select(field: Any, **attributes: Any) -> Markup:
    """A list to choose from, which begins with nothing chosen."""
    shown = f'id="{field.id}" name="{field.name}"{_written(attributes)}'
    return html(f"<select {shown}>{_options(field.choices, field.typed.strip())}</select>")


@dataclass(frozen=True)
class Label:
    text: str


@dataclass(frozen=True)
class Option:
    """One of a few choices that are all seen at once."""

    id: str
    name: str
    value: str
    label: Label
    chosen: bool

    def __call__(self) -> Markup:
        checked = " checked" if self.chosen else ""
        return html(
            f'<input type="radio" id="{self.id}" name="{self.name}" value="{ours(self.value)}"{checked}>'
        )


@lru_cache(maxsize=1024, typed=True)
def icon(href: str, name: str, label: str = "", huge: bool = False) -> Markup:
    """A symbol of the file of icons at `href`; without a label it is hidden from screen readers."""
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    size = "i huge" if huge else "i"
    return html(f'<svg class="{size}" {said}><use href="{escape(href)}#{escape(name)}"/></svg>')


def options(field: Any) -> Iterator[Option]:
    """The choices of an entry, one by one."""
    for number, (value, words) in enumerate(field.choices):
        yield Option(f"{field.id}-{number}", field.name, value, Label(words), value == field.typed.strip())


@lru_cache(maxsize=1024)
def _options(choices: Choices, chosen: str) -> str:
    written = ['<option value="">Choose</option>']
    for value, words in choices:
        selected = " selected" if value == chosen else ""
        written.append(f'<option value="{escape(value)}"{selected}>{escape(words)}</option>')
    return "".join(written)


def _written(attributes: dict[str, Any]) -> str:
    """Attributes with their values; True stands for one without a value, False and None for one that is left out."""
    written = []
    for name, value in attributes.items():
        if value is True:
            written.append(f" {name}")
        elif value is not False and value is not None:
            written.append(f' {name}="{ours(value)}"')
    return "".join(written)
