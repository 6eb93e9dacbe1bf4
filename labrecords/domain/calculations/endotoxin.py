"""Endotoxin: how much a product may hold, from the dose of one hour and the patient's weight (domain 3.8, USP <85>)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal

K_GENERAL = Decimal(5)
"""EU for each kg of the patient in one hour, for every way but the intrathecal."""
K_INTRATHECAL = Decimal("0.2")
"""EU for each kg of the patient in one hour, where the dura may be passed."""
HOUR = timedelta(hours=1)

_MATHS = Context(prec=50)


def endotoxin_limit_eu_per_ml(k_eu_per_kg: Decimal, weight_kg: Decimal, volume_ml: Decimal) -> Decimal:
    """EL = K / M with M the volume for each kg in one hour: K x weight / volume, in EU/mL.

    `volume_ml` is what all sites of the hour get together. Raises `ValueError` unless all three are above 0.
    """
    for name, value in (("threshold K", k_eu_per_kg), ("weight", weight_kg), ("volume", volume_ml)):
        if value <= 0:
            raise ValueError(f"The {name} must be above 0.")
    return _MATHS.divide(_MATHS.multiply(k_eu_per_kg, weight_kg), volume_ml)


def maximum_valid_dilution(limit_eu_per_ml: Decimal, lambda_eu_per_ml: Decimal) -> Decimal:
    """MVD = EL / λ: how far a sample may be diluted, so that the limit can still be seen.

    λ is the sensitivity of the reagent, or the lowest point of the standard curve, in EU/mL. Raises `ValueError`
    unless both are above 0.
    """
    if limit_eu_per_ml <= 0 or lambda_eu_per_ml <= 0:
        raise ValueError("The limit and the sensitivity λ must be above 0 EU/mL.")
    return _MATHS.divide(limit_eu_per_ml, lambda_eu_per_ml)


def most_in_one_hour_ml(given: Sequence[tuple[datetime, Decimal]]) -> Decimal:
    """The greatest volume that was given within any hour, over all sites: both ends of the hour belong to it.

    `given` holds instant and volume of each site, in any order; 0 for none.
    """
    return max(
        (
            sum((volume for at, volume in given if start <= at <= start + HOUR), Decimal(0))
            for start, _ in given
        ),
        default=Decimal(0),
    )
