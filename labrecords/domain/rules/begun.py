"""An act that is only begun: what already speaks against it, before it is done and its step is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labrecords.domain.custody.mixups import lock_stops
from labrecords.domain.custody.recalls import product_stops, recalled_things
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.processes.specified import specified_stops
from labrecords.domain.registers.equipment import equipment_stops
from labrecords.domain.registers.lots import lot_stops
from labrecords.domain.registers.materials import Material, expired_lots, named_materials
from labrecords.domain.registers.training import training_stops

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

REGISTER_RULES = (equipment_stops, expired_lots, lot_stops, specified_stops, training_stops)
"""The rules about who acts and what with: they ask for no time of the act but the day, and hold while it is begun."""
NOT_STATED = (TypeError, AttributeError, LookupError, ArithmeticError, ValueError)
"""How a rule fails that needs a fact which is not stated yet."""


def act_so_far(
    kind: type[Entry],
    stated: Mapping[str, Any],
    *,
    batch_id: str,
    step_key: str,
    performed_by: str,
    recorded_by: str,
    performed_at: datetime,
    now: datetime,
    replaces_id: str | None = None,
) -> Entry:
    """The entry that would be recorded now. What is not stated is None; rows that lack a column are left out.

    `replaces_id` is the id of the version that it would correct.
    """
    facts: dict[str, Any] = {
        fact.name: _whole_rows(stated.get(fact.name) or ())
        if fact.type is FactType.ROWS
        else stated.get(fact.name)
        for fact in facts_of(kind)
    }
    return kind(
        id="",
        batch_id=batch_id,
        step_key=step_key,
        performed_by=performed_by,
        recorded_by=recorded_by,
        performed_at=performed_at,
        recorded_at=now,
        replaces_id=replaces_id,
        **facts,
    )


def stops_so_far(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Why an act must not go on, as far as it is stated: the rules of findings.stops_of but order and time limits.

    A rule that needs what is not stated yet says nothing; once all is stated, its failure is a fault of ours.
    Nor is a critical stop said here, such as the code of another patient: it has a page of its own, which
    leaves an event. A lock or recall is said all the same: it needs no fact of the act.
    """
    locked = (*lock_stops(record, entry), *product_stops(record, entry))
    found: list[Stop] = []
    for rule in (*REGISTER_RULES, recalled_things, _of_its_kind):
        try:
            found += rule(record, entry)
        except NOT_STATED:
            if not _unstated(entry):
                raise
    return tuple(dict.fromkeys((*locked, *(stop for stop in found if not stop.critical))))


def materials_so_far(entry: Entry) -> tuple[Material, ...]:
    """The materials that are named so far; none while they follow from what is not stated yet."""
    try:
        return named_materials(entry)
    except NOT_STATED:
        if not _unstated(entry):
            raise
        return ()


def _unstated(entry: Entry) -> list[str]:
    """The required facts that are not stated yet, and who performs the act, where nobody is named."""
    required = [fact.name for fact in facts_of(type(entry)) if fact.required]
    return [name for name in (*required, "performed_by") if getattr(entry, name) in (None, "", ())]


def _of_its_kind(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """The stops of the kind itself, once its questions are answered: a blank is no "no"."""
    asked = {fact.name for fact in facts_of(type(entry)) if fact.type in (FactType.YESNO, FactType.ROWS)}
    return () if asked.intersection(_unstated(entry)) else entry.stops(record)


def _whole_rows(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        row
        for row in rows
        if all(getattr(row, column.name) is not None for column in facts_of(type(row)) if column.required)
    )
