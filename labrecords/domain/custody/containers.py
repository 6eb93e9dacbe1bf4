"""Which container holds the material at which step: the one of the harvest until a step fills another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.entries import Stop
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


def container_at(record: BatchRecord, step_key: str) -> str | None:
    """Code of the container that holds the material before the given step, or None before the harvest."""
    holding = None
    for step in record.process.steps:
        if step.key == step_key:
            break
        entry = record.current(step.key)
        holding = (entry.holds() if entry else None) or holding
    return holding


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
