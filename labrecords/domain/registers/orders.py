"""The order for one therapy of a patient: from it a batch is opened, which keeps a copy (domain 2.1, 2.3 B1).

The order names the patient by the id of the pseudonym only. The copy travels with the record and its document, so that
what the order check states can be compared with it for as long as either is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

from labrecords.domain.steps.order import Target

LETTER = "T"
"""Every code of an order begins with it: a therapy."""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What is ordered. Volumes of targets in mL, doses in viable cells; `process_key` names the master record."""

    process_key: str
    indication: str
    indication_note: str | None
    targets: tuple[Target, ...]
    prescriber: str
    consent_version: str
    consent_date: date


@dataclass(frozen=True, kw_only=True)
class TherapyOrder(OrderFacts):
    """An order as it was written. It is never changed: it is withdrawn, and another one is written."""

    id: str
    patient_id: str
    code: str
    ordered_by: str
    ordered_at: datetime


@dataclass(frozen=True, kw_only=True)
class BatchOrder(OrderFacts):
    """The order that a batch was opened from, as part of the batch."""

    id: str
    batch_id: str
    order_id: str
    code: str
    ordered_by: str
    ordered_at: datetime


@dataclass(frozen=True)
class OrderWithdrawal:
    id: str
    order_id: str
    reason: str
    person_id: str
    withdrawn_at: datetime


def copy_of(order: TherapyOrder, new_id: str, batch_id: str) -> BatchOrder:
    """The part of a batch that says what was ordered."""
    same = {item.name: getattr(order, item.name) for item in fields(OrderFacts)}
    return BatchOrder(
        id=new_id,
        batch_id=batch_id,
        order_id=order.id,
        code=order.code,
        ordered_by=order.ordered_by,
        ordered_at=order.ordered_at,
        **same,
    )
