"""A difference between two versions of a process in the labels of pages and print: no name of a key is left."""

from __future__ import annotations

from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.differences import PLACE, THERE, Difference
from labrecords.domain.processes.parameters import label_in
from labrecords.domain.processes.process import Process, Step
from labrecords.domain.processes.reproduction import (
    YIELD_LABELS,
    check_words,
    head_labels,
    label_words,
    step_of,
)

_PARTS = {
    PLACE: "Place in the order",
    THERE: "Is part of this version",
    "key": "Key",
    "kind": "Kind",
    "title": "Title",
    "instruction": "Instruction",
    "phase": "Phase",
    "required": "Required",
    "second_person": "Second person verifies",
    "blind": "Second person enters it again, blind",
    "bypass": "A stop may be bypassed",
    "sop": "Procedure",
    "late": "Result may come after the release",
    "due_days": "Final result is due, days",
    "required_facts": "Required here",
    "label": "Label",
    "start": "From the end of",
    "end": "To the end of",
    "min_min": "At least, min",
    "max_min": "At most, min",
    "name": "Name",
    "after_d": "Days after the injection",
    "window_d": "Window, days before and after",
    "sources": "Sources",
    "asks": "Question",
    "asks.type": "Type of the answer",
    "asks.label": "Question",
    "asks.unit": "Unit of the answer",
    "asks.choices": "Choices of the answer",
}
_RANGES = {
    "": "limit is set",
    "unit": "unit",
    "decimals": "decimals",
    "target": "target",
    "hard": "possible",
    "soft": "usual",
    "alert": "no alert",
    "acceptance": "accepted",
    "rounding": "rounding",
}
_STEPS_NAMED = ("start", "end")


def in_words(item: Difference, old: Process, new: Process) -> Difference:
    """The same difference with place, label and values in words; a step is named as the newer version names it."""
    kind, _, name = item.where.partition(" ")
    step = _step(name, new, old) if kind == "step" else None
    return Difference(
        where=_where(item, old, new),
        label=_label(item, step, new),
        before=_value(item, step, old, item.before),
        after=_value(item, step, new, item.after),
    )


def _step(key: str, *processes: Process) -> Step | None:
    return next((step for process in processes for step in process.steps if step.key == key), None)


def _where(item: Difference, old: Process, new: Process) -> str:
    """ "Step 4: Record the harvest", "Result: Viability", "Time limit: To the laboratory", "Whole batch", "Yield"."""
    for process in (new, old):
        named = {f"step {step.key}": f"Step {step.number}: {step.title}" for step in process.steps}
        named |= {f"result {spec.key}": f"Result: {spec.label}" for spec in process.results}
        named |= {
            f"time limit {limit.start} to {limit.end}": f"Time limit: {limit.label}"
            for limit in process.time_limits
        }
        named |= {f"visit {visit.name}": f"Follow-up visit: {visit.name}" for visit in process.follow_up}
        if item.where in named:
            return named[item.where]
    return {"process": "Whole batch", "yield": "Yield"}[item.where]


def _label(item: Difference, step: Step | None, process: Process) -> str:
    if item.where == "process":
        return head_labels(process).get(item.label) or _part(item.label)
    if item.where == "yield":
        return YIELD_LABELS.get(item.label) or _part(item.label)
    if item.label == "limit" or item.label.startswith("limit."):
        return _RANGES[item.label.removeprefix("limit").removeprefix(".")].capitalize()
    if step is not None and item.label.startswith("limits."):
        return _limit_label(item.label.removeprefix("limits."), step)
    return _part(item.label)


def _part(name: str) -> str:
    return _PARTS.get(name) or name.replace("_", " ").replace(".", ", ").capitalize()


def _limit_label(name: str, step: Step) -> str:
    """ "Draws: volume, usual" for "draws.volume_ml.soft". The name of a parameter may itself have a dot."""
    parameter, _, part = name.rpartition(".")
    if part in _RANGES and parameter:
        return f"{label_in(step, parameter)}, {_RANGES[part]}"
    return f"{label_in(step, name)}, {_RANGES['']}"


def _value(item: Difference, step: Step | None, process: Process, said: str) -> str:
    if not said:
        return said
    if item.where == "yield" or (item.where.startswith("time limit ") and item.label in _STEPS_NAMED):
        return step_of(process, said)
    if item.label in ("kind", "pathway"):
        return said.replace("_", " ")
    if item.label == "label_set":
        return ", ".join(label_words(process))
    if item.label == "identity_checks":
        return ", ".join(check_words(process))
    if item.label == "required_facts" and step is not None and step.kind in KINDS:
        labels = {fact.name: fact.label for fact in facts_of(KINDS[step.kind])}
        return ", ".join(labels.get(name, name) for name in said.split(", "))
    return said
