"""What the order check states, compared with the order that the batch was opened from (domain B1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labrecords.domain.registers.orders import BatchOrder
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.order import Order, Target
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

RULE = "differs from order"


def order_findings(record: BatchRecord) -> list[Finding]:
    """A finding for each fact in which an order check differs from the order. None for a batch without one."""
    found = []
    for order in record.orders:
        for stated in record.of_kind(Order):
            title = record.process.step(stated.step_key).title
            for label, ordered, says in _differences(record, order, stated):
                found.append(
                    Finding(
                        RULE,
                        Severity.BLOCKING,
                        f"{title}: {label} is {says}, and order {order.code} has {ordered}.",
                        stated.step_key,
                        stated.performed_at,
                        stated.id,
                        "Compare with the order. Correct the step, or void the batch and have another order written.",
                    )
                )
    return found


def _differences(record: BatchRecord, order: BatchOrder, stated: Order) -> Iterable[tuple[str, str, str]]:
    """Label, what was ordered, and what is stated, of each fact that differs."""
    if codes.normalise(order.code) != codes.normalise(stated.order_code):
        yield "the order", order.code, stated.order_code
    prescriber = stated.prescriber or record.name(stated.performed_by)
    for label, ordered, says in (
        ("the indication", order.indication, stated.indication),
        ("the consent form", order.consent_version, stated.consent_version),
        ("the day of consent", order.consent_date.isoformat(), stated.consent_date.isoformat()),
        ("the prescriber", order.prescriber, prescriber),
    ):
        if _alike(ordered) != _alike(says):
            yield label, ordered, says
    # Numbers are compared, not how they were typed: 2 mL and 2.0 mL are one target.
    if set(order.targets) != set(stated.targets):
        yield "what is to be injected", _listed(order.targets), _listed(stated.targets)


def _listed(targets: Iterable[Target]) -> str:
    return "; ".join(sorted(target.in_full() for target in targets))


def _alike(text: str) -> str:
    return " ".join(text.split()).casefold()
