"""What a process definition must not contradict: the facts of its kinds, their units, the order of its steps, itself.

Each rule gives the place of what is wrong, and a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import KINDS, facts_in
from labrecords.domain.processes.parameters import parameters_of
from labrecords.domain.processes.process import ADMINISTRATION, PROCESSING, TESTING, Process, Step
from labrecords.domain.processes.process_lines import Path
from labrecords.domain.processes.process_tables import meant
from labrecords.domain.processes.visits import visit_problems
from labrecords.domain.results.yield_results import RESULT_UNITS
from labrecords.domain.review.reentry import can_be_asked_again
from labrecords.domain.steps.reading import Observation
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values.limits import OPEN, Bounds, Limit
from labrecords.domain.values.numbers import plain

LONGEST_H = 87_600
Found = Iterator[tuple[Path, str]]
_VOLUME, _MASS, _COUNT = "volume", "mass", "count"
_YIELD_UNITS = {_VOLUME: "mL", _MASS: "g"}
_WITHIN = (("soft", "hard"), ("alert", "hard"), ("acceptance", "hard"), ("alert", "acceptance"))
"""The first range must not be wider than the second."""


def broken_rules(process: Process) -> Found:
    """Everything in a definition of the right shape that contradicts itself or the step kinds."""
    yield from _numbers_of_head(process)
    yield from _twice("step", "key", [step.key for step in process.steps])
    yield from _twice("result", "key", [spec.key for spec in process.results])
    for step in process.steps:
        yield from _step(step)
    yield from _order_of_phases(process)
    yield from _results(process)
    yield from _yields(process)
    yield from _time_limits(process)
    for place, name, sentence in visit_problems(process.follow_up):
        yield ("follow_up", place, name), sentence


def _numbers_of_head(process: Process) -> Found:
    above = {"max_age_h": process.max_age_h, "shelf_life_h": process.shelf_life_h}
    least = {
        "custody_gap_min": process.custody_gap_min,
        "balance_tolerance_percent": process.balance_tolerance_percent,
    }
    for name, value in above.items():
        if value is not None and value <= 0:
            yield ("process", name), "This is above 0, or is left out."
        if value is not None and value > LONGEST_H:
            yield ("process", name), f"This is at most {LONGEST_H} h, ten years."
    for name, value in least.items():
        if value < 0:
            yield ("process", name), "This cannot be negative."
    if "release" in process.identity_checks and not process.release_required:
        yield ("process", "identity_checks"), "There is no release that this check could come before."
    yield from _temperature(process)


def _temperature(process: Process) -> Found:
    """The range in which the product is kept, and how long it may be outside."""
    low, high, out = process.temperature_min_c, process.temperature_max_c, process.out_of_range_max_min
    if low is not None and high is not None and low > high:
        yield ("process", "temperature_min_c"), "The lowest temperature is above the highest."
    if out is not None and out < 0:
        yield ("process", "out_of_range_max_min"), "This cannot be negative."
    if low is None and high is None:
        for name in ("out_of_range_max_min", "out_of_store_counts"):
            if getattr(process, name):
                yield ("process", name), "Say the range first: temperature_min_c, temperature_max_c or both."


def _twice(table: str, name: str, keys: Iterable[str]) -> Found:
    seen: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key and key in seen:
            sentence = f"{table.capitalize()} {seen[key] + 1} has the {name} “{key}” already."
            yield (table, index, name), sentence
        seen.setdefault(key, index)


WITNESSED = ("bedside_check", "product_check", "residual")
"""Kinds that no process leaves to one person: whose it is, who gets which syringe, what was destroyed (domain 2.3)."""


def _step(step: Step) -> Found:
    here: Path = ("step", step.number - 1)
    kind = KINDS.get(step.kind)
    if kind is None:
        yield (*here, "kind"), f"There is no step kind “{step.kind[:60]}”.{meant(step.kind, KINDS)}"
        return
    names = {fact.name for fact in facts_in(step)}
    for name in sorted(step.required_facts - names):
        yield (
            (*here, "required_facts"),
            f"A step of kind {step.kind} has no fact “{name[:60]}”.{meant(name, names)}",
        )
    if step.kind in WITNESSED and not step.second_person:
        yield (*here, "second_person"), f"A step of kind {step.kind} is done by two people: write verify."
    if step.phase != TESTING:
        for name in ("late", "due_days"):
            if getattr(step, name):
                yield (*here, name), "Only a step of the phase testing can have this."
    if step.equipment and not any(fact.type is FactType.EQUIPMENT for fact in facts_in(step)):
        yield (*here, "equipment"), f"A step of kind {step.kind} names no equipment."
    if step.blind and not any(can_be_asked_again(fact) for fact in facts_in(step)):
        sentence = (
            f"Nothing of a step of kind {step.kind} can be compared when it is entered again: write verify."
        )
        yield (*here, "second_person"), sentence
    yield from _question(step, here)
    for name, limit in step.limits.items():
        yield from _limit_of_step(step, kind, name, limit, (*here, "limits", name))


def _question(step: Step, here: Path) -> Found:
    asks, is_reading = step.asks, step.kind == Observation.kind
    if is_reading != (asks is not None):
        yield (*here, "asks"), f"A step of kind {Observation.kind} says what is read, and no other step does."
    if asks is None:
        return
    if asks.type == "choice" and len(asks.choices) < 2:
        yield (*here, "asks", "choices"), "A choice has two choices or more."
    if asks.type != "choice" and asks.choices:
        yield (*here, "asks", "choices"), f"A {asks.type} has no choices."
    if asks.type != "number" and asks.unit:
        yield (*here, "asks", "unit"), f"A {asks.type} has no unit."


def _limit_of_step(step: Step, kind: type[Entry], name: str, limit: Limit, here: Path) -> Found:
    asked = {fact.name: fact.unit for fact in facts_in(step)}
    parameters = (item for item in parameters_of(step.kind) if item.name.partition(".")[0] in asked)
    known = {item.name: item.unit or asked.get(item.name, "") for item in parameters}
    if name not in known and name not in kind.derived_keys:
        every = (*known, *kind.derived_keys)
        sentence = f"A step of kind {step.kind} has no number “{name[:60]}”.{meant(name, every)}"
        yield here, sentence
        return
    yield from _limit(limit, here)
    if name in known:
        yield from _unit(limit, known[name], here)
        judged = [] if "." not in name else ["alert", "acceptance"]
        reason = "The rows of a step are not judged: use hard and soft."
    else:
        judged = ["hard", "soft"]
        reason = "This number is computed and never typed: use alert and acceptance."
    for which in judged:
        if getattr(limit, which) != OPEN:
            yield (*here, which), reason


def _unit(limit: Limit, unit: str, here: Path) -> Found:
    if limit.unit == unit:
        return
    if not limit.unit:
        yield here, f'The unit is missing: write unit = "{unit}".'
    else:
        is_in = f"in {unit}" if unit else "without a unit"
        yield (*here, "unit"), f"This number is recorded {is_in}, not in {limit.unit}."


def _limit(limit: Limit, here: Path) -> Found:
    """Whether the ranges lie within each other; an open end is no end."""
    for inner, outer in _WITHIN:
        for end in _wider(getattr(limit, inner), getattr(limit, outer)):
            sentence = f"The {inner} range is wider than the {outer} range: its {end}."
            yield (*here, inner), sentence
    if limit.target is not None:
        for name in ("hard", "soft", "alert", "acceptance"):
            if list(_wider((limit.target, limit.target), getattr(limit, name))):
                yield (*here, "target"), f"The target {plain(limit.target)} is outside the {name} range."


def _wider(inner: Bounds, outer: Bounds) -> Iterator[str]:
    if inner[0] is not None and outer[0] is not None and inner[0] < outer[0]:
        yield f"lower end {plain(inner[0])} is below {plain(outer[0])}"
    if inner[1] is not None and outer[1] is not None and inner[1] > outer[1]:
        yield f"upper end {plain(inner[1])} is above {plain(outer[1])}"
    if inner[0] is not None and outer[1] is not None and inner[0] > outer[1]:
        yield f"lower end {plain(inner[0])} is above {plain(outer[1])}"
    if inner[1] is not None and outer[0] is not None and inner[1] < outer[0]:
        yield f"upper end {plain(inner[1])} is below {plain(outer[0])}"


def _order_of_phases(process: Process) -> Found:
    given = sampled = False
    for step in process.steps:
        here: Path = ("step", step.number - 1)
        given = given or step.phase == ADMINISTRATION
        if step.phase == PROCESSING and given:
            yield (
                (*here, "phase"),
                "This step of the processing comes after one of the administration, and so after the release.",
            )
        if step.phase == TESTING and not sampled:
            yield (*here, "phase"), "A test has a sample: put a step of kind sample before it."
        sampled = sampled or step.kind == Sample.kind


def _results(process: Process) -> Found:
    for index, spec in enumerate(process.results):
        here: Path = ("result", index)
        if spec.key not in RESULT_UNITS:
            yield (
                (*here, "key"),
                f"There is no result “{spec.key[:60]}”.{meant(spec.key, RESULT_UNITS)}",
            )
            continue
        yield from _unit(spec.limit, RESULT_UNITS[spec.key], (*here, "limit"))
        yield from _limit(spec.limit, (*here, "limit"))
        for which in ("hard", "soft"):
            if getattr(spec.limit, which) != OPEN:
                yield (
                    (*here, "limit", which),
                    "A result is computed and never typed: use alert and acceptance.",
                )


def _yields(process: Process) -> Found:
    steps = {step.key: step for step in process.steps}
    for item in fields(process.yields):
        name, here = getattr(process.yields, item.name), ("yield", item.name)
        if not name:
            continue
        key, _, fact = name.partition(".")
        if key not in steps:
            yield here, f"There is no step “{key[:60]}”.{meant(key, steps)}"
        elif steps[key].kind in KINDS:
            yield from _yield_fact(item.name, KINDS[steps[key].kind], key, fact, here)


def _yield_fact(name: str, kind: type[Entry], key: str, fact: str, here: Path) -> Found:
    if name.startswith(_COUNT):
        if fact or "concentration_per_ml" not in kind.derived_keys:
            yield here, f"Name a step that counts cells, by its key alone; {key} is of kind {kind.kind}."
        return
    numbers = {item.name: item.unit for item in facts_of(kind) if item.type is FactType.NUMBER}
    if fact not in numbers:
        sentence = (
            f"Write step.fact: a step of kind {kind.kind} has no number “{fact[:60]}”.{meant(fact, numbers)}"
        )
        yield here, sentence
        return
    wanted = next((unit for word, unit in _YIELD_UNITS.items() if name.startswith(word)), numbers[fact])
    if numbers[fact] != wanted:
        yield here, f"This is in {numbers[fact] or 'no unit'}, and {wanted} is needed."


def _time_limits(process: Process) -> Found:
    numbers = {step.key: step.number for step in process.steps}
    seen: set[tuple[str, str]] = set()
    for index, limit in enumerate(process.time_limits):
        here: Path = ("time_limit", index)
        for name, key in (("from", limit.start), ("to", limit.end)):
            if key not in numbers:
                yield (*here, name), f"There is no step “{key[:60]}”.{meant(key, numbers)}"
        if limit.start in numbers and limit.end in numbers:
            if numbers[limit.end] <= numbers[limit.start]:
                yield (*here, "to"), f"{limit.end} does not come after {limit.start}: time only goes forward."
            if (limit.start, limit.end) in seen:
                yield (*here, "to"), f"There is a time limit from {limit.start} to {limit.end} already."
            seen.add((limit.start, limit.end))
        least, most = limit.min_min, limit.max_min
        if least is None and most is None:
            yield here, "A time limit has max_min, min_min or both."
        for name, minutes in (("min_min", least), ("max_min", most)):
            if minutes is not None and minutes < 0:
                yield (*here, name), "Minutes cannot be negative."
            if minutes is not None and minutes > LONGEST_H * 60:
                yield (*here, name), f"This is at most {LONGEST_H * 60} min, ten years."
        if least is not None and most is not None and least > most:
            yield (*here, "min_min"), f"This is longer than max_min, {plain(most)} min."
