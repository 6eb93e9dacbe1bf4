"""The entries of a step's form as the page shows them: each with its limit, unit, echo and verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import facts_in
from labrecords.domain.processes.process import Step
from labrecords.domain.values.limits import Limit
from labrecords.web.steps.forms import StepForm
from labrecords.web.steps.judge import Cell, Judged


@dataclass(frozen=True)
class EntryLine:
    """One entry of the form. `reason` is the entry for why its value is unusual, once that was asked."""

    field: Any
    cell: Cell
    limit: Limit | None
    unit: str
    optional: bool
    reason: Any = None
    units: Mapping[str, str] = field(default_factory=dict)
    """The units of the columns, where the entry is a table."""


def lines_of(form: StepForm, step: Step, found: Judged) -> list[EntryLine]:
    """An entry for each fact that the step asks for, in its order."""
    lines = []
    for fact in facts_in(step):
        why = form._fields.get(f"{fact.name}-reason")
        lines.append(
            EntryLine(
                field=form[fact.name],
                cell=found.cells.get(fact.name, Cell()),
                limit=limit_beside(step, fact.name),
                unit=fact.unit,
                optional=not (
                    fact.required or fact.one_of or fact.private or fact.name in step.required_facts
                ),
                reason=why if why is not None and (why.errors or why.typed) else None,
                units={column.name: column.unit for column in facts_of(fact.row)} if fact.row else {},
            )
        )
    return lines


def limit_beside(step: Step, name: str) -> Limit | None:
    """The limit that is shown beside an entry; beside a table that of its first limited column."""
    in_table = (limit for key, limit in step.limits.items() if key.startswith(f"{name}."))
    return step.limits.get(name) or next(in_table, None)


def computes(kind: type[Entry]) -> bool:
    """Whether numbers follow from this kind of step that belong to no single entry of it."""
    return kind.derived is not Entry.derived and not any(fact.one_of for fact in facts_of(kind))


def asks_rows(kind: type[Entry], name: str) -> bool:
    """Whether this is the name of a table of entries."""
    return any(fact.name == name and fact.type is FactType.ROWS for fact in facts_of(kind))
