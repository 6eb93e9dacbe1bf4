"""The steps of a draft, each on a page of its own: what it says, its parameters, its place; added and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, TextAreaField

from labrecords.domain.facts import Fact
from labrecords.domain.kinds import KINDS, facts_in
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.parameters import Parameter, label_in, optional_facts, parameters_of
from labrecords.domain.processes.process import PHASES, PROCESSING, QUESTIONS, Step
from labrecords.domain.processes.process_lines import Path
from labrecords.domain.processes.reproduction import QUESTION_WORDS
from labrecords.domain.results.yield_results import RESULT_UNITS
from labrecords.domain.values.limits import ROUNDINGS, Limit
from labrecords.domain.values.typography import mid_sentence
from labrecords.web.forms.shared import Line, Lines
from labrecords.web.masters.form import (
    NO,
    YES,
    DraftForm,
    Vanished,
    amount,
    base_of,
    choice,
    chosen_from,
    count,
    draft_page,
    listed,
    put,
    range_of,
    select,
    shown_number,
    yes_no,
)
from labrecords.web.masters.pages import pages
from labrecords.web.masters.text import Data

WRITE = Permission.WRITE_MASTER
RANGES = (("hard", "Possible"), ("soft", "Usual"), ("alert", "No alert"), ("acceptance", "Accepted"))
SECOND = (("none", "Nobody"), ("verify", "Verifies"), ("blind", "Enters it again, blind"))
OWN = (
    "title",
    "instruction",
    "kind",
    "phase",
    "required",
    "second_person",
    "sop",
    "materials",
    "equipment",
    "bypass",
    "late",
    "due_days",
)
"""The entries that are named as the text names their value."""
NAMED = "Names as on the pack, one on each line; anything may be used where it is empty"
NAMED_EQUIPMENT = "Category, model or code, one on each line; any may be used where it is empty"
FIRST = ""
"""The place before all steps."""


class StepForm(DraftForm):
    title = Line("Title", missing="Say what is to be done, in a few words.", limit=200)
    instruction = Lines("Instruction", missing="Say how it is done.", render_kw={"rows": 3})
    kind = select(
        "Kind",
        [(kind, kind.replace("_", " ")) for kind in KINDS],
        description="Another kind keeps only the parameters that it has too",
    )
    phase = choice("Phase", tuple((phase, phase.capitalize()) for phase in PHASES), default=PROCESSING)
    required = yes_no("Required", default=YES)
    second_person = choice("Second person", SECOND, default="none")
    sop = Line("Procedure", limit=60, description="Code of the SOP, as SOP-012; may stay empty")
    materials = TextAreaField("Materials", description=NAMED, render_kw={"rows": 2})
    equipment = TextAreaField("Equipment", description=NAMED_EQUIPMENT, render_kw={"rows": 2})
    bypass = yes_no("A stop may be bypassed with a reason and a second person", default=NO)
    late = yes_no("The result may come after the release", default=NO)
    due_days = count("Final result due, days after the sample")
    asks_type = select(
        "What is asked", [("", "Nothing more")] + [(item, QUESTION_WORDS[item]) for item in QUESTIONS]
    )
    asks_label = Line("Question", limit=200)
    asks_unit = Line("Unit", limit=30)
    asks_choices = TextAreaField("Choices", description="One on each line", render_kw={"rows": 3})


class NewStepForm(DraftForm):
    key = Line(
        "Key",
        missing="Give the step a key of its own.",
        limit=60,
        description="As spin_2: a to z, 0 to 9 and _",
    )
    kind = select("Kind", [(kind, kind.replace("_", " ")) for kind in KINDS])
    title = StepForm.title
    instruction = StepForm.instruction
    after = select("Its place")


class MoveForm(DraftForm):
    after = select("New place")


@dataclass(frozen=True)
class ParameterRow:
    """One parameter of the step with its entries, for the template."""

    parameter: Parameter
    entries: tuple[tuple[str, Any], ...]
    """Each with its label."""


@pages.page("/masters/<digest>/edit/steps/<key>", needs=WRITE, methods=("GET", "POST"))
def edit_step(digest: str, key: str) -> ResponseReturnValue:
    page = base_of(digest)
    step = _step_of(page.process.steps, key)
    parameters = _parameters(step)
    facts = tuple(fact for fact in facts_in(step) if not fact.required and not fact.one_of)
    form = _step_form(parameters, facts)(data=_typed(step, parameters))

    def change(data: Data) -> None:
        _write(_table_of(data, key), form, parameters, facts)

    return draft_page(
        page,
        form,
        "masters/step.html",
        change,
        anchor=f"step-{key}",
        places=_places_of(("step", step.number - 1), parameters),
        step=step,
        rows=[_row(form, item) for item in parameters],
        requirable=[(form[f"require-{fact.name}"], fact) for fact in facts],
    )


@pages.page("/masters/<digest>/edit/add-step", needs=WRITE, methods=("GET", "POST"))
def add_step(digest: str) -> ResponseReturnValue:
    page = base_of(digest)
    steps = page.process.steps
    form = NewStepForm(after=steps[-1].key if steps else FIRST)
    form.after.choices = chosen_from(_places(steps))
    at = next((step.number for step in steps if step.key == form.after.data), 0)
    here: Path = ("step", at)

    def change(data: Data) -> None:
        fresh: Data = {"key": form.key.text, "kind": form.kind.data}
        fresh |= {"title": form.title.text, "instruction": form.instruction.text}
        before = _place_after(data, form.after.data or FIRST)
        phase = data["step"][before - 1].get("phase") if before else None
        put(fresh, "phase", phase)
        data["step"].insert(before, fresh)

    return draft_page(
        page,
        form,
        "masters/add_step.html",
        change,
        places={(*here, name): name for name in ("key", "kind", "title", "instruction")},
        anchor=f"step-{form.key.data or ''}",
    )


@pages.page("/masters/<digest>/edit/steps/<key>/move", needs=WRITE, methods=("GET", "POST"))
def move_step(digest: str, key: str) -> ResponseReturnValue:
    page = base_of(digest)
    step, others = _step_of(page.process.steps, key), [item for item in page.process.steps if item.key != key]
    before = page.process.steps[step.number - 2].key if step.number > 1 else FIRST
    form = MoveForm(after=before)
    form.after.choices = chosen_from(_places(tuple(others)))

    def change(data: Data) -> None:
        table = _table_of(data, key)
        data["step"].remove(table)
        data["step"].insert(_place_after(data, form.after.data or FIRST), table)

    return draft_page(page, form, "masters/move_step.html", change, anchor=f"step-{key}", step=step)


@pages.page("/masters/<digest>/edit/steps/<key>/remove", needs=WRITE, methods=("GET", "POST"))
def remove_step(digest: str, key: str) -> ResponseReturnValue:
    page = base_of(digest)
    step = _step_of(page.process.steps, key)

    def change(data: Data) -> None:
        data["step"].remove(_table_of(data, key))

    return draft_page(page, DraftForm(), "masters/remove_step.html", change, anchor="steps", step=step)


# ---- what a step says ------------------------------------------------------------------------------------------------


def _step_of(steps: tuple[Step, ...], key: str) -> Step:
    found = next((step for step in steps if step.key == key), None)
    if found is None:
        abort(404)
    return found


def _table_of(data: Data, key: str) -> Data:
    """The step as plain data. Raises Vanished."""
    found: Data | None = next((table for table in data["step"] if table["key"] == key), None)
    if found is None:
        raise Vanished(f"The step {key} is not in the draft any more.")
    return found


def _places(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(FIRST, "Before all others")] + [
        (step.key, f"After {step.number} {step.title}") for step in steps
    ]


def _place_after(data: Data, key: str) -> int:
    return 0 if key == FIRST else data["step"].index(_table_of(data, key)) + 1


def _parameters(step: Step) -> tuple[Parameter, ...]:
    """What the step records, with the unit of its question where it has one, and what its kind computes."""
    asked, unit = {fact.name for fact in facts_in(step)}, step.asks.unit if step.asks else ""
    recorded = [
        replace(item, unit=item.unit or unit)
        for item in parameters_of(step.kind)
        if item.name.partition(".")[0] in asked or item.name in step.limits
    ]
    names = {item.name for item in recorded}
    keys = [key for key in KINDS[step.kind].derived_keys if key not in names]
    return (*recorded, *(_computed(step, key) for key in keys))


def _computed(step: Step, key: str) -> Parameter:
    """A computed value, with its unit as results have it, or as the text has it."""
    unit = step.limits[key].unit if key in step.limits else RESULT_UNITS.get(key, "")
    return Parameter(key, label_in(step, key), unit, computed=True)


def _ranges(parameter: Parameter) -> tuple[tuple[str, str], ...]:
    """The ranges that can be set: rows are typed and not judged, what is computed is judged and never typed."""
    if "." in parameter.name:
        return RANGES[:2]
    return RANGES[2:] if parameter.computed else RANGES


def _places_of(here: Path, parameters: tuple[Parameter, ...]) -> dict[Path, str]:
    """At which entry the errors of each place in the step's data are shown."""
    places: dict[Path, str] = {(*here, name): name for name in OWN}
    places |= {(*here, "asks", part): f"asks_{part}" for part in ("label", "unit", "choices")}
    places[(*here, "asks")] = "asks_type"
    for item in parameters:
        limit: Path = (*here, "limits", item.name)
        places[limit] = _name(item, "target")
        places |= {(*limit, part): _name(item, part) for part in ("decimals", "rounding")}
        places |= {(*limit, name): _name(item, f"{name}_low") for name, _ in _ranges(item)}
    return places


