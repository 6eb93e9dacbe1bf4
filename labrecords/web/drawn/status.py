"""A status as HTML: always a shape, a word and a colour. For components/status.html, which says what each needs."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape

from labrecords.domain.values.limits import Judgement, Outcome
from labrecords.web.drawn.html import html
from labrecords.web.filters import sentence, shape
from labrecords.web.parts import Text

Icon = Callable[..., Markup]
"""web.drawn.widgets.icon, from the file of icons of this site."""
ICONS = {"pass": "pass", "alert": "alert", "out": "stop", "wait": "wait", "": "info"}
"""The icon of each kind of status."""


def tag(icon: Icon, kind: str, word: Text, name: str = "") -> Markup:
    """A status in one word; `name` is another icon than the one of the kind."""
    coloured = f"tag {escape(kind)}" if kind else "tag"
    return html(f'<span class="{coloured}">{icon(name or ICONS[kind])}{escape(word)}</span>')


def outcome_tag(icon: Icon, outcome: Outcome) -> Markup:
    """The tag of an outcome."""
    seen = shape(outcome)
    return tag(icon, seen.kind, seen.word, seen.icon)


def verdict(icon: Icon, kind: str, word: Text, text: Text = "", name: str = "") -> Markup:
    """The cell beside an entry."""
    said = f"<span>{escape(text)}</span>" if text else ""
    drawn = icon(name or ICONS[kind])
    return html(f'<div class="verdict {escape(kind)}">{drawn}<div><b>{escape(word)}</b>{said}</div></div>')


def judged(icon: Icon, judgement: Judgement) -> Markup:
    """The verdict of a judgement; nothing where no limit is set."""
    if judgement.outcome is Outcome.NO_LIMIT:
        return Markup("")
    seen = shape(judgement.outcome)
    return verdict(icon, seen.kind, seen.word, sentence(judgement.sentence), seen.icon)


def mark(text: Text) -> Markup:
    """A framed mark such as LATE ENTRY 31 min."""
    return html(f'<span class="mark">{escape(text)}</span>')
