"""Points of the gamma distribution, from which Poisson intervals and chi-square values follow.

The only floating point arithmetic in the rules, and good to six decimals of its results.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from statistics import NormalDist

LARGE = 1000
"""From this shape on an expansion is good to more than seven decimals, and far quicker than the exact way."""

_MATHS = Context(prec=50)


def gamma_point(shape: float, probability: float) -> Decimal:
    """The value that a gamma distribution of this shape and scale 1 stays below with this probability.

    Rounded to seven decimals. Raises `ValueError` unless the shape is above 0 and 0 < probability < 1.
    """
    if shape <= 0 or not 0 < probability < 1:
        raise ValueError("a gamma point needs a shape above 0 and a probability between 0 and 1")
    point = _expansion(shape, probability) if shape >= LARGE else Decimal(_bisection(shape, probability))
    return _MATHS.quantize(point, Decimal("0.0000001"))


def _bisection(shape: float, probability: float) -> float:
    low, high = 0.0, 1.0
    while lower_gamma(shape, high) < probability:
        low, high = high, high * 2
    while low < (middle := (low + high) / 2) < high:
        if lower_gamma(shape, middle) < probability:
            low = middle
        else:
            high = middle
    return high


def _expansion(shape: float, probability: float) -> Decimal:
    """The expansion of Cornish and Fisher in powers of 1 / sqrt(shape), up to the one of 1 / shape^1.5."""
    a, z = Decimal(shape), Decimal(NormalDist().inv_cdf(probability))
    root = _MATHS.sqrt(a)
    terms = (
        _MATHS.multiply(z, root),
        (z**2 - 1) / 3,
        (z**3 - 7 * z) / (36 * root),
        -(3 * z**4 + 7 * z**2 - 16) / (810 * a),
        (9 * z**5 + 256 * z**3 - 433 * z) / (38880 * a * root),
    )
    for term in terms:
        a = _MATHS.add(a, term)
    return a


def lower_gamma(a: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(a, x), a > 0, x >= 0.

    For whole a it is the Poisson tail P(X >= a | mean x); for a = df/2 and x = chi2/2 the chi-square
    distribution. Below a + 1 by its power series, above by the continued fraction of its complement
    (Abramowitz and Stegun 6.5.29 and 6.5.31), which are fast just there.
    """
    if x <= 0:
        return 0.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return scale * _series(a, x) if x < a + 1 else 1.0 - scale * _continued_fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1.0 / a
    while term > total * 1e-17:
        a += 1.0
        term *= x / a
        total += term
    return total


def _continued_fraction(a: float, x: float) -> float:
    """1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...))), by Lentz's forward method."""
    tiny = 1e-300
    b = x + 1.0 - a
    c, d = 1.0 / tiny, 1.0 / b
    value, step, change = d, 0, 0.0
    while abs(change - 1.0) > 1e-15:
        step += 1
        numerator = -step * (step - a)
        b += 2.0
        d = 1.0 / ((numerator * d + b) or tiny)
        c = (b + numerator / c) or tiny
        change = d * c
        value *= change
    return value
