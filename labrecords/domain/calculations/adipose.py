"""Numbers of fat-derived cells: the local anaesthetic, the enzyme, and how far it is washed out (domain 2.4).

Everything is computed unrounded with 50 digits.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Context, Decimal

_MATHS = Context(prec=50)
_MICROSECONDS = Decimal(60_000_000)


def lidocaine_mg_per_kg(mg_per_l: Decimal, infused_ml: Decimal, weight_kg: Decimal) -> Decimal:
    """Lidocaine that was infused for each kg of the patient: concentration x volume / 1000 / weight.

    Raises `ValueError` unless the weight is above 0.
    """
    _positive("weight", weight_kg)
    return _MATHS.divide(_MATHS.multiply(mg_per_l, infused_ml), _MATHS.multiply(Decimal(1000), weight_kg))


def enzyme_percent(mass_mg: Decimal, solution_ml: Decimal) -> Decimal:
    """Enzyme in the solution in per cent (w/v), which is g in 100 mL: mass in mg / (10 x volume in mL).

    Raises `ValueError` unless the volume is above 0.
    """
    _positive("volume of the solution", solution_ml)
    return _MATHS.divide(mass_mg, _MATHS.multiply(Decimal(10), solution_ml))


def enzyme_units_per_ml(units_per_mg: Decimal, mass_mg: Decimal, solution_ml: Decimal) -> Decimal:
    """Activity of the solution for each mL, in the unit that the maker declares. Units of makers are never converted.

    Raises `ValueError` unless the volume is above 0.
    """
    _positive("volume of the solution", solution_ml)
    return _MATHS.divide(_MATHS.multiply(units_per_mg, mass_mg), solution_ml)


def enzyme_ratio(solution_ml: Decimal, tissue_ml: Decimal) -> Decimal:
    """Volume of enzyme solution for each volume of tissue. Raises `ValueError` unless there is tissue."""
    _positive("volume of the tissue", tissue_ml)
    return _MATHS.divide(solution_ml, tissue_ml)


def dilution_by_washing(kept_ml: Decimal, wash_ml: Decimal, washes: int) -> Decimal:
    """How many times what is dissolved was diluted: ((kept + wash) / kept) to the power of the washes.

    `kept_ml` is what stays in the tube before each wash. Raises `ValueError` unless that is above 0.
    """
    _positive("volume that stays before each wash", kept_ml)
    return _MATHS.power(_MATHS.divide(_MATHS.add(kept_ml, wash_ml), kept_ml), washes)


def minutes_between(start: datetime, end: datetime) -> Decimal:
    """Minutes from one instant to another, both UTC."""
    elapsed = end - start
    whole = (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
    return _MATHS.divide(Decimal(whole), _MICROSECONDS)


def _positive(name: str, value: Decimal) -> None:
    if value <= 0:
        raise ValueError(f"The {name} must be above 0.")
