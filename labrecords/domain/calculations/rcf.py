"""Relative centrifugal force from radius and speed, and back (formula "rcf/1").

RCF = 1.118e-5 x r x n^2 with r in cm and n in rpm. The exact constant is 4 pi^2 / (3600 x 980.665) =
1.118244e-5; the rounded one is the convention of centrifuge makers, and stays with the formula's version.
"""

from __future__ import annotations

from decimal import Context, Decimal

RCF_CONSTANT = Decimal("0.00001118")
AGREEMENT_PERCENT = Decimal(2)
"""A force that was read off and the force that was computed should agree this well."""

_MATHS = Context(prec=50)


def rcf_g(radius_cm: Decimal, speed_rpm: Decimal) -> Decimal:
    """Relative centrifugal force in multiples of g, unrounded.

    `radius_cm` is the radius that the record names (largest unless stated). Raises `ValueError` unless the
    radius is above 0 and the speed is not negative.
    """
    _require_radius(radius_cm)
    if speed_rpm < 0:
        raise ValueError("The speed cannot be negative. Write it in rpm, for example 2400.")
    return _MATHS.multiply(_MATHS.multiply(RCF_CONSTANT, radius_cm), _MATHS.multiply(speed_rpm, speed_rpm))


def speed_rpm(radius_cm: Decimal, rcf_g: Decimal) -> Decimal:
    """Speed in rpm that gives `rcf_g` (multiples of g) at `radius_cm`, unrounded.

    Raises `ValueError` unless the radius is above 0 and the force is not negative.
    """
    _require_radius(radius_cm)
    if rcf_g < 0:
        raise ValueError("The force cannot be negative. Write it in multiples of g, for example 600.")
    return _MATHS.sqrt(_MATHS.divide(rcf_g, _MATHS.multiply(RCF_CONSTANT, radius_cm)))


def difference_percent(entered_g: Decimal, computed_g: Decimal) -> Decimal:
    """How far a force that was entered lies from the computed one, in percent of the computed one, without
    sign.

    Raises `ValueError` when the computed force is 0, because nothing can be compared with it.
    """
    if computed_g <= 0:
        raise ValueError("A force can only be compared with a computed force above 0 × g.")
    return _MATHS.multiply(_MATHS.divide(abs(entered_g - computed_g), computed_g), Decimal(100))


def agrees(entered_g: Decimal, computed_g: Decimal) -> bool:
    """Whether a force that was entered agrees with the computed one within 2 %, inclusive (domain 3.1).

    A disagreement is a question to the user, not an error: speed and force may have been mixed up, or the
    radius was taken in millimetres (which makes the computed force ten times too large).
    """
    return difference_percent(entered_g, computed_g) <= AGREEMENT_PERCENT


def _require_radius(radius_cm: Decimal) -> None:
    if radius_cm <= 0:
        raise ValueError("The radius must be above 0 cm. It stands in the rotor's manual.")
