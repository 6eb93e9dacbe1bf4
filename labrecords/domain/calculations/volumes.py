"""Sums of volumes: what is left of what went in, all in mL."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from labrecords.domain.values.limits import round_half_up


def net_volume_ml(volume_ml: Decimal, anticoagulant_ml: Decimal) -> Decimal:
    """What was harvested, without the anticoagulant that stood in the container."""
    return volume_ml - anticoagulant_ml


def drawn_volume_ml(draws_ml: Sequence[Decimal]) -> Decimal:
    """The sum of all draws."""
    return sum(draws_ml, Decimal(0))


def held_volume_ml(
    in_ml: Decimal, flush_ml: Decimal, collected_ml: Decimal, discarded_ml: Decimal
) -> Decimal:
    """What stayed in a filter or a device: all that went in less all that came out. Below 0 more came out."""
    return in_ml + flush_ml - collected_ml - discarded_ml


def parted_volume_ml(
    in_ml: Decimal, plasma_ml: Decimal, buffy_ml: Decimal, red_cells_ml: Decimal, discarded_ml: Decimal
) -> Decimal:
    """What stayed in device and tubing when the fractions were parted. Below 0 more came out than went in."""
    return in_ml - plasma_ml - buffy_ml - red_cells_ml - discarded_ml


def collected_per_60_ml(collected_ml: Decimal, in_ml: Decimal) -> Decimal:
    """What was collected (mL) from each 60 mL that went in. Raises ArithmeticError for nothing in."""
    return collected_ml * 60 / in_ml


def marrow_to_anticoagulant(marrow_ml: Decimal, anticoagulant_ml: Decimal) -> Decimal:
    """Parts of marrow to one part of anticoagulant. Raises ArithmeticError without anticoagulant."""
    return marrow_ml / anticoagulant_ml


def heparin_iu(volume_ml: Decimal, iu_per_ml: Decimal) -> Decimal:
    """The units of heparin in a volume."""
    return volume_ml * iu_per_ml


def weighed_volume_ml(mass_g: Decimal, density_g_per_ml: Decimal) -> Decimal:
    """The volume of a mass, rounded half-up to 0.1 mL as a cylinder is read. Raises ArithmeticError without density."""
    return round_half_up(mass_g / density_g_per_ml, 1)
