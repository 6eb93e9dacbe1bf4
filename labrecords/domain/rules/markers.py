"""How old the infectious markers of the order are at the harvest (domain B1: at most 30 days, or not tested).

For the patient's own cells an older result stops nothing (21 CFR 1271.90(a)(1)): it is said and shown to the reviewer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry
from labrecords.domain.results.remark import Remark
from labrecords.domain.steps.order import Order

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

RULE = "infectious markers"
VALID_DAYS = 30
"""For so many days before the harvest a result counts."""
_WAY_OUT = "It stops nothing, for the cells are the patient's own. Test the patient again, or leave it to the review."


def marker_remarks(record: BatchRecord, harvest: Entry) -> tuple[Remark, ...]:
    """That the markers were tested too long before this harvest; nothing where no day of a test is stated."""
    day = record.day_of(harvest.began_at() or harvest.performed_at)
    return tuple(
        Remark(
            RULE,
            f"The infectious markers were tested on {order.markers_tested_on}, {age} days before the harvest: "
            f"more than {VALID_DAYS} days.",
            _WAY_OUT,
        )
        for order in record.of_kind(Order)
        if order.markers_tested_on and (age := (day - order.markers_tested_on).days) > VALID_DAYS
    )
