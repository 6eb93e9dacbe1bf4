"""Acts of custody that no process can foresee: recorded at any time, and numbered on after the steps of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.processes.process import Step

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

HANDOVER, REFUSAL = "handover", "refusal"


def next_act(record: BatchRecord, kind: str) -> Step:
    """The act of custody of this kind that can be recorded now."""
    last = record.acts[-1].number - len(record.process.steps) if record.acts else 0
    return record.process.step(f"{kind}-{last + 1}")


def can_be_open(record: BatchRecord, step: Step) -> bool:
    """Whether there is such a step in this batch: one of its process, a recorded act of custody, or the next one."""
    return step.planned or step in (*record.acts, next_act(record, step.kind))


def opened(record: BatchRecord, step: Step) -> Step | None:
    """The step as it can be opened in this batch, or None where there is no such step yet.

    Where somebody recorded another act under its number meanwhile, it is the next one: nothing that was typed is lost.
    """
    if can_be_open(record, step):
        return step
    following = next_act(record, step.kind)
    return following if step.number < following.number else None


def receiving_step(record: BatchRecord) -> Step:
    """Where what is offered is received: the hand-over whose turn it is in the process, or else one beside it."""
    step = record.next_step()
    return step if step and step.kind == HANDOVER else next_act(record, HANDOVER)
