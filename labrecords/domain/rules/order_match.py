"""What the order check states, compared with the order that the batch was opened from (domain B1)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.registers.orders import BatchOrder
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.site_match import Part, compared, not_injected, ordered_targets, place_of
from labrecords.domain.steps.administration import Injection, Site
from labrecords.domain.steps.order import Order, Target
from labrecords.domain.values import codes
from labrecords.domain.values.numbers import plain

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


def injected_findings(record: BatchRecord) -> list[Finding]:
    """What was not injected as ordered, once an injection is recorded: which target, or how much (domain 2.7)."""
    injections = record.of_kind(Injection)
    if not injections:
        return []
    last = injections[-1]
    sites = [site for injection in injections for site in injection.sites]
    left_out = [
        Finding(
            "not injected",
            Severity.EXCEPTION,
            f"{record.process.step(last.step_key).title}: {target.words()} was ordered, and not injected.",
            last.step_key,
            last.performed_at,
            last.id,
            "Say in a note of the step why it was left out, and record the site if it was injected.",
        )
        for target in not_injected(record, sites)
    ]
    return [*left_out, *_volumes(record, last, sites)]


def _volumes(record: BatchRecord, last: Injection, sites: list[Site]) -> Iterable[Finding]:
    """Where another volume was injected than was ordered, beyond the tolerance of the process. Twice as much blocks."""
    title, allowed = record.process.step(last.step_key).title, record.process.balance_tolerance_percent
    for targets, given in compared(ordered_targets(record), sites):
        planned = [target.volume_ml for target in targets if target.volume_ml is not None]
        if not given or not planned or len(planned) < len(targets):
            continue
        ordered, injected = sum(planned, Decimal(0)), sum((site.volume_ml for site in given), Decimal(0))
        if abs(injected - ordered) * 100 <= allowed * ordered:
            continue
        where = " and ".join(target.words() for target in targets)
        sentence = f"{plain(ordered)} mL were ordered at {where}, and {plain(injected)} mL injected."
        grave = Severity.BLOCKING if injected >= 2 * ordered else Severity.EXCEPTION
        yield Finding(
            "volume ordered",
            grave,
            f"{title}: {sentence}",
            last.step_key,
            last.performed_at,
            last.id,
            "Say in a note of the step why, and correct the volumes if they were entered wrongly.",
        )


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
    if {_planned(one) for one in order.targets} != {_planned(one) for one in stated.targets}:
        yield "what is to be injected", _listed(order.targets), _listed(stated.targets)


def _planned(target: Target) -> tuple[Part, Decimal | None, Decimal | None]:
    return (place_of(target), target.volume_ml, target.dose_cells)


def _listed(targets: Iterable[Target]) -> str:
    return "; ".join(sorted(target.in_full() for target in targets))


def _alike(text: str) -> str:
    return " ".join(text.split()).casefold()
