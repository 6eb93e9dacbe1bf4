"""What a sealed document does not show, being recorded after it: the file is genuine, and superseded (P11-70)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.attachments import withdrawal_of
from labrecords.domain.processes.process import ADMINISTRATION, AFTER
from labrecords.domain.review.decisions import SEALED, changed_after, results_after
from labrecords.domain.status import recorded_after
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.review.issues import Issue

LATE_RESULT = "the result of a late test"


def newest_sealed(record: BatchRecord) -> Issue | None:
    """The newest document of the batch that was sealed, or None."""
    ends = ((issue, record.ending(issue)) for issue in reversed(record.issues))
    return next((issue for issue, end in ends if end and end.outcome == SEALED), None)


def lacking(record: BatchRecord, cause_id: str) -> tuple[str, ...]:
    """What was recorded after the decision or closure that caused a document, as parts of a sentence."""
    decision = next((item for item in record.decisions if item.id == cause_id), None)
    if decision:
        changed, at = changed_after(record, decision), decision.decided_at
    else:
        at = next(item.closed_at for item in record.closures if item.id == cause_id)
        changed = recorded_after(record, at)
    found = ["an entry about a step"] if changed else []
    if results_after(record, at):
        found.append(LATE_RESULT)
    found += known_after(record, at)
    return (*found, *files_after(record, cause_id))


def known_after(record: BatchRecord, at: datetime) -> list[str]:
    """What became known after an instant, as parts of a sentence: recalls, who was told, adverse events."""
    found = []
    for one in record.recalls:
        if one.recall.recalled_at > at:
            found.append(f"the recall of {one.recall.words}")
        if one.end is not None and one.end.ended_at > at:
            found.append(f"the end of the recall of {one.recall.words}")
    words = [item.recorded_at for item in record.notices] + [item.recorded_at for item in record.receipts]
    if any(instant > at for instant in words):
        found.append("who was told")
    patient = {step.key: step.title for step in record.acts if step.phase == AFTER}
    about = {entry.step_key for entry in record.entries if entry.recorded_at > at}
    found += [
        f"{mid_sentence(title)} {key.rpartition('-')[2]}" for key, title in patient.items() if key in about
    ]
    return found


def files_after(record: BatchRecord, cause_id: str) -> tuple[str, ...]:
    """The files attached, or withdrawn, after the decision or closure that caused a document, as parts of a sentence.

    The administration comes after a decision, and its own document after it: its files are not missing before.
    """
    at, closed = _caused_at(record, cause_id), {item.id for item in record.closures}
    found = []
    for item in record.attachments:
        step, gone = record.process.step(item.step_key), withdrawal_of(record, item)
        words = f"the file {item.name} at step {step.number}"
        if cause_id not in closed and step.phase == ADMINISTRATION:
            continue
        if item.added_at > at:
            found.append(words)
        elif gone and gone.withdrawn_at > at:
            found.append(f"that {words} was withdrawn")
    return tuple(found)


def outdated(record: BatchRecord) -> tuple[str, ...]:
    """What the newest sealed document lacks; empty where it shows all, or where there is none."""
    issue = newest_sealed(record)
    return lacking(record, issue.cause_id) if issue else ()


def renewable(record: BatchRecord) -> bool:
    """Whether the newest sealed document lacks a file or what became known: its cause may be signed once more then."""
    issue = newest_sealed(record)
    if issue is None:
        return False
    return bool(
        files_after(record, issue.cause_id) or known_after(record, _caused_at(record, issue.cause_id))
    )


def _caused_at(record: BatchRecord, cause_id: str) -> datetime:
    causes = {item.id: item.decided_at for item in record.decisions}
    return (causes | {item.id: item.closed_at for item in record.closures})[cause_id]
