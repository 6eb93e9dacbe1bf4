"""The laboratory of the demonstration before its first batch: masters, training, a centrifuge and its rotor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.demo.cast import Cast
from labrecords.demo.clock import PlayedClock
from labrecords.demo.masters import sign_masters
from labrecords.demo.training import train_cast


def prepare_laboratory(cast: Cast, clock: PlayedClock, spin: Mapping[str, Any]) -> None:
    """Sign the master records, train the cast, and register the centrifuge and the rotor that `spin` describes."""
    sign_masters(cast, clock.tick)
    train_cast(cast, clock().date())
    calibrated = clock().date() - timedelta(days=92)
    check = calibrated + timedelta(days=182)
    centrifuge = EquipmentFacts(
        spin["centrifuge"], "centrifuge", spin["centrifuge_model"], last_check=calibrated, next_check=check
    )
    rotor = EquipmentFacts(
        code=spin["rotor"],
        category="rotor",
        model=spin["rotor_model"],
        r_max_cm=Decimal(spin["rotor_r_max_cm"]),
        r_av_cm=Decimal(spin["rotor_r_av_cm"]),
        max_speed_rpm=Decimal(spin["rotor_max_speed_rpm"]),
        last_check=calibrated,
        next_check=check,
    )
    for piece in (centrifuge, rotor):
        register_equipment(cast.by("quentin"), facts=piece)