def _name(parameter: Parameter, part: str) -> str:
    return f"limit-{parameter.name}-{part}"


@lru_cache(maxsize=64)
def _step_form(parameters: tuple[Parameter, ...], facts: tuple[Fact, ...]) -> type[StepForm]:
    """The form of a step with entries for these parameters and these facts that can be required."""
    entries: dict[str, Any] = {f"require-{fact.name}": BooleanField(fact.label) for fact in facts}
    for item in parameters:
        entries[_name(item, "target")] = amount(f"{item.label}, target")
        for name, words in _ranges(item):
            entries[_name(item, f"{name}_low")] = amount(f"{item.label}, {mid_sentence(words)} from")
            entries[_name(item, f"{name}_high")] = amount(f"{item.label}, {mid_sentence(words)} to")
        entries[_name(item, "decimals")] = count(f"{item.label}, decimals")
        entries[_name(item, "rounding")] = select(
            f"{item.label}, rounding", [(rounding, rounding) for rounding in ROUNDINGS]
        )
    return type("StepFormOfKind", (StepForm,), entries)


def _row(form: StepForm, parameter: Parameter) -> ParameterRow:
    parts = [("target", "Target")]
    for name, words in _ranges(parameter):
        parts += [(f"{name}_low", f"{words} from"), (f"{name}_high", f"{words} to")]
    parts += [("decimals", "Decimals"), ("rounding", "Rounding")]
    return ParameterRow(parameter, tuple((words, form[_name(parameter, part)]) for part, words in parts))


