"""What is kept back from whoever may still enter the values of a step again, and must not have seen them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from labrecords.domain.custody.label_overs import unread_codes
from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.reentry import asked_again, kept_back
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.finding import Finding
from labrecords.domain.values.codes import normalise

KEPT_BACK = "Kept back until the second entry."
TELLS_NOTHING = (
    "missing step",
    "not verified",
    "not attested",
    "not given",
    "not received",
    "not done",
    "late entry",
    "late confirmation",
    "own work verified",
)
"""Rules whose sentences hold no value of a step."""
FOLLOWS = ("out of limits", "alert", "balance", "volume balance", "investigate", "methods differ")
"""Rules whose sentences may hold a number that follows from the value of another step."""
NOT_SEEN_YET = Blocker(
    "kept back",
    "The values of this step are entered a second time by somebody who has not seen them.",
    "Enter it again first; until then only those who recorded it change it, or open its files.",
)

SaidT = TypeVar("SaidT", Finding, Blocker)
EntryT = TypeVar("EntryT", bound=Any)


def unseen_steps(record: BatchRecord, person_id: str) -> frozenset[str]:
    """Keys of the steps whose values this person is not shown: who wrote or performed the entry knows them."""
    return frozenset(
        entry.step_key
        for entry in record.current_entries()
        if kept_back(record, entry) and not any(record.same_human(one, person_id) for one in entry.hands())
    )


def numbers_unseen(record: BatchRecord, keys: Iterable[str]) -> bool:
    """Whether one of these steps holds a number: only from such a one a result or a balance can follow."""
    entries = [entry for key in keys if (entry := record.current(key))]
    return any(
        item.fact.type in (FactType.NUMBER, FactType.WHOLE)
        for entry in entries
        for item in asked_again(entry, record.process.step(entry.step_key))
    )


def kept_back_steps(record: BatchRecord) -> frozenset[str]:
    """Keys of the steps that somebody has still to enter without seeing them."""
    return frozenset(entry.step_key for entry in record.current_entries() if kept_back(record, entry))


def unseen_codes(record: BatchRecord, person_id: str) -> dict[str, str]:
    """Each new code of a label over that this person has still to read, as codes are compared, with the words that
    stand for it until then."""
    found: dict[str, str] = {}
    for key in unseen_steps(record, person_id):
        both = [over for version in record.history(key) if (over := version.labels_over())]
        for _, new in both:
            found[normalise(new)] = unread_codes(record).get(
                normalise(both[-1][1]), f"{both[-1][0]} (new label)"
            )
    return found


def as_seen_by(record: BatchRecord, person_id: str) -> BatchRecord:
    """The record with words in place of the codes that this person has still to read, wherever an act names them.

    The chain of custody, what each container holds and every rule stay as they are: all acts name it alike.
    """
    hidden = unseen_codes(record, person_id)
    if not hidden:
        return record
    return replace(record, entries=tuple(_without(entry, hidden) for entry in record.entries))


def _without(act: EntryT, hidden: Mapping[str, str]) -> EntryT:
    """An act, or a row of it, with the words in place of these codes."""
    changed: dict[str, Any] = {}
    for fact in facts_of(type(act)):
        value = getattr(act, fact.name)
        if fact.row is not None:
            rows = tuple(_without(row, hidden) for row in value or ())
            changed |= {fact.name: rows} if rows != (value or ()) else {}
        elif fact.type is FactType.CODE and value and (words := hidden.get(normalise(value))):
            changed[fact.name] = words
    if not changed:
        return act
    if isinstance(act, Entry):
        changed["as_entered"] = {name: text for name, text in act.as_entered.items() if name not in changed}
    return replace(act, **changed)


def may_go_on(record: BatchRecord, entry: Entry, person_id: str) -> bool:
    """Whether this person may open what was recorded in order to change it: not before they entered it themselves."""
    if any(record.same_human(again.person_id, person_id) for again in record.reentries_of(entry)):
        return True
    return entry.step_key not in unseen_steps(record, person_id)


def veiled(items: Iterable[SaidT], unseen: frozenset[str], numbers: bool) -> tuple[SaidT, ...]:
    """Findings or blockers, without the sentences that could tell a value of an unseen step. `numbers`: whether one of
    these steps holds a number (`numbers_unseen`)."""

    def tells(item: SaidT) -> bool:
        follows = numbers and item.rule in FOLLOWS
        return follows or (item.step_key in unseen and item.rule not in TELLS_NOTHING)

    return tuple(
        replace(item, sentence=f"{item.rule.capitalize()}: {KEPT_BACK.lower()}")
        if unseen and tells(item)
        else item
        for item in items
    )
