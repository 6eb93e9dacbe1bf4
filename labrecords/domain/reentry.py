"""Blind re-entry: a second person enters the values of a step again without seeing them (EU GMP Annex 11 section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labrecords.domain.codes import normalise
from labrecords.domain.entries import VERIFIED, Entry
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Reentry

_AGAIN = (FactType.NUMBER, FactType.WHOLE, FactType.CODE, FactType.DATE)


def asked_again(entry: Entry) -> tuple[Fact, ...]:
    """The facts of an entry that are entered a second time: its numbers, codes and days that were answered."""
    return tuple(
        fact
        for fact in facts_of(type(entry))
        if fact.type in _AGAIN and getattr(entry, fact.name) is not None
    )


def differences(entry: Entry, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the facts that were entered otherwise the second time. 60 and 60.0 are the same reading here."""
    return tuple(
        fact.name
        for fact in asked_again(entry)
        if _compared(fact, getattr(entry, fact.name)) != _compared(fact, values.get(fact.name))
    )


def _compared(fact: Fact, value: Any) -> Any:
    if value is None:
        return None
    if fact.type is FactType.CODE:
        return normalise(value)
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
    entry = next(item for item in record.entries if item.id == again.entry_id)
    names = {fact.name: fact.label.lower() for fact in facts_of(type(entry))}
    listed = "; ".join(
        f"{names[name]}: {_first(entry, name)}, then {again.typed.get(name) or 'nothing'}"
        for name in again.differs
    )
    sentence = (
        f"{step.title}: entered otherwise by {record.name(again.person_id)} without seeing it: {listed}."
    )
    return Finding("blind entry", Severity.EXCEPTION, sentence, step.key, again.recorded_at, entry.id)


def _first(entry: Entry, name: str) -> str:
    return entry.as_entered.get(name) or str(getattr(entry, name))