def _typed(step: Step, parameters: tuple[Parameter, ...]) -> Mapping[str, Any]:
    """What the entries hold when the page is opened."""
    asks = step.asks
    values: dict[str, Any] = {
        "title": step.title,
        "instruction": step.instruction,
        "kind": step.kind,
        "phase": step.phase,
        "required": YES if step.required else NO,
        "second_person": "blind" if step.blind else "verify" if step.second_person else "none",
        "sop": step.sop,
        "materials": "\n".join(step.materials),
        "equipment": "\n".join(step.equipment),
        "bypass": YES if step.bypass else NO,
        "late": YES if step.late else NO,
        "due_days": "" if step.due_days is None else str(step.due_days),
        "asks_type": asks.type if asks else "",
        "asks_label": asks.label if asks else "",
        "asks_unit": asks.unit if asks else "",
        "asks_choices": "\n".join(asks.choices) if asks else "",
    }
    values |= {f"require-{name}": True for name in step.required_facts}
    for item in parameters:
        limit = step.limits.get(item.name, Limit())
        values[_name(item, "target")] = shown_number(limit.target)
        for name, _ in _ranges(item):
            low, high = getattr(limit, name)
            values[_name(item, f"{name}_low")] = shown_number(low)
            values[_name(item, f"{name}_high")] = shown_number(high)
        values[_name(item, "decimals")] = "" if limit.decimals is None else str(limit.decimals)
        values[_name(item, "rounding")] = limit.rounding
    return values


