"""What a correction changes beyond the value itself: numbers that follow, and signatures that fall (domain 6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.results.results import results
from labrecords.domain.review.decisions import standing_decision
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import closed

if TYPE_CHECKING:
    from labrecords.domain.calculations.derived import Derived
    from labrecords.domain.record import BatchRecord

MISTAKES = ("misread", "typed wrongly", "wrong unit", "wrong item", "left out", "known only later", "other")
"""The list from which the cause of a correction is chosen, before it is told in words."""


@dataclass(frozen=True)
class Recalculated:
    """A number that follows from what is corrected, as reported before and after; "no result" where there is none."""

    where: str
    label: str
    before: str
    after: str
    unit: str


@dataclass(frozen=True)
class Impact:
    recalculated: tuple[Recalculated, ...]
    falling: tuple[str, ...]
    """Signatures that no longer hold, each as a sentence."""
    brought_up: tuple[str, ...]
    """What stands in the way of release because of the correction."""

    def __bool__(self) -> bool:
        return bool(self.recalculated or self.falling or self.brought_up)

    @property
    def digest(self) -> str:
        """What somebody accepts who was shown this: anything that changes it meanwhile is shown anew."""
        numbers = [[item.where, item.label, item.before, item.after] for item in self.recalculated]
        return sha256_hex(canonical_bytes([numbers, list(self.falling), list(self.brought_up)]))


def impact(before: BatchRecord, after: BatchRecord, step_key: str) -> Impact:
    """What follows from the newest version of a step: the record without it, and the record with it."""
    return Impact(_recalculated(before, after), _falling(before, after, step_key), _brought_up(before, after))


def _recalculated(before: BatchRecord, after: BatchRecord) -> tuple[Recalculated, ...]:
    old, new = _numbers(before), _numbers(after)
    return tuple(
        Recalculated(
            where=where,
            label=(new.get(key) or old[key]).label,
            before=old[key].reported if key in old else "no result",
            after=new[key].reported if key in new else "no result",
            unit=(new.get(key) or old[key]).unit,
        )
        for key in {**old, **new}
        if _reported(old, key) != _reported(new, key)
        for where in (key[0],)
    )


def _reported(numbers: Mapping[tuple[str, str], Derived], key: tuple[str, str]) -> tuple[str, str] | None:
    return (numbers[key].reported, str(numbers[key].value)) if key in numbers else None


def _numbers(record: BatchRecord) -> dict[tuple[str, str], Derived]:
    """Every computed number of a record by where it stands and its key."""
    found: dict[tuple[str, str], Derived] = {}
    for entry in record.current_entries():
        where = f"Step {record.process.step(entry.step_key).number}"
        found |= {(where, derived.key): derived for derived in record.derived(entry)}
    return found | {("Batch", key): derived for key, derived in results(record).items()}


def _falling(before: BatchRecord, after: BatchRecord, step_key: str) -> tuple[str, ...]:
    old, number = before.current(step_key), before.process.step(step_key).number
    fallen = [
        f"Step {number}, {item.act} by {before.name(item.person_id)}: has to be signed anew."
        for item in (before.confirmations_of(old) if old else ())
    ]
    decision = standing_decision(before)
    if decision and standing_decision(after) is None:
        fallen.append(
            f"The decision “{decision.decision}” by {before.name(decision.person_id)} no longer stands."
        )
    if closed(before) and not closed(after):
        closure = before.closures[-1]
        fallen.append(f"The closure by {before.name(closure.person_id)} no longer stands.")
    return tuple(fallen)


def _brought_up(before: BatchRecord, after: BatchRecord) -> tuple[str, ...]:
    known = {finding.sentence for finding in findings(before)}
    return tuple(
        finding.sentence
        for finding in findings(after)
        if finding.severity >= Severity.BLOCKING and finding.sentence not in known
    )
