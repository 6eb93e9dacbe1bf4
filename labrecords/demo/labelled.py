"""A container of a run gets its id from the system, and a label that is printed, applied and scanned back."""

from __future__ import annotations

from collections.abc import Mapping

from labrecords.actions.door import BatchRef
from labrecords.actions.labels import (
    account_for_labels,
    give_container_id,
    print_labels,
    scan_label_back,
)
from labrecords.demo.cast import Cast
from labrecords.demo.clock import PlayedClock
from labrecords.domain.labels.prints import APPLIED
from labrecords.domain.record import BatchRecord

FIRST_COPY = 1


def give_id(cast: Cast, record: BatchRecord) -> str:
    """The next id of the laboratory, for a container of this batch."""
    return give_container_id(cast.by("tess"), batch=BatchRef(record.batch.id))


def label(cast: Cast, clock: PlayedClock, record: BatchRecord, code: str, said: Mapping[str, str]) -> None:
    """The technician prints one label and applies it; the second operator scans it on the container.

    `said` names kind, stock and storage of the label.
    """
    batch, tess = BatchRef(record.batch.id), "tess"
    print_id = print_labels(
        cast.by(tess),
        batch=batch,
        code=code,
        kind=said["kind"],
        stock=said["stock"],
        copies=1,
        storage=said["storage"],
        reason="",
    )
    clock.tick(1)
    account_for_labels(cast.by(tess), batch=batch, print_id=print_id, fates={FIRST_COPY: APPLIED}, note="")
    clock.tick(1)
    read = f"{code}.{FIRST_COPY}"
    scan_label_back(cast.by("vic"), batch=batch, print_id=print_id, copy=FIRST_COPY, read=read)
