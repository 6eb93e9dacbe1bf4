"""The codes that a batch carries: its number and identities, its order, and every container and sample in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from labrecords.domain.facts import stated_in
from labrecords.domain.steps.order import Order
from labrecords.domain.values.codes import normalise

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

NUMBER, IDENTITY, PATIENT, ORDER, CONTAINER = "number", "identity", "patient", "order", "container"
LONGEST = 200
"""What people type may be longer than a database compares quickly; nothing differs only beyond so much."""


def carried_codes(record: BatchRecord) -> frozenset[tuple[str, str]]:
    """Kind and code, as it is compared, of everything that leads to this batch.

    What was corrected since counts too: labels may be older. An id counts from the moment it is given out.
    """
    found = [
        (NUMBER, record.batch.number),
        (IDENTITY, record.batch.identity_code),
        (PATIENT, record.batch.patient_code),
        *((ORDER, order.code) for order in record.orders),
        *((ORDER, entry.order_code) for entry in record.entries if isinstance(entry, Order)),
        *((CONTAINER, item.code) for item in record.container_ids),
        *((CONTAINER, code) for entry in record.entries for _, code in put_on(entry)),
    ]
    bare = ((kind, normalise(code)[:LONGEST]) for kind, code in found)
    return frozenset((kind, code) for kind, code in bare if code)


def put_on(act: object) -> Iterator[tuple[str, str]]:
    """The codes that an act, or a row of it, puts on containers and samples, each with the name of its fact."""
    return ((fact.name, value) for fact, value in stated_in(act) if fact.new and value)
