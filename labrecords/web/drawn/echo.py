"""What was understood of an entry and what is thought of it, as HTML: with the page, or alone while it is filled in.

For components/field.html, which says what each function needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.values.limits import Judgement, Limit
from labrecords.web.drawn.derived import working
from labrecords.web.drawn.html import html
from labrecords.web.drawn.status import Icon, judged
from labrecords.web.drawn.status import verdict as verdict_of
from labrecords.web.parts import Text
from labrecords.web.rail import Bar, Rail
from labrecords.web.rail import rail as rail_of

Verdict = tuple[str, Text, Text]
"""Kind, word and sentence."""


def echo_cell(
    echo: Text, limit: Limit | None, judgement: Judgement | None, derived: Sequence[Derived]
) -> Markup:
    """What was understood, where it lies on its limit, and what was computed instead of typed."""
    said = f'<p class="echo">Understood: <b>{escape(echo)}</b></p>' if echo else ""
    found = rail_of(limit, judgement.value) if judgement is not None else None
    drawn = rail(found) if found is not None else ""
    return html(f"{said}{drawn}{''.join(working(result) for result in derived)}")


def verdict_cell(
    icon: Icon, judgement: Judgement | None, errors: Sequence[Any] = (), verdict: Verdict | None = None
) -> Markup:
    """The verdict: that the entry is asked back, else the one that is given, else that of the judgement."""
    if errors:
        return verdict_of(icon, "wait", "Asked back", "Nothing was saved.")
    if verdict is not None:
        return verdict_of(icon, *verdict)
    return judged(icon, judgement) if judgement is not None else Markup("")


def rail(drawn: Rail) -> Markup:
    """The rail under an entry."""
    return html(
        f'<svg class="rail" role="img" aria-label="{escape(drawn.label)}">'
        '<rect class="all" y="6" width="100%" height="2"/>'
        f"{_bar('hard', drawn.accepted)}{_bar('soft', drawn.quiet)}"
        f'<svg x="{drawn.at}" overflow="visible"><path class="at" d="M-5 0h10v8l-5 6l-5-6z"/></svg></svg>'
    )


def _bar(name: str, bar: Bar | None) -> str:
    return f'<rect class="{name}" x="{bar.x}" y="5" width="{bar.width}" height="4"/>' if bar else ""
