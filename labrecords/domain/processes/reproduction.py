"""A master record in words: what a page shows and a document prints of it, complete (21 CFR 211.188(a); domain 8.2).

Both are made from here, so that screen and print cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.parameters import label_in
from labrecords.domain.processes.process import CHECKS, LABELS, PATHWAYS, Process, Question, Step, Yields
from labrecords.domain.processes.visits import Visit
from labrecords.domain.values.limits import Bounds, Limit, judge
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import grouped, grouped_within

NO_LIMIT, NONE = "no limit", "none"
QUESTION_WORDS = {"number": "a number", "choice": "a choice", "text": "a text", "yesno": "yes or no"}
YIELD_LABELS = {
    "count_before": "Cells before: count",
    "volume_before": "Volume before",
    "volume_taken_before": "Less the sample before",
    "count_after": "Cells after: count",
    "volume_after": "Volume after",
    "volume_taken_after": "Less the sample after",
    "mass": "Mass of the tissue",
}


_HEAD = (
    "key", "version", "title", "product", "pathway", "population", "release_required", "max_age_h", "shelf_life_h",
    "late_after_min", "custody_gap_min", "balance_tolerance_percent", "minimum_cells", "intrathecal_endotoxin",
    "temperature_min_c", "temperature_max_c", "out_of_range_max_min", "out_of_store_counts", "transport_temperature",
    "additives", "label_set", "identity_checks",
)  # fmt: skip
"""The values of the head, in the order in which they are told."""


@dataclass(frozen=True)
class Ranges:
    """The ranges of a limit in words, without unit; empty where an end is open on both sides."""

    target: str
    hard: str
    soft: str
    alert: str
    acceptance: str
    rounding: str


def head_facts(process: Process) -> tuple[tuple[str, str], ...]:
    """Label and words of everything that holds for the whole batch."""
    return (
        ("Key", process.key),
        ("Version", process.version),
        ("Title", process.title),
        ("Product", process.product),
        ("Regulatory pathway", f"{process.pathway}: {PATHWAYS.get(process.pathway, 'unknown here')}"),
        ("What is counted as dose", process.population),
        ("Release before use", "required" if process.release_required else "not required"),
        ("Age since harvest, at most", _amount(process.max_age_h, "h")),
        ("Shelf life since filling", _amount(process.shelf_life_h, "h")),
        ("Entry is late after", _amount(Decimal(process.late_after_min), "min")),
        ("Custody gap, tolerated", _amount(process.custody_gap_min, "min")),
        ("Volume balance, tolerated", _amount(process.balance_tolerance_percent, "%")),
        ("Viability on fewer cells is shown", _amount(Decimal(process.minimum_cells), "cells")),
        ("Endotoxin of one hour, at most", "0.2 EU/kg" if process.intrathecal_endotoxin else "5 EU/kg"),
        ("Kept and carried at, at least", _amount(process.temperature_min_c, "°C")),
        ("Kept and carried at, at most", _amount(process.temperature_max_c, "°C")),
        ("Outside that range in all, at most", _amount(process.out_of_range_max_min, "min")),
        ("Time out of its place", "counts as outside" if process.out_of_store_counts else "does not count"),
        ("Temperature of each transport", "required" if process.transport_temperature else "not required"),
        ("May be added to the cells", ", ".join(process.additives) or "nothing: no list is given"),
        ("Labels of a batch", ", ".join(label_words(process)) or NONE),
        ("Identity check of the product", ", ".join(check_words(process)) or "not asked for"),
    )


def label_words(process: Process) -> tuple[str, ...]:
    """The labels that the process names for a batch, in words."""
    return tuple(LABELS.get(name, name) for name in process.label_set)


def check_words(process: Process) -> tuple[str, ...]:
    """When the process asks for an identity check of each container of the product, in words."""
    return tuple(CHECKS.get(name, name) for name in process.identity_checks)


def head_labels(process: Process) -> dict[str, str]:
    """The label of each value of the head, by its name in the text."""
    return {name: label for name, (label, _) in zip(_HEAD, head_facts(process), strict=True)}


def second_person_words(step: Step) -> str:
    """Who checks the step besides its performer."""
    if step.blind:
        return "enters it again, blind"
    return "verifies" if step.second_person else NONE


def particulars(process: Process, step: Step) -> tuple[str, ...]:
    """What the process asks of this step beyond its kind, as sentences; nothing where it asks nothing more."""
    said = []
    if step.asks is not None:
        said.append(question_words(step.asks))
    if step.required_facts:
        labels = [fact.label for fact in facts_of(KINDS[step.kind]) if fact.name in step.required_facts]
        said.append(f"Required here: {', '.join(labels)}.")
    said += done_with(step)
    if step.bypass:
        said.append("A stop may be bypassed with a reason and the signature of a second person.")
    if step.late:
        said.append("The result may come after the release.")
    if step.due_days is not None:
        said.append(f"The final result is due {_amount(Decimal(step.due_days), 'days')} after the sample.")
    return (*said, *time_sentences(process, step))


def done_with(step: Step) -> tuple[str, ...]:
    """What the step is done with, where the process names it, as sentences."""
    named = (("Materials", step.materials), ("Equipment", step.equipment))
    return tuple(f"{label}: {', '.join(names)}; nothing else." for label, names in named if names)


def question_words(question: Question) -> str:
    """What a generic reading asks, as a sentence."""
    unit = f" in {question.unit}" if question.unit else ""
    choices = f": {', '.join(question.choices)}" if question.choices else ""
    return f"Asks for {QUESTION_WORDS.get(question.type, question.type)}{unit}, {question.label}{choices}."


def time_sentences(process: Process, step: Step) -> tuple[str, ...]:
    """The time limits that end with this step (21 CFR 211.111)."""
    return tuple(
        f"{limit.label}: {time_words(limit.min_min, limit.max_min)} after the end of "
        f"{_step_words(process, limit.start)}."
        for limit in process.time_limits
        if limit.end == step.key
    )


def time_words(least: Decimal | None, most: Decimal | None) -> str:
    """ "at least 5 min, at most 60 min"."""
    ends = [("at least", least), ("at most", most)]
    return (
        ", ".join(f"{word} {_amount(value, 'min')}" for word, value in ends if value is not None) or NO_LIMIT
    )


def visit_words(visit: Visit) -> str:
    """When a follow-up visit is due: "30 days after the injection, 7 days before or after"."""
    window = f", {counted_days(visit.window_d)} before or after" if visit.window_d else ", on that day"
    return f"{counted_days(visit.after_d)} after the injection{window}"


def counted_days(count: int) -> str:
    """ "1 day", "30 days"."""
    return f"{count} day{'' if count == 1 else 's'}"


def step_of(process: Process, name: str) -> str:
    """ "8 Spin the tube" for the key of a step, "5 Inspect …: Volume received" for "step.fact"."""
    key, _, fact = name.partition(".")
    known = {step.key: step for step in process.steps}
    if key not in known:
        return name or NONE
    step = known[key]
    return f"{step.number} {step.title}" + (f": {label_in(step, fact)}" if fact else "")


def yield_facts(process: Process) -> tuple[tuple[str, str], ...]:
    """From which steps the yield is computed (GMP-103)."""
    return tuple(
        (
            YIELD_LABELS.get(item.name, item.name.replace("_", " ")),
            step_of(process, getattr(process.yields, item.name)),
        )
        for item in fields(Yields)
    )


def ranges(limit: Limit) -> Ranges:
    """A limit in words."""
    return Ranges(
        target=number(limit.target),
        hard=range_words(limit.hard),
        soft=range_words(limit.soft),
        alert=range_words(limit.alert),
        acceptance=range_words(limit.acceptance),
        rounding="not rounded" if limit.decimals is None else f"{limit.decimals}, {limit.rounding}",
    )


def rule(limit: Limit) -> str:
    """How a result is rounded and compared."""
    return grouped_within(judge(None, limit).rule)


def range_words(bounds: Bounds) -> str:
    """ "2 to 30", "at least 70", "at most 110"; empty for no limit. A line may break before a number."""
    low, high = bounds
    if low is not None and high is not None:
        return f"{number(low)} to {number(high)}"
    if low is not None:
        return f"at least {number(low)}"
    return f"at most {number(high)}" if high is not None else ""


def number(value: Decimal | None) -> str:
    """A number with its thousands apart; empty for none."""
    return grouped(plain(value)) if value is not None else ""


def _amount(value: Decimal | None, unit: str) -> str:
    return f"{number(value)} {unit}" if value is not None else NO_LIMIT


def _step_words(process: Process, key: str) -> str:
    known = {step.key: step for step in process.steps}
    return f"step {known[key].number}" if key in known else key
