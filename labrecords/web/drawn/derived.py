"""A number that was computed, with its working, as HTML. For components/derived.html, which says what each needs."""

from __future__ import annotations

from markupsafe import Markup, escape

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.values.limits import Judgement
from labrecords.web.drawn.html import html
from labrecords.web.drawn.status import Icon, judged
from labrecords.web.filters import formula, scientific, sentence, shows_values, unit


def working(result: Derived) -> Markup:
    """One line: the formula with the typed values in ink, the result underlined."""
    values = "" if shows_values(result) else f'<p class="formula">{_inputs(result)}</p>'
    return html(f'<p class="formula">{_worked(result)}</p>\n{values}')


def derived(icon: Icon, result: Derived, judgement: Judgement | None = None) -> Markup:
    """Label, reported value, formula, inputs with their source, interval, rounding rule, verdict."""
    interval = ""
    if result.low is not None and result.high is not None:
        interval = f" · 95 % interval {scientific(result.low)}–{scientific(result.high)}"
    said = ""
    if judgement is not None:
        said = f'<dd class="formula">{judged(icon, judgement)}{sentence(judgement.rule)}</dd>\n'
    return html(
        f'<div class="result">\n<dt>{escape(result.label)}</dt>'
        f'<dd class="big">{unit(result.reported, result.unit)}</dd>\n'
        f'<dd class="formula">{_worked(result)}{interval}</dd>\n'
        f'<dd class="formula">{_sources(result)}</dd>\n'
        f'<dd class="formula">{escape(result.formula_id)}, {escape(result.rounding)}</dd>\n{said}</div>\n'
    )


def _worked(result: Derived) -> str:
    return f"{formula(result)}<b>{unit(result.reported, result.unit)}</b>"


def _inputs(result: Derived) -> str:
    return " · ".join(
        f'<span class="nb">{escape(item.symbol)} = <i>{unit(item.value, item.unit)}</i></span>'
        for item in result.inputs
    )


def _sources(result: Derived) -> str:
    return "; ".join(
        f'<span class="nb">{escape(item.symbol)}: {escape(item.label)}</span> '
        f"<i>{unit(item.value, item.unit)}</i>, {escape(item.source)}"
        for item in result.inputs
    )
