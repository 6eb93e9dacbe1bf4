"""One row of a step as HTML: label and limits, the entry, what was understood, the verdict.

For components/field.html, which says what each function needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.values.limits import Judgement, Limit
from labrecords.web.drawn.echo import Verdict, echo_cell, verdict_cell
from labrecords.web.drawn.html import html, ours
from labrecords.web.drawn.rows import errors, rows
from labrecords.web.drawn.status import Icon
from labrecords.web.drawn.widgets import Label, Option
from labrecords.web.filters import limit_lines, sentence
from labrecords.web.forms.view import entry_kind
from labrecords.web.parts import Text

CHOICES = ("segments", "choices")
GROUPED = (*CHOICES, "tick", "rows")
"""Entries of several elements: their label names the group."""
_ENTERED: Mapping[str, Mapping[str, str]] = {
    "select": {"class": "in"},
    "text": {"class": "in text", "autocomplete": "off"},
    "password": {"class": "in"},
    "number": {"class": "in", "autocomplete": "off", "inputmode": "decimal"},
}
"""The attributes of an entry on one line, by its kind; all others have those of a code."""
_CODE: Mapping[str, str] = {"class": "in", "autocomplete": "off", "spellcheck": "false"}
NOT_STATED = "Not stated"
_WITHOUT_UNIT = ("select", "text", "password")
_NONE: Mapping[str, str] = MappingProxyType({})


def field(
    icon: Icon,
    f: Any,
    *,
    limit: Limit | None = None,
    judgement: Judgement | None = None,
    echo: Text = "",
    derived: Sequence[Derived] = (),
    unit: str = "",
    verdict: Verdict | None = None,
    optional: bool = False,
    units: Mapping[str, str] = _NONE,
    zone: ZoneInfo | None = None,
    by: str = "",
) -> Markup:
    """One row of a step."""
    kind, name, table = entry_kind(f), ours(f.id), False
    described = f"{name}-limit {name}-echo"
    if kind == "rows":
        # What was asked back of a row stands at that row.
        table, entered = True, rows(icon, f, units)
        said = "" if f.errors else verdict_cell(icon, judgement, (), verdict)
    else:
        described += f" {name}-error" if f.errors else ""
        beside = unit or (limit.unit if limit is not None else "")
        entered = _entry(f, kind, beside, described, optional) + errors(icon, f)
        said = verdict_cell(icon, judgement, f.errors, verdict)
    judged = f'<div id="{name}-verdict" aria-live="polite">{said}</div>\n'
    typist = f'<p class="small quiet by">{icon("user")} {escape(by)}</p>\n' if by else ""
    return html(
        f'<div class="field{" wide" if table else ""}"{_group(f, kind, name, described)}>\n'
        f"<div>{_label(f, kind, name)}"
        f'<span class="limit" id="{name}-limit">{_notes(f, limit, optional, zone if kind == "moment" else None)}'
        f"</span></div>\n<div>\n{entered}\n{typist}"
        f'<div id="{name}-echo">{echo_cell(echo, limit, judgement, derived)}</div>\n'
        f"{judged + '</div>' if table else '</div>' + judged}</div>\n"
    )


def entry_line(icon: Icon, line: Any, zone: ZoneInfo, origins: Mapping[str, str]) -> Markup:
    """The row of an entry of a step, and the one for why it is so unusual."""
    f, cell = line.field, line.cell
    drawn = field(
        icon,
        f,
        limit=line.limit,
        judgement=cell.judgement,
        echo=cell.echo,
        derived=cell.derived,
        unit=line.unit,
        verdict=cell.verdict,
        optional=line.optional,
        units=line.units,
        zone=zone,
        by=origins.get(f.name, ""),
    )
    return drawn if line.reason is None else drawn + field(icon, line.reason)


def segments(f: Any, slim: bool = False, optional: bool = False) -> Markup:
    """A choice with all that can be chosen side by side; where it may stay empty, also that nothing is stated."""
    drawn = (f"<label>{box}<span>{ours(words)}</span></label>" for box, words in _offered(f, optional))
    return html(f'<div class="seg{" slim" if slim else ""}">{"".join(drawn)}</div>')


def hidden_fields(token: Callable[[], str], form: Any) -> Markup:
    """The token of this browser, and what the form carries unseen."""
    carried = "".join(f() for f in form if entry_kind(f) == "hidden")
    return html(f'<input type="hidden" name="csrf_token" value="{escape(token())}">\n{carried}')


def _group(f: Any, kind: str, name: str, described: str) -> str:
    """The attributes of a row whose entry is several elements."""
    if kind not in GROUPED:
        return ""
    role = "radiogroup" if kind in CHOICES else "group"
    invalid = ' aria-invalid="true"' if f.errors and kind in CHOICES else ""
    return f' role="{role}" aria-labelledby="{name}-label" aria-describedby="{described}"{invalid}'


def _label(f: Any, kind: str, name: str) -> str:
    words = ours(f.label.text)
    if kind in GROUPED:
        return f'<span class="lab" id="{name}-label">{words}</span>'
    return f'<label for="{name}">{words}</label>'


def _notes(f: Any, limit: Limit | None, optional: bool, zone: ZoneInfo | None) -> str:
    """What stands under the label: limits, hint, zone, and that the entry may stay empty."""
    notes = [sentence(line) for line in limit_lines(limit)] if limit is not None else []
    if f.description:
        notes.append(ours(f.description))
    if zone is not None:
        notes.append(ours(zone.key))
    return "".join([f"{note}<br>" for note in notes] + ["May stay empty"] * optional)


def _entry(f: Any, kind: str, unit: str, described: str, optional: bool) -> Markup:
    """The entry, with the unit that stands beside it."""
    if kind == "segments":
        return segments(f, optional=optional)
    if kind == "choices":
        return html("".join(_tick(box, words) for box, words in _offered(f, optional)))
    tied: dict[str, Any] = {"aria-describedby": described, "aria-invalid": "true" if f.errors else False}
    if kind == "tick":
        return html(_tick(f(**tied), "Yes"))
    if kind == "note":
        return html(f(**{"class": "in text"}, **tied))
    shown = unit and kind not in _WITHOUT_UNIT
    beside = f'<span class="unit">{ours(unit)}</span>' if shown else ""
    return html(f'<span class="entry">{f(**_ENTERED.get(kind, _CODE), **tied)}{beside}</span>')


def _offered(f: Any, optional: bool) -> Iterator[tuple[Markup, str]]:
    """What can be chosen, and the way back to nothing: a choice once made is otherwise never taken away."""
    yield from ((option(), option.label.text) for option in f)
    if optional:
        yield Option(f"{f.id}-none", f.name, "", Label(NOT_STATED), chosen=False)(), NOT_STATED


def _tick(box: Markup, words: str) -> str:
    return f'<label class="tick">{box}<span>{ours(words)}</span></label>'
