"""The parameters of a step kind: what a process definition can set limits for, and in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import KINDS, facts_in
from labrecords.domain.processes.process import Step
from labrecords.domain.values.typography import mid_sentence

_UNIT = re.compile("(?<!_per)_(ml|g|h|min|percent)$")
"""What stands at the end of the name of a computed value for its unit, which is printed beside it."""
NUMBERS = (FactType.NUMBER, FactType.WHOLE)


@dataclass(frozen=True)
class Parameter:
    """A number of a step, recorded or computed. `name` is what a definition writes: "draws.volume_ml"."""

    name: str
    label: str
    unit: str
    computed: bool = False


@cache
def parameters_of(kind: str) -> tuple[Parameter, ...]:
    """Every number that a step of this kind records, rows included, in the order in which it is asked."""
    found = []
    for fact in facts_of(KINDS[kind]) if kind in KINDS else ():
        if fact.type in NUMBERS:
            found.append(Parameter(fact.name, fact.label, fact.unit))
        elif fact.type is FactType.ROWS and fact.row is not None:
            found += [
                Parameter(
                    f"{fact.name}.{column.name}", f"{fact.label}: {mid_sentence(column.label)}", column.unit
                )
                for column in facts_of(fact.row)
                if column.type in NUMBERS
            ]
    return tuple(found)


def parameter_label(kind: str, name: str) -> str:
    """The label of a parameter; of a computed value its name in words."""
    known = {parameter.name: parameter.label for parameter in parameters_of(kind)}
    return known.get(name) or _UNIT.sub("", name).replace("_", " ").capitalize()


def label_in(step: Step, name: str) -> str:
    """The label of a parameter in a step of a process: that of the question, where the process asks one."""
    asked = {fact.name: fact.label for fact in facts_in(step)} if step.kind in KINDS else {}
    return asked.get(name) or parameter_label(step.kind, name)


def optional_facts(kind: str) -> tuple[Fact, ...]:
    """The facts that a step of this kind may leave empty, and that a definition can require."""
    return tuple(
        fact
        for fact in (facts_of(KINDS[kind]) if kind in KINDS else ())
        if not fact.required and not fact.one_of
    )
