"""The numbers that follow from tests: colonies, shares of marked cells, endotoxin after dilution."""

from __future__ import annotations

from decimal import Context, Decimal

MILLION = Decimal(1_000_000)
_MATHS = Context(prec=50)


def cfu_f_per_million(colonies: Decimal, cells_per_dish: Decimal, dishes: Decimal) -> Decimal:
    """Colony-forming units per million nucleated cells plated. Raises ArithmeticError where nothing was plated."""
    plated = _MATHS.multiply(cells_per_dish, dishes)
    return _MATHS.divide(_MATHS.multiply(colonies, MILLION), plated)


def cfu_f_per_ml(per_million: Decimal, cells_per_ml: Decimal) -> Decimal:
    """Colony-forming units per mL of a product with so many nucleated cells per mL."""
    return _MATHS.divide(_MATHS.multiply(per_million, cells_per_ml), MILLION)


def share_percent(percent: Decimal, events: Decimal) -> Decimal:
    """The share of positive events in a gate, as the cytometer gives it; the events carry its interval only."""
    return percent


def endotoxin_eu_per_ml(measured: Decimal, dilution_factor: Decimal) -> Decimal:
    """Endotoxin of the undiluted product, in EU/mL."""
    return _MATHS.multiply(measured, dilution_factor)
