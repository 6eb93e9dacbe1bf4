"""Who judges a batch did no part of the work on it (21 CFR 211.22; domain 2.2).

Comparing the label of a container with its batch is no work on the product: the check before the release belongs to who
releases. Nor is receiving and keeping what is given to quality assurance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labrecords.domain.once import once
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.offer import Offer
from labrecords.domain.steps.product_check import ProductCheck
from labrecords.domain.steps.storage import Storage

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

_NO_WORK = (ProductCheck, Handover, Offer, Storage)
"""Acts at any time by which the product stays as it is. Who gave it away did a part of the work all the same."""


def worked_on(record: BatchRecord, person_id: str) -> bool:
    """Whether this person did a part of the work that is judged, with whichever account."""
    return any(record.same_human(known, person_id) for known in _workers(record))


@once
def _workers(record: BatchRecord) -> frozenset[str]:
    beside = [
        entry
        for entry in record.entries
        if isinstance(entry, _NO_WORK) and not record.process.step(entry.step_key).planned
    ]
    ids = {entry.id for entry in beside}
    work = replace(
        record,
        entries=tuple(entry for entry in record.entries if entry.id not in ids),
        confirmations=tuple(item for item in record.confirmations if item.entry_id not in ids),
        reentries=tuple(item for item in record.reentries if item.entry_id not in ids),
    )
    givers = {entry.giver for entry in beside if isinstance(entry, Handover)}
    givers |= {entry.performed_by for entry in beside if isinstance(entry, Offer)}
    return work.participants() | givers
