"""Blind re-entry: a second person enters the values of a step again without seeing them (EU GMP Annex 11 section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labrecords.domain.entries import VERIFIED, Entry
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values.codes import normalise
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.processes.process import Step
    from labrecords.domain.record import BatchRecord

_AGAIN = frozenset(
    {
        FactType.NUMBER,
        FactType.WHOLE,
        FactType.CODE,
        FactType.DATE,
        FactType.MOMENT,
        FactType.CHOICE,
        FactType.YESNO,
    }
)


@dataclass(frozen=True)
class Reentry:
    """The values of one version of an entry, entered again by a second person who did not see them."""

    id: str
    batch_id: str
    step_key: str
    entry_id: str
    person_id: str
    typed: Mapping[str, str]
    """For each fact that was asked again: the text as typed."""
    differs: tuple[str, ...]
    """Names of the facts that were entered otherwise; empty where both agree, and then it is also verified."""
    reason: str | None
    """Why it was entered once more, after a difference."""
    recorded_at: datetime


@dataclass(frozen=True)
class Again:
    """A value that is entered a second time: the fact as it is asked, and what was entered first."""

    fact: Fact
    first: Any
    first_typed: str

    @property
    def name(self) -> str:
        """The fact's name; a cell of a row is named ROWS-NUMBER-COLUMN."""
        return self.fact.name


def can_be_asked_again(fact: Fact) -> bool:
    """Whether two people who read the same enter the same: lot numbers do, words of one's own do not."""
    if fact.row is not None:
        return any(can_be_asked_again(column) for column in facts_of(fact.row))
    return fact.type in _AGAIN or (fact.type is FactType.TEXT and fact.name.rpartition("_")[2] == "lot")


def asked_again(entry: Entry, step: Step) -> tuple[Again, ...]:
    """The values of an entry that are entered a second time: those that were answered, cells of rows one by one."""
    found: list[Again] = []
    for fact in filter(can_be_asked_again, type(entry).asked(step)):
        value = getattr(entry, fact.name)
        if fact.row is not None:
            found += _cells(fact, value)
        elif value is not None:
            found.append(_again(fact, value, entry.as_entered.get(fact.name, "")))
    return tuple(found)


def _cells(fact: Fact, rows: tuple[Any, ...]) -> list[Again]:
    return [
        _again(
            replace(
                column,
                name=f"{fact.name}-{number}-{column.name}",
                label=f"{fact.label} {number}, {column.label}",
            ),
            value,
        )
        for number, row in enumerate(rows, start=1)
        for column in facts_of(type(row))
        if can_be_asked_again(column) and (value := getattr(row, column.name)) is not None
    ]


def _again(fact: Fact, value: Any, typed: str = "") -> Again:
    said = ("yes" if value else "no") if fact.type is FactType.YESNO else typed or str(value)
    return Again(replace(fact, required=True, one_of="", new=False), value, said)


def differences(entry: Entry, step: Step, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the facts that were entered otherwise the second time. 60 and 60.0 are the same reading here."""
    return tuple(
        item.name
        for item in asked_again(entry, step)
        if _compared(item.fact, item.first) != _compared(item.fact, values.get(item.name))
    )


def as_read_again(record: BatchRecord, entry: Entry) -> Entry:
    """An entry with the codes as the second person read them last, where they read others."""
    tries = record.reentries_of(entry)
    other: dict[str, Any] = {
        fact.name: tries[-1].typed[fact.name]
        for fact in facts_of(type(entry))
        if tries and fact.type is FactType.CODE and fact.name in tries[-1].differs
    }
    return replace(entry, **other)


def differing(record: BatchRecord, again: Reentry) -> tuple[tuple[str, str, str], ...]:
    """Label, first and second entry of each value in which the two differ."""
    entry = next(item for item in record.entries if item.id == again.entry_id)
    return tuple(
        (item.fact.label, item.first_typed, again.typed.get(item.name) or "nothing")
        for item in asked_again(entry, record.process.step(again.step_key))
        if item.name in again.differs
    )


def _compared(fact: Fact, value: Any) -> Any:
    if value is None:
        return None
    if fact.type in (FactType.CODE, FactType.TEXT):
        return normalise(value)
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return Decimal(value) if fact.type in (FactType.NUMBER, FactType.WHOLE) else value


def kept_back(record: BatchRecord, entry: Entry) -> bool:
    """Whether the values of an entry are not shown yet: the second person has still to enter them unseen."""
    if not record.process.step(entry.step_key).blind:
        return False
    return any(wanted.act == VERIFIED for wanted in record.outstanding(entry))


def of_reentry(record: BatchRecord, again: Reentry) -> Finding | None:
    """A second entry that differed stays a finding, also after the difference was resolved."""
    if not again.differs:
        return None
    step = record.process.step(again.step_key)
    listed = "; ".join(
        f"{mid_sentence(label)}: {first}, then {second}" for label, first, second in differing(record, again)
    )
    sentence = (
        f"{step.title}: entered otherwise by {record.name(again.person_id)} without seeing it: {listed}."
    )
    return Finding("blind entry", Severity.EXCEPTION, sentence, step.key, again.recorded_at, again.entry_id)