def _write(table: Data, form: StepForm, parameters: tuple[Parameter, ...], facts: tuple[Fact, ...]) -> None:
    """Bring the step's plain data to what was typed. Another kind keeps what it has in common with the one before."""
    kind = table["kind"]
    put(table, "kind", form.kind.data)
    put(table, "title", form.title.text)
    put(table, "instruction", form.instruction.text)
    put(table, "phase", form.phase.data, PROCESSING)
    put(table, "required", form.required.data == YES, True)
    put(table, "second_person", form.second_person.data, "none")
    put(table, "sop", form.sop.text)
    put(table, "materials", listed(form.materials.data))
    put(table, "equipment", listed(form.equipment.data))
    put(table, "bypass", form.bypass.data == YES, False)
    put(table, "late", form.late.data == YES, False)
    put(table, "due_days", form.due_days.value)
    put(table, "asks", _question(form))
    other = form.kind.data if form.kind.data != kind else ""
    wanted = [fact.name for fact in facts if form[f"require-{fact.name}"].data]
    if other:
        wanted = [name for name in wanted if name in {fact.name for fact in optional_facts(other)}]
    if set(wanted) != set(table.get("required_facts", [])):
        put(table, "required_facts", wanted)
    before = table.get("limits", {})
    limits = {item.name: limit for item in parameters if (limit := _limit(form, item, before.get(item.name)))}
    if other:
        limits = {item.name: limits[item.name] for item in parameters_of(other) if item.name in limits}
    kept = {name: limits[name] for name in before if name in limits}
    put(table, "limits", (kept | limits) or None)


def _question(form: StepForm) -> Data | None:
    if not form.asks_type.data:
        return None
    asked: Data = {"type": form.asks_type.data, "label": form.asks_label.text}
    put(asked, "unit", form.asks_unit.text)
    put(asked, "choices", listed(form.asks_choices.data))
    return asked


def _limit(form: StepForm, parameter: Parameter, before: Data | None) -> Data | None:
    """The ranges of a parameter as the text writes them, or None where nothing is set."""

    def entry(part: str) -> Any:
        return form[_name(parameter, part)]

    limit = dict(before or {})
    put(limit, "decimals", entry("decimals").value)
    put(limit, "target", entry("target").value)
    for name, _ in _ranges(parameter):
        put(limit, name, range_of(entry(f"{name}_low"), entry(f"{name}_high")))
    put(limit, "rounding", entry("rounding").data, "half-up")
    if not set(limit) - {"unit", "rounding"}:
        return None
    asked = form.asks_unit.text if form.asks_type.data == "number" else ""
    unit = parameter.unit if not asked or parameter.computed else asked
    return ({"unit": unit} if unit else {}) | limit | ({"unit": unit} if unit and asked else {})
