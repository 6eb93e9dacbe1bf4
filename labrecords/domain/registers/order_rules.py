"""What cannot be ordered, and why no batch can be opened from an order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from labrecords.domain.registers.orders import OrderFacts, TherapyOrder
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.site_match import place_of
from labrecords.domain.steps.order import INDICATIONS, Target, target_problems
from labrecords.domain.values.spine import LEVELS, SIDES, STRUCTURES

MOST_TARGETS = 20


def order_problems(facts: OrderFacts, today: date, product_keys: Iterable[str]) -> dict[str, str]:
    """What cannot be ordered: a sentence per field."""
    problems = {}
    if facts.process_key not in product_keys:
        problems["process_key"] = "Choose one of the products."
    if facts.indication not in INDICATIONS:
        problems["indication"] = "Choose one of the indications."
    elif facts.indication == "other" and not facts.indication_note:
        problems["indication_note"] = "Say in words what the indication is."
    if not facts.targets:
        problems["targets"] = "Enter at least one target."
    elif len(facts.targets) > MOST_TARGETS:
        problems["targets"] = f"At most {MOST_TARGETS} targets are ordered at once."
    elif not all(_whole(target) for target in facts.targets):
        problems["targets"] = (
            "Choose structure, level and side of each target. Volume and dose are more than 0."
        )
    elif len({place_of(target) for target in facts.targets}) < len(facts.targets):
        problems["targets"] = "One target stands here twice: put its volume and dose together."
    elif wrong := target_problems(facts.targets):
        problems["targets"] = " ".join(wrong.values())
    if not facts.prescriber:
        problems["prescriber"] = "Enter who prescribes it."
    if not facts.consent_version:
        problems["consent_version"] = "Enter form and version of the consent."
    if facts.consent_date > today:
        problems["consent_date"] = "This day is in the future."
    return problems


def opening_blockers(order: TherapyOrder, withdrawn: bool, batches: Iterable[str]) -> tuple[Blocker, ...]:
    """Why no batch can be opened from an order. `batches` are the numbers of those that are not void."""
    found = []
    if withdrawn:
        found.append(Blocker("order", f"Order {order.code} was withdrawn.", "Have another one written."))
    for number in batches:
        sentence = f"Batch {number} was opened from order {order.code} already."
        found.append(
            Blocker("order", sentence, "Void that batch if it is a mistake, or have another order written.")
        )
    return tuple(found)


def _whole(target: Target) -> bool:
    chosen = target.structure in STRUCTURES and target.level in LEVELS and target.side in SIDES
    amounts = (target.volume_ml, target.dose_cells)
    return chosen and all(amount is None or amount > 0 for amount in amounts)
