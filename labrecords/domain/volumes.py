"""Sums of volumes: what is left of what went in, all in mL."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


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
