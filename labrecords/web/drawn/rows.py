"""A table of entries as HTML. For components/field.html, which says what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from labrecords.web.drawn.html import html
from labrecords.web.drawn.status import Icon
from labrecords.web.forms.view import entry_kind

NARROW = 3
"""So many columns fit side by side; with more every row is a block, each cell under its label."""


class Column(NamedTuple):
    """What the cells of one column have in common."""

    head: Markup
    label: str
    attributes: Mapping[str, str]


def rows(icon: Icon, f: Any, units: Mapping[str, str]) -> Markup:
    """The table. Rows that stay empty are left out. Without JavaScript the button asks the server for one more row."""
    name, sent, words = escape(f.id), escape(f.name), f.label.text
    first = list(f.entries[0].form)
    columns = {cell.short_name: _column(cell, units) for cell in first if entry_kind(cell) != "hidden"}
    blocks = " blocks" if len(first) > NARROW and not f.fact.in_line else ""
    heads = "".join(f'<th scope="col">{column.head}</th>' for column in columns.values())
    drawn = "".join(
        f'<tr><th scope="row">{number}</th>{_cells(icon, row.form, f"{words} {number}", columns)}</tr>\n'
        for number, row in enumerate(f.entries, start=1)
    )
    # The errors of a table are those of its rows, which say them themselves, or sentences about the whole.
    whole = errors(icon, f) if f.errors and isinstance(f.errors[0], str) else ""
    return html(
        f'<div class="scroll" id="{name}" data-rows="{sent}" role="region"'
        f' aria-labelledby="{name}-label" tabindex="0">\n'
        f'<table class="tall{blocks}"><caption class="vh">{escape(words)}</caption>\n'
        f'<thead><tr><th scope="col">No.</th>{heads}</tr></thead>\n<tbody>\n{drawn}</tbody></table></div>\n'
        f'<button class="btn slim" name="add_row" value="{sent}" formnovalidate data-rows-add="{sent}">'
        f"{icon('plus')}One more row</button>\n{whole}\n"
    )


def errors(icon: Icon, f: Any) -> Markup:
    """What is wrong with an entry; nothing where nothing is."""
    if not f.errors:
        return Markup("")
    said = " ".join(escape(sentence) for sentence in f.errors)
    return html(f'<p class="err" id="{escape(f.id)}-error">{icon("stop")}<span>{said}</span></p>')


def _column(cell: Any, units: Mapping[str, str]) -> Column:
    label, unit = cell.label.text, units.get(cell.short_name)
    numbers = {"class": "in", "inputmode": "decimal"}
    attributes = numbers if entry_kind(cell) == "number" else {"class": "in text"}
    return Column(escape(f"{label}, {unit}" if unit else label), label, attributes | {"autocomplete": "off"})


def _cells(icon: Icon, form: Any, row: str, columns: Mapping[str, Column]) -> str:
    drawn = []
    for name, (head, label, attributes) in columns.items():
        cell = form[name]
        named = {"aria-label": f"{row}, {label}"}
        if cell.errors:
            named |= {"aria-describedby": f"{cell.id}-error", "aria-invalid": "true"}
        drawn.append(f'<td data-label="{head}">{cell(**attributes, **named)}{errors(icon, cell)}</td>')
    return "".join(drawn)
