"""Cell counts: concentration, viability, and how sure they are (domain 3.2, 3.3, 3.7).

Results are `Decimal` with 50 digits, unrounded. Only the ends of Poisson intervals and critical values come
from floating point (gamma.py); they are good to six decimals, further than anybody reports them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from labrecords.domain.calculations.gamma import gamma_point

SQUARE_VOLUME_ML = Decimal("0.0001")
"""A 1 mm x 1 mm square under a cover slip at 0.1 mm, as in an improved Neubauer chamber."""

Z_95 = Decimal("1.959963984540054")
"""The 97.5 % point of the normal distribution."""

TOO_EVEN_PROBABILITY = 0.01
TOO_EVEN_SQUARES = 4
TOO_EVEN_MEAN = 5

_MATHS = Context(prec=50)
_HUNDRED = Decimal(100)


class Evenness(NamedTuple):
    """How evenly cells lie over the squares of a chamber."""

    chi2: Decimal
    df: int
    critical_5_percent: Decimal
    verdict: Literal["even", "clumped", "too even"]


def dilution_factor(sample: Decimal, diluent: Decimal, dye: Decimal = Decimal(0)) -> Decimal:
    """(sample + diluent + dye) / sample, all in one unit of volume.

    The parts are asked for because a ratio such as "1:10" can mean a factor of 10 or 11. Raises `ValueError`
    unless the sample is above 0 and the others are not negative.
    """
    if sample <= 0:
        raise ValueError("The volume of sample must be above 0.")
    if diluent < 0 or dye < 0:
        raise ValueError("The volumes of diluent and dye cannot be negative. Write 0 if there is none.")
    return _MATHS.divide(_MATHS.add(_MATHS.add(sample, diluent), dye), sample)


def concentration_per_ml(
    counts: Sequence[int], dilution_factor: Decimal, square_volume_ml: Decimal = SQUARE_VOLUME_ML
) -> Decimal:
    """Cells per mL of the undiluted sample: mean count x dilution factor / volume of one square in mL.

    Raises `ValueError` for no squares, a negative count, a dilution factor below 1 or a volume that is not
    above 0.
    """
    if not counts:
        raise ValueError("Write the count of at least one square.")
    if min(counts) < 0:
        raise ValueError("A count cannot be negative.")
    if dilution_factor < 1:
        raise ValueError("The dilution factor cannot be below 1: 1 means undiluted.")
    if square_volume_ml <= 0:
        raise ValueError("The volume of a square must be above 0 mL.")
    cells = _MATHS.multiply(Decimal(sum(counts)), dilution_factor)
    return _MATHS.divide(cells, _MATHS.multiply(Decimal(len(counts)), square_volume_ml))


def chamber_count(
    counts: Sequence[int], sample: Decimal, diluent: Decimal, square_volume_ml: Decimal
) -> Decimal:
    """Cells per mL of the undiluted sample, from what stands on the sheet: the squares, and the parts of the dilution.

    Raises `ValueError` as `dilution_factor` and `concentration_per_ml` do.
    """
    return concentration_per_ml(counts, dilution_factor(sample, diluent), square_volume_ml)


def counter_reading(shown_per_ml: Decimal, sample: Decimal, diluent: Decimal) -> Decimal:
    """Cells per mL of the undiluted sample, from what a counter shows of the diluted one. `ValueError` as above."""
    return _MATHS.multiply(shown_per_ml, dilution_factor(sample, diluent))


def analyser_reading(wbc_e9_per_l: Decimal, sample: Decimal, diluent: Decimal) -> Decimal:
    """Cells per mL of the undiluted sample, from white cells x 10^9/L: 1 x 10^9/L is 10^6/mL."""
    return _MATHS.multiply(_MATHS.scaleb(wbc_e9_per_l, 6), dilution_factor(sample, diluent))


def as_displayed(value: Decimal) -> Decimal:
    """A number that an instrument computed itself: taken over as it stands."""
    return value


def viability_percent(live: int, dead: int) -> Decimal:
    """Live cells in percent of all that were counted. `ValueError` for a negative count or none at all."""
    if live < 0 or dead < 0:
        raise ValueError("A count cannot be negative.")
    if live + dead == 0:
        raise ValueError("The viability cannot be computed: no cells were counted.")
    return _MATHS.divide(_MATHS.multiply(Decimal(live), _HUNDRED), Decimal(live + dead))


def wilson_interval_percent(live: int, total: int) -> tuple[Decimal, Decimal]:
    """95 % interval by Wilson for `live` of `total` cells, in percent, low and high.

    (p + z^2/2n -+ z sqrt((p(1-p) + z^2/4n) / n)) / (1 + z^2/n), with exact ends 0 and 100 for none and all.
    Raises `ValueError` unless 0 <= live <= total and total > 0.
    """
    if total <= 0:
        raise ValueError("The interval cannot be computed: no cells were counted.")
    if not 0 <= live <= total:
        raise ValueError("The live cells cannot be more than all cells that were counted.")
    n, z2 = Decimal(total), _MATHS.multiply(Z_95, Z_95)
    p, q = _MATHS.divide(Decimal(live), n), _MATHS.divide(Decimal(total - live), n)
    quarter = _MATHS.divide(z2, Decimal(4 * total))
    centre = _MATHS.add(p, _MATHS.divide(z2, Decimal(2 * total)))
    variance = _MATHS.divide(_MATHS.add(_MATHS.multiply(p, q), quarter), n)
    margin = _MATHS.multiply(Z_95, _MATHS.sqrt(variance))
    scale = _MATHS.divide(_HUNDRED, _MATHS.add(Decimal(1), _MATHS.divide(z2, n)))
    low = _MATHS.multiply(_MATHS.subtract(centre, margin), scale) if live else Decimal(0)
    high = _MATHS.multiply(_MATHS.add(centre, margin), scale) if live < total else _HUNDRED
    return low, high


@lru_cache(maxsize=4096)
def poisson_interval(n: int) -> tuple[Decimal, Decimal]:
    """Exact 95 % interval (Garwood) for the mean of a Poisson count of `n` cells, good to six decimals.

    The low end is the mean for which `n` or more has probability 2.5 %, the high end that for which `n` or
    fewer has. Raises `ValueError` for a negative count.
    """
    if n < 0:
        raise ValueError("A count cannot be negative.")
    # The gamma distribution of shape n gives the probability of n or more cells, as a function of their mean.
    low = gamma_point(n, 0.025) if n else Decimal(0)
    return low, gamma_point(n + 1, 0.975)


def cv_percent(values: Sequence[Decimal]) -> Decimal:
    """Coefficient of variation of replicates: standard deviation (with n - 1) in percent of the mean.

    Raises `ValueError` for fewer than two values or a mean that is not above 0.
    """
    if len(values) < 2:
        raise ValueError("The spread of replicates needs at least two values.")
    n = Decimal(len(values))
    mean = _MATHS.divide(_sum(values), n)
    if mean <= 0:
        raise ValueError("The spread cannot be computed: the mean must be above 0.")
    squares = [_MATHS.power(_MATHS.subtract(value, mean), 2) for value in values]
    deviation = _MATHS.sqrt(_MATHS.divide(_sum(squares), n - 1))
    return _MATHS.divide(_MATHS.multiply(deviation, _HUNDRED), mean)


def difference_percent(one: Decimal, other: Decimal) -> Decimal:
    """How far two results lie apart, in percent of their mean. `ValueError` unless their mean is above 0."""
    mean = _MATHS.divide(_MATHS.add(one, other), Decimal(2))
    if mean <= 0:
        raise ValueError("Two results cannot be compared: their mean must be above 0.")
    return _MATHS.divide(_MATHS.multiply(_MATHS.subtract(one, other).copy_abs(), _HUNDRED), mean)


def poisson_cv_percent(n: int) -> Decimal:
    """The spread in percent that counting `n` cells has by chance alone: 100 / sqrt(n).

    Raises `ValueError` unless `n` is above 0.
    """
    if n <= 0:
        raise ValueError("The counting error needs at least one counted cell.")
    return _MATHS.divide(_HUNDRED, _MATHS.sqrt(Decimal(n)))


def evenness(counts: Sequence[int]) -> Evenness:
    """Index of dispersion: sum((x - mean)^2) / mean against chi-square with one degree less than squares.

    "clumped" above the upper 5 % point (count again from a better mixed sample). "too even" below the lower 1
    % point with at least 4 squares and a mean of at least 5 (with fewer, equal counts are common by chance):
    real cells scatter, so somebody should ask whether every square was counted. Otherwise "even". Raises
    `ValueError` for fewer than two squares, a negative count, or no cells at all.
    """
    if len(counts) < 2:
        raise ValueError("Evenness needs the counts of at least two squares.")
    if min(counts) < 0:
        raise ValueError("A count cannot be negative.")
    total, squares = sum(counts), len(counts)
    if total == 0:
        raise ValueError("Evenness cannot be judged: no cells were counted.")
    # sum((x - m)^2) / m with m = total / squares, kept in whole numbers until the one division.
    scatter = squares * sum(count * count for count in counts) - total * total
    chi2, df = _MATHS.divide(Decimal(scatter), Decimal(total)), squares - 1
    critical = chi_square_point(0.95, df)
    if chi2 > critical:
        return Evenness(chi2, df, critical, "clumped")
    judgeable = squares >= TOO_EVEN_SQUARES and total >= TOO_EVEN_MEAN * squares
    if judgeable and chi2 < chi_square_point(TOO_EVEN_PROBABILITY, df):
        return Evenness(chi2, df, critical, "too even")
    return Evenness(chi2, df, critical, "even")


def dispersion(counts: Sequence[int]) -> Decimal:
    """The index of dispersion alone; see `evenness`."""
    return evenness(counts).chi2


@lru_cache(maxsize=256)
def chi_square_point(probability: float, df: int) -> Decimal:
    """The value that chi-square with `df` degrees of freedom stays below with `probability`.

    Raises `ValueError` unless 0 < probability < 1 and df is 1 or more.
    """
    if not 0 < probability < 1 or df < 1:
        raise ValueError("A chi-square point needs a probability between 0 and 1 and a degree of freedom.")
    return 2 * gamma_point(df / 2, probability)


def _sum(values: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _MATHS.add(total, value)
    return total
