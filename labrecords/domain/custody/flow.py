"""The volumes of one act: what went in and was added, what came out, was drawn, thrown away, or kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Flow:
    """All in mL. What an act does not state is None: then it is not judged, never taken for 0."""

    in_ml: Decimal | None = None
    """As the act states it; None: all that was there."""
    added_ml: Decimal | None = NOTHING
    out_ml: Decimal | None = None
    """What goes on to the next step; None: not measured."""
    sample_ml: Decimal = NOTHING
    waste_ml: Decimal | None = NOTHING
    retained_ml: Decimal = NOTHING
    """Kept apart: not waste, and not part of the product."""
