"""What was taken from the patient, marrow or fat. The chain of custody and the clock of the product begin there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.liposuction import Liposuction

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

Collection = Harvest | Liposuction


def collections(record: BatchRecord) -> tuple[Collection, ...]:
    """The harvests that count, of whatever tissue, in the order of the process."""
    return tuple(entry for entry in record.current_entries() if isinstance(entry, Collection))
