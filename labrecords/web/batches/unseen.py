"""What is kept back from whoever may still enter the values of a step again, and must not have seen them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from labrecords.domain.entries import Entry
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.reentry import kept_back
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.finding import Finding

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


def unseen_steps(record: BatchRecord, person_id: str) -> frozenset[str]:
    """Keys of the steps whose values this person is not shown: who wrote or performed the entry knows them."""
    return frozenset(
        entry.step_key
        for entry in record.current_entries()
        if kept_back(record, entry) and not any(record.same_human(one, person_id) for one in entry.hands())
    )


def may_go_on(record: BatchRecord, entry: Entry, person_id: str) -> bool:
    """Whether this person may open what was recorded in order to change it: not before they entered it themselves."""
    if any(record.same_human(again.person_id, person_id) for again in record.reentries_of(entry)):
        return True
    return entry.step_key not in unseen_steps(record, person_id)


def veiled(items: Iterable[SaidT], unseen: frozenset[str]) -> tuple[SaidT, ...]:
    """Findings or blockers, without the sentences that could tell a value of an unseen step."""

    def tells(item: SaidT) -> bool:
        return item.rule in FOLLOWS or (item.step_key in unseen and item.rule not in TELLS_NOTHING)

    return tuple(
        replace(item, sentence=f"{item.rule.capitalize()}: {KEPT_BACK.lower()}")
        if unseen and tells(item)
        else item
        for item in items
    )
