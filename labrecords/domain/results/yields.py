"""Cells, recovery and dose: what went in, what came out, what is given (formulas "tnc/1" and so on).

Everything is computed unrounded with 50 digits; rounding belongs to the report (domain 3.4 to 3.6).
"""

from __future__ import annotations

from decimal import Context, Decimal

from labrecords.domain.calculations.counting import poisson_cv_percent

_MATHS = Context(prec=50)
_HUNDRED = Decimal(100)


def tnc(concentration_per_ml: Decimal, volume_ml: Decimal) -> Decimal:
    """Total nucleated cells = concentration x volume.

    Raises `ValueError` for a negative concentration or volume.
    """
    _not_negative("concentration", concentration_per_ml)
    _not_negative("volume", volume_ml)
    return _MATHS.multiply(concentration_per_ml, volume_ml)


def recovery_percent(c0: Decimal, v0: Decimal, c1: Decimal, v1: Decimal) -> Decimal:
    """Cells after the step in percent of the cells before: C1 x V1 / (C0 x V0) x 100.

    Concentrations per mL, volumes in mL. V0 is the volume that was available for processing: a sample taken
    before the step is already subtracted. More than 100 % is a result, not an error. Raises `ValueError` for
    negative values, or when there were no cells before.
    """
    before = tnc(c0, v0)
    if before == 0:
        raise ValueError("The recovery cannot be computed: there were no cells before the step.")
    return _MATHS.divide(_MATHS.multiply(tnc(c1, v1), _HUNDRED), before)


def recovery_limit_percent(counted_before: int, counted_after: int) -> Decimal:
    """The greatest recovery that counting error explains: 100 % + 2 x the combined CV of both counts (domain 4).

    Each count of N cells has a CV of 100 / sqrt(N) by chance. Raises `ValueError` where nothing was counted.
    """
    before, after = poisson_cv_percent(counted_before), poisson_cv_percent(counted_after)
    both = _MATHS.sqrt(_MATHS.add(_MATHS.multiply(before, before), _MATHS.multiply(after, after)))
    return _MATHS.add(_HUNDRED, _MATHS.multiply(Decimal(2), both))


def concentration_factor(c0: Decimal, c1: Decimal) -> Decimal:
    """How many times denser the cells became: C1 / C0. Raises `ValueError` for negative values or C0 = 0."""
    _not_negative("concentration", c1)
    _positive("concentration before the step", c0)
    return _MATHS.divide(c1, c0)


def volume_reduction(v0: Decimal, v1: Decimal) -> Decimal:
    """How many times smaller the volume became: V0 / V1. Raises `ValueError` for negative values or V1 = 0.

    Recovery as a fraction is always concentration factor / volume reduction.
    """
    _not_negative("volume", v0)
    _positive("volume after the step", v1)
    return _MATHS.divide(v0, v1)


def recovery_check_percent(concentration_factor: Decimal, volume_reduction: Decimal) -> Decimal:
    """Recovery by the other way, as a check: concentration factor / volume reduction x 100.

    Raises `ValueError` for a negative factor or a reduction that is not above 0.
    """
    _not_negative("concentration factor", concentration_factor)
    _positive("volume reduction", volume_reduction)
    return _MATHS.multiply(_MATHS.divide(concentration_factor, volume_reduction), _HUNDRED)


def yield_per_gram(cells: Decimal, mass_g: Decimal) -> Decimal:
    """Cells for each gram of starting tissue.

    Raises `ValueError` for a negative number of cells or a mass that is not above 0.
    """
    _not_negative("number of cells", cells)
    _positive("mass", mass_g)
    return _MATHS.divide(cells, mass_g)


def expected_cells(yield_per_gram: Decimal, mass_g: Decimal) -> Decimal:
    """Cells that so much tissue gives when it gives so many for each gram.

    Raises `ValueError` for a negative yield or a mass that is not above 0.
    """
    _not_negative("yield", yield_per_gram)
    _positive("mass", mass_g)
    return _MATHS.multiply(yield_per_gram, mass_g)


def yield_percent(cells: Decimal, expected: Decimal) -> Decimal:
    """Cells in per cent of those that were to be expected.

    Raises `ValueError` for a negative number of cells or when none were expected.
    """
    _not_negative("number of cells", cells)
    _positive("expected number of cells", expected)
    return _MATHS.divide(_MATHS.multiply(cells, _HUNDRED), expected)


def viable_dose(concentration_per_ml: Decimal, viability_percent: Decimal, volume_ml: Decimal) -> Decimal:
    """Viable nucleated cells in `volume_ml`: concentration x viability x volume.

    These are nucleated cells, not stem cells, and must be named so. Raises `ValueError` for negative values
    or a viability above 100 %.
    """
    _viability(viability_percent)
    cells = tnc(concentration_per_ml, volume_ml)
    return _MATHS.divide(_MATHS.multiply(cells, viability_percent), _HUNDRED)


def volume_needed(dose: Decimal, concentration_per_ml: Decimal, viability_percent: Decimal) -> Decimal:
    """Volume in mL that holds `dose` viable cells.

    Raises `ValueError` for a negative dose, or when there are no viable cells to give.
    """
    _not_negative("dose", dose)
    _viability(viability_percent)
    _positive("concentration", concentration_per_ml)
    if viability_percent == 0:
        raise ValueError("No volume holds the dose: the viability is 0 %.")
    return _MATHS.divide(
        _MATHS.multiply(dose, _HUNDRED), _MATHS.multiply(concentration_per_ml, viability_percent)
    )


def _not_negative(name: str, value: Decimal) -> None:
    if value < 0:
        raise ValueError(f"The {name} cannot be negative.")


def _positive(name: str, value: Decimal) -> None:
    if value <= 0:
        raise ValueError(f"The {name} must be above 0.")


def _viability(viability_percent: Decimal) -> None:
    if not 0 <= viability_percent <= _HUNDRED:
        raise ValueError("Viability lies between 0 and 100 %.")
