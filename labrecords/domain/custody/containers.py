"""Which container holds the material at which step: the one of the harvest until a step fills another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.values import codes, times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


def container_at(record: BatchRecord, step_key: str) -> str | None:
    """Code of the container that holds the material before the given step, or None before the harvest.

    For an act of custody, which has no place in the order of steps: the one that holds it by the time of the act, or
    now where it is not recorded yet.
    """
    step, act = record.process.step(step_key), record.current(step_key)
    holding = None
    for earlier in record.process.steps:
        if earlier.key == step_key:
            break
        entry = record.current(earlier.key)
        if entry is None or not (filled := entry.holds()):
            continue
        if not step.ordered and act and times.minute(entry.performed_at) > times.minute(act.performed_at):
            break
        holding = filled
    return holding


def filled_by(record: BatchRecord, entry: Entry) -> tuple[str, str] | None:
    """From which container into which other one an act moved the material, or None where it stayed where it was."""
    origin, container = container_at(record, entry.step_key), entry.holds()
    if not origin or not container or codes.normalise(origin) == codes.normalise(container):
        return None
    return origin, container


def container_stop(record: BatchRecord, step_key: str, found: str) -> Stop | None:
    """A critical stop when the container is not the one that holds this batch's material; none while none is named."""
    expected = container_at(record, step_key)
    if expected is None or not found or codes.normalise(expected) == codes.normalise(found):
        return None
    return Stop(
        rule="identity",
        sentence=f"Wrong container: the material of this batch is in {expected}, and {found} was given.",
        way_out="Stop. Put the container aside, find the right one, and tell QA.",
        critical=True,
        expected=expected,
        found=found,
    )
