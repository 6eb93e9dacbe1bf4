"""What the server understands and thinks of a step while it is being filled in: echo, verdict, computed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from markupsafe import Markup

from labrecords.actions.readings import Reading
from labrecords.domain.calculations.derived import Derived
from labrecords.domain.entries import Entry, Stop, problems
from labrecords.domain.facts import Fact, FactType
from labrecords.domain.kinds import facts_in
from labrecords.domain.processes.process import Step
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.places import against, names_place
from labrecords.domain.results.remark import Remark
from labrecords.domain.results.results import judged_by
from labrecords.domain.rules.begun import act_so_far
from labrecords.domain.values import limits
from labrecords.domain.values.limits import Judgement, Limit, Outcome, judge
from labrecords.domain.values.typography import mid_sentence
from labrecords.web import filters
from labrecords.web.forms.fields import FactField, RowsField, Surroundings
from labrecords.web.parts import Text
from labrecords.web.steps.forms import StepForm
from labrecords.web.steps.stops import PERFORMER, stops_at

Verdict = tuple[str, str, str]
"""Kind, word and sentence."""
RESULTS = "results"
"""The cell in which the computed numbers stand that belong to no single entry."""
STOPS = "stops"
"""The cell at the head of the form for what speaks against the act and is about no single entry."""


@dataclass(frozen=True)
class Cell:
    """What stands under one entry, and beside it."""

    echo: Text = ""
    limit: Limit | None = None
    judgement: Judgement | None = None
    derived: tuple[Derived, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Judged:
    cells: Mapping[str, Cell] = field(default_factory=dict)
    results: tuple[tuple[Derived, Judgement | None], ...] = ()
    remarks: tuple[Remark, ...] = ()
    stops: tuple[Stop, ...] = ()
    """What speaks against the act and is about no single entry."""

    def cell(self, name: str) -> Cell:
        return self.cells.get(name, NOTHING)


NOTHING = Cell()
NOT_JUDGED = Judged()


def judged(
    form: StepForm, reading: Reading, record: BatchRecord, step: Step, by: str, entry: Entry | None = None
) -> Judged:
    """Judge what was typed so far by the person with the id `by`. `entry` is the one that is corrected, if any."""
    surroundings = form.surroundings
    act = _act(reading, record, step, surroundings, by, entry)
    cells = {fact.name: _cell(fact, form[fact.name], step.limits, surroundings) for fact in facts_in(step)}
    results, (numbers, remarks) = [], _worked_out(reading, record, step, surroundings, act)
    for derived, (value, limit) in numbers:
        judgement = judgement_of(value, limit)
        if derived.key in cells:
            # The other of two that belong together: it is computed and shown where it could have been typed.
            cells[derived.key] = Cell(limit=limit, judgement=judgement, derived=(derived,))
        else:
            results.append((derived, judgement))
    placed, stops = stops_at(record, act)
    for name, stop in placed.items():
        verdict = ("out", "Stop", f"{stop.sentence} {stop.way_out}")
        cells[name] = replace(cells.get(name, NOTHING), verdict=verdict)
    return Judged({PERFORMER: NOTHING, **cells}, tuple(results), remarks, stops)


def judgement_of(value: Decimal, limit: Limit | None) -> Judgement | None:
    """The verdict on a value; None where there is nothing to compare it with."""
    found = judge(value, limit) if limit else None
    return found if found is not None and found.outcome is not Outcome.NO_LIMIT else None


def fragments(found: Judged, form: StepForm) -> dict[str, dict[str, str]]:
    """The cells as HTML, by the id of their entry: the answer that static/js/echo.js writes into the page."""
    drawn: Any = current_app.jinja_env.globals["drawn"]
    results = current_app.jinja_env.get_template("steps/_results.html")
    answer = {
        form[name].id: {
            "echo": str(drawn["echo_cell"](cell.echo, cell.limit, cell.judgement, cell.derived)),
            "verdict": str(drawn["verdict_cell"](cell.judgement, (), cell.verdict)),
        }
        for name, cell in found.cells.items()
    }
    verdict = current_app.jinja_env.get_template("steps/_verdict.html")
    said = {"results": found.results, "remarks": found.remarks}
    head = current_app.jinja_env.get_template("steps/_stops.html").render(stops=found.stops)
    worked_out = {"echo": results.render(**said), "verdict": verdict.render(**said)}
    return answer | {RESULTS: worked_out, STOPS: {"echo": head}}


def _cell(fact: Fact, entry: Any, of_step: Mapping[str, Limit], surroundings: Surroundings) -> Cell:
    limit = of_step.get(fact.name)
    if isinstance(entry, RowsField):
        return Cell(echo=_rows_echo(entry), verdict=_rows_verdict(entry, of_step))
    if entry.process_errors:
        return Cell(verdict=("wait", "Asked back", str(entry.process_errors[0])))
    value = entry.data
    if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        number = Decimal(value)
        found = judgement_of(number, limit)
        return Cell(
            filters.unit(value, fact.unit), limit, found, verdict=_number_verdict(fact, number, limit, found)
        )
    if isinstance(value, datetime):
        future = value > surroundings.now
        verdict = ("wait", "Asked back", "This time is in the future.") if future else None
        return Cell(echo=filters.instant(value, surroundings.zone), verdict=verdict)
    if names_place(fact) and value:
        today = surroundings.now.astimezone(surroundings.zone).date()
        said = " ".join(against(surroundings.equipment, value, surroundings.now, today))
        return Cell(verdict=("alert", "Look here", said)) if said else NOTHING
    return Cell(echo=filters.day(value)) if isinstance(value, date) else NOTHING


def _number_verdict(
    fact: Fact, value: Decimal, limit: Limit | None, found: Judgement | None
) -> Verdict | None:
    if value < 0 and not fact.signed:
        return "wait", "Asked back", f"{fact.label} cannot be negative."
    if limit is None:
        return None
    if sentence := limits.impossible(value, limit):
        return "wait", "Asked back", sentence
    failed = found is not None and found.outcome is Outcome.FAIL
    sentence = limits.unusual(value, limit)
    return ("alert", "Unusual", sentence) if sentence and not failed else None


def _rows_echo(entry: RowsField) -> Text:
    """The columns of numbers as they were understood: "8.5 · 9 · 10.5 mL", each named where there are several."""
    rows, said = entry.filled(), []
    for cell in rows[0].form if rows else ():
        if cell.fact.type in (FactType.NUMBER, FactType.WHOLE):
            values = [row.form[cell.short_name].data for row in rows]
            numbers = Markup(" · ").join(filters.number(value) for value in values if value is not None)
            if numbers:
                said.append((cell.fact, numbers + filters.unit("", cell.fact.unit)))
    if len(said) == 1:
        return said[0][1]
    return Markup("; ").join(
        Markup("{} {}").format(mid_sentence(fact.label), numbers) for fact, numbers in said
    )


def _rows_verdict(entry: RowsField, of_step: Mapping[str, Limit]) -> Verdict | None:
    """What is said of the first cell that cannot be so, else of the first that is unusual."""
    found = []
    for number, row in enumerate(entry.entries, start=1):
        for cell in row.form:
            limit = of_step.get(f"{entry.fact.name}.{cell.short_name}")
            if verdict := _cell_verdict(cell, limit):
                kind, word, sentence = verdict
                found.append((kind, word, f"Row {number}, {mid_sentence(cell.fact.label)}: {sentence}"))
    return next((verdict for verdict in found if verdict[0] == "wait"), found[0] if found else None)


def _cell_verdict(cell: FactField, limit: Limit | None) -> Verdict | None:
    if cell.process_errors:
        return "wait", "Asked back", str(cell.process_errors[0])
    if cell.fact.type not in (FactType.NUMBER, FactType.WHOLE) or cell.data is None:
        return None
    return _number_verdict(cell.fact, Decimal(cell.data), limit, None)


def _worked_out(
    reading: Reading, record: BatchRecord, step: Step, surroundings: Surroundings, act: Entry
) -> tuple[tuple[tuple[Derived, tuple[Decimal, Limit | None]], ...], tuple[Remark, ...]]:
    """The numbers that follow from what is there so far, each with what it is judged by, and what there is to say."""
    if any(_given(reading, name) for name in problems(reading.kind, reading.facts, step)):
        return (), ()
    known = {piece.id: piece for piece in (*record.equipment, *surroundings.equipment)}
    # Begun rows are computed with too, as far as they go.
    rows = {fact.name: reading.facts[fact.name] for fact in facts_in(step) if fact.type is FactType.ROWS}
    so_far = replace(act, **rows)
    known_here = replace(record, equipment=tuple(known.values()))
    try:
        numbers = so_far.derived(known_here)
        judged = tuple((item, judged_by(known_here, so_far, item)) for item in numbers)
        return judged, so_far.remarks(known_here)
    except (TypeError, AttributeError, LookupError, ArithmeticError, ValueError):
        # A fact that a formula needs is not there yet: the number appears when it is.
        return (), ()


def _act(
    reading: Reading,
    record: BatchRecord,
    step: Step,
    surroundings: Surroundings,
    by: str,
    entry: Entry | None,
) -> Entry:
    """What would be recorded now."""
    return act_so_far(
        reading.kind,
        reading.facts,
        batch_id=record.batch.id,
        step_key=step.key,
        performed_by=reading.performed_by,
        recorded_by=by,
        performed_at=reading.performed_at or (entry.performed_at if entry else surroundings.now),
        now=surroundings.now,
        replaces_id=entry.id if entry else None,
    )


def _given(reading: Reading, name: str) -> bool:
    """Whether a sentence is about something that was stated, and not about something still missing."""
    fact, _, cell = name.partition("-")
    value = reading.facts.get(fact)
    if cell and isinstance(value, tuple):
        number, _, column = cell.partition("-")
        value = getattr(value[int(number)], column)
    return value not in (None, "", ())
