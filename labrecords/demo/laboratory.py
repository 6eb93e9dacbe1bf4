"""The laboratory before its first batch: masters, training, places, a centrifuge and its rotor."""

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
from labrecords.domain.permissions import Role

ROOMS = (
    EquipmentFacts("SITE-1", "site", "Demonstration laboratory"),
    EquipmentFacts("TH-2", "theatre", "Theatre 2", place="SITE-1"),
    EquipmentFacts("CL-1", "clean room", "Cell lab 1", place="SITE-1"),
)
IN_ROOMS = (
    EquipmentFacts("CAB-A", "bench", "Cabinet A", place="CL-1"),
    EquipmentFacts(
        "SH-1", "shelf", "Cell lab 1, shelf 1", place="CL-1", capacity=20, owner=Role.TECHNICIAN.value
    ),
    EquipmentFacts("FR-1-2", "shelf", "Fridge 1, shelf 2", place="FR-1"),
    EquipmentFacts("BX-7", "box", "Fridge 1, box 7", place="FR-1-2", capacity=12),
)
"""What stands in the rooms, and in the fridge."""


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
    fridge = EquipmentFacts(
        "FR-1",
        "fridge",
        "Medical fridge, 140 L",
        place="CL-1",
        low_c=Decimal(2),
        high_c=Decimal(8),
        owner=Role.QA.value,
        last_check=calibrated,
        next_check=check,
    )
    for piece in (*ROOMS, fridge, *IN_ROOMS, centrifuge, rotor):
        register_equipment(cast.by("quentin"), facts=piece)
