"""The endotoxin limit of a batch: the patient's weight, and what all sites of one hour get (domain 3.8, USP <85>).

Whoever punctures a disc, a facet joint or the epidural space may pass the dura: the threshold is the intrathecal one,
unless the process definition says otherwise. What is not recorded is named, and nothing is put in its place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.calculations.endotoxin import K_GENERAL, K_INTRATHECAL, most_in_one_hour_ml
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.liposuction import Liposuction
from labrecords.domain.steps.order import Order, Target
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

KEY = "endotoxin_limit_eu_per_ml"
_DIGITS = 4
_FOUR_DIGITS = f"rounded half-up to {_DIGITS} significant digits"


def hourly_limit(record: BatchRecord) -> Derived | None:
    """The most endotoxin in EU that a mL may hold, so that all sites of one hour together keep the threshold.

    None while the weight or a volume is not recorded: `missing` says which.
    """
    weight, volume = _weight(record), _volume(record)
    if weight is None or volume is None:
        return None
    used, k = record.formula("endotoxin-limit"), _threshold(record)
    value = used.compute(Decimal(k.value), Decimal(weight.value), Decimal(volume.value))
    return Derived(
        key=KEY,
        label="Endotoxin limit for all sites of one hour together",
        value=value,
        reported=plain(four_digits(value)),
        unit="EU/mL",
        formula=used.text,
        formula_id=used.id,
        inputs=(k, weight, volume),
        rounding=_FOUR_DIGITS,
    )


def valid_dilution(record: BatchRecord, limit: Derived, lambda_eu_per_ml: Decimal, source: str) -> Derived:
    """How far the sample may be diluted, so that the limit can still be seen."""
    used = record.formula("endotoxin-mvd")
    value = used.compute(limit.value, lambda_eu_per_ml)
    return Derived(
        key="maximum_valid_dilution",
        label="Maximum valid dilution",
        value=value,
        reported=plain(four_digits(value)),
        unit="",
        formula=used.text,
        formula_id=used.id,
        inputs=(
            Input("EL", "endotoxin limit", limit.reported, limit.unit, limit.formula_id),
            Input("λ", "sensitivity of the kit", plain(lambda_eu_per_ml), "EU/mL", source),
        ),
        rounding=_FOUR_DIGITS,
    )


def four_digits(value: Decimal) -> Decimal:
    """Rounded half-up to four significant digits; whole numbers lose none."""
    return round_half_up(value, max(0, _DIGITS - 1 - value.adjusted()))


def missing(record: BatchRecord) -> tuple[str, ...]:
    """What must still be recorded before there is a limit, each as words; empty where there is one."""
    found = [] if _weight(record) else ["the weight of the patient"]
    if _volume(record) is None:
        targets = _targets(record)
        places = [target.words() for target in targets if target.volume_ml is None]
        words = f"the planned volume for {', '.join(places)}" if places else "what is to be injected"
        found.append(words)
    return tuple(found)


def _threshold(record: BatchRecord) -> Input:
    if record.process.intrathecal_endotoxin:
        return Input(
            "K", "threshold of one hour, intrathecal", plain(K_INTRATHECAL), "EU/kg", "process definition"
        )
    return Input(
        "K", "threshold of one hour, not intrathecal", plain(K_GENERAL), "EU/kg", "process definition"
    )


def _weight(record: BatchRecord) -> Input | None:
    """The weight that was measured last, with its day: what was filled in long ago is no weight of today."""
    stated = [
        (entry.weighed_on, record.process.step(entry.step_key).number, entry.weight_kg)
        for entry in record.current_entries()
        if isinstance(entry, (Order, Liposuction)) and entry.weight_kg and entry.weighed_on is not None
    ]
    if not stated:
        return None
    day, number, weight = max(stated, key=lambda item: item[:2])
    return Input("m", "patient's weight", plain(weight), "kg", f"step {number}, weighed {day.isoformat()}")


def _volume(record: BatchRecord) -> Input | None:
    """What was injected within one hour at most; before the injection all that is planned."""
    injections = record.of_kind(Injection)
    if injections:
        given = [(site.injected_at, site.volume_ml) for entry in injections for site in entry.sites]
        volume, label = most_in_one_hour_ml(given), "injected within one hour, at most"
        source = f"step {record.process.step(injections[-1].step_key).number}"
    else:
        planned = [target.volume_ml for target in _targets(record) if target.volume_ml is not None]
        if len(planned) < len(_targets(record)):
            return None
        volume, label = sum(planned, Decimal(0)), f"planned for all sites together (n = {len(planned)})"
        orders = record.of_kind(Order)
        source = f"step {record.process.step(orders[-1].step_key).number}" if orders else ""
    return Input("V", label, plain(volume), "mL", source) if volume else None


def _targets(record: BatchRecord) -> list[Target]:
    return [target for order in record.of_kind(Order) for target in order.targets]
