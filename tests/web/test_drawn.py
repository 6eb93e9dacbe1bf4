"""What is drawn in Python is escaped like what templates draw: every text that it is given, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment
from markupsafe import Markup, escape
from wtforms import Field

from labrecords.domain.calculations.derived import Input
from labrecords.domain.values.limits import Limit, judge
from labrecords.web import drawn
from labrecords.web.forms.view import entry_kind
from labrecords.web.rail import Bar, Rail
from tests.support import guide
from tests.web.test_components import HOSTILE, Reader

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.fixture(scope="module")
def made() -> dict[str, Callable[..., str]]:
    environment = Environment(autoescape=True)
    drawn.register(environment)
    environment.globals.update(asset=lambda path: f"/{HOSTILE}", csrf_token=lambda: HOSTILE)
    found: Any = environment.globals["drawn"]
    return dict(found)


def hostile_form(wrong: bool) -> guide.StepForm:
    """Each entry has hostile text as its value, label, hint and choices, and where `wrong` as its error."""
    form = guide.StepForm(data={"draws": [{"volume_ml": HOSTILE, "drawn_at": HOSTILE}]})
    for f in (*form, *form.draws.entries[0].form):
        f.label.text = f.description = HOSTILE
        if f is not form.draws:
            f.data = HOSTILE
        f.errors = [HOSTILE] if wrong else []
        if hasattr(f, "choices"):
            f.choices = [(HOSTILE, HOSTILE)]
    return form


def safe(html: str, times: int) -> None:
    """The text stands there so many times at least, as text, and every element is closed."""
    Reader(html)
    assert "<script" not in html
    assert "\"'{" not in html
    assert html.count(str(escape(HOSTILE))) >= times


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("name", list(guide.StepForm()._fields))
def test_a_row_of_a_step_escapes_what_it_is_given(
    made: dict[str, Callable[..., str]], name: str, wrong: bool
) -> None:
    form = hostile_form(wrong)
    f: Field = form[name]
    field = made["field"]
    derived = (replace(guide.FORCE, formula=HOSTILE, reported=HOSTILE, unit=HOSTILE),)
    limit = replace(guide.TEMPERATURE, unit=HOSTILE)
    judgement = replace(judge(Decimal("19"), guide.TEMPERATURE), sentence=HOSTILE)
    given: dict[str, Any] = {
        "echo": HOSTILE,
        "derived": derived,
        "by": HOSTILE,
        "units": {"volume_ml": HOSTILE},
    }
    safe(
        field(f, unit=HOSTILE, limit=limit, verdict=(HOSTILE, HOSTILE, HOSTILE) if wrong else None, **given),
        8,
    )
    safe(field(f, judgement=judgement, limit=limit, **given), 8)
    safe(field(f, zone=SimpleNamespace(key=HOSTILE), optional=True), 2)
    assert entry_kind(f) != "hidden"


def test_a_place_without_verdict_is_told_what_it_lacks(made: dict[str, Callable[..., str]]) -> None:
    form = hostile_form(wrong=True)
    safe(made["field_error"](form.speed), 1)
    safe(made["segments"](form.brake, slim=True), 1)
    safe(made["hidden_fields"](form), 1)


def test_a_status_escapes_what_it_is_given(made: dict[str, Callable[..., str]]) -> None:
    judgement = replace(judge(Decimal("19"), guide.TEMPERATURE), sentence=HOSTILE)
    safe(made["tag"]("out", HOSTILE, HOSTILE), 2)
    safe(made["tag"](HOSTILE, HOSTILE, HOSTILE), 3)
    safe(made["mark"](HOSTILE), 1)
    safe(made["judged"](judgement), 1)
    safe(made["verdict"](HOSTILE, HOSTILE, HOSTILE, HOSTILE), 4)
    safe(made["verdict_cell"](None, (), ("out", HOSTILE, HOSTILE)), 2)


def test_what_is_remembered_of_markup_is_not_given_for_the_same_text(
    made: dict[str, Callable[..., str]],
) -> None:
    made["icon"]("info", Markup(HOSTILE))
    safe(made["icon"]("info", HOSTILE), 1)


def test_a_number_with_its_working_escapes_what_it_is_given(made: dict[str, Callable[..., str]]) -> None:
    judgement = replace(judge(Decimal("19"), guide.TEMPERATURE), sentence=HOSTILE, rule=HOSTILE)
    item = Input(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    named = ("label", "reported", "unit", "formula", "formula_id", "rounding")
    texts: dict[str, Any] = dict.fromkeys(named, HOSTILE)
    result = replace(guide.CELLS, inputs=(item, item), **texts)
    safe(made["derived"](result, judgement), 15)
    safe(made["working"](result), 7)
    rail = Rail(Bar("1%", "2%"), None, "3%", HOSTILE)
    safe(made["rail"](rail), 1)
    limit: Limit = replace(guide.TEMPERATURE, unit=HOSTILE)
    safe(made["echo_cell"](HOSTILE, limit, judgement, (result,)), 8)
