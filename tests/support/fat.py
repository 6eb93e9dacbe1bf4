"""What the cast reads and types in the steps of fat-derived cells: 300 mL lipoaspirate, 165.6 g fat, 8 mL of cells.

The numbers are invented, inside every limit of the shipped processes, and add up from step to step.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from labrecords.domain.steps.chambers import CHAMBERS
from labrecords.domain.steps.counts import Square
from labrecords.domain.steps.mechanical import Passes

STEPS = (
    "liposuction", "receive_fat", "wash_fat", "digest", "emulsify", "pellet", "pour_off", "lyse", "strain",
    "wash_cells", "take_up", "sample_product", "count_product",
)  # fmt: skip
"""Those that the bone-marrow story does not have."""
TAKES_MIN = {"digest": 40, "pellet": 15}
"""Steps that take long, and how long the cast waits for them."""
WITHOUT_ENZYME: dict[str, dict[str, Any]] = {
    "pour_off": {"volume_in_ml": Decimal(172), "discarded_volume_ml": Decimal(205)},
    "strain": {"volume_in_ml": Decimal(10), "collected_volume_ml": Decimal("9.8")},
}
"""What is otherwise where the fat is not digested: less fluid is spun, and nothing is lysed or washed afterwards."""
CANISTER = "BAG-7"
EXPIRY = date(2027, 6, 30)


def facts_of_fat(*, now: datetime, spin: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The facts that the cast states in each step. `spin` names centrifuge and rotor."""
    buffer = {"buffer": "Ringer's solution", "buffer_lot": "RL-19", "buffer_expiry": EXPIRY}
    return {
        "liposuction": {
            "site": "lower abdomen",
            "side": "both sides",
            "place": "Theatre 2",
            "infused_volume_ml": Decimal(1000),
            "lidocaine_mg_per_l": Decimal(500),
            "adrenaline_mg_per_l": Decimal("1.0"),
            "tumescent_lot": "TS-4",
            "tumescent_expiry": EXPIRY,
            "dwell_min": Decimal(15),
            "weight_kg": Decimal("70.0"),
            "weighed_on": date(2026, 11, 20),
            "method": "syringe",
            "cannula_mm": Decimal("3.0"),
            "cannula_holes": 12,
            "vacuum_kpa": Decimal(60),
            "total_volume_ml": Decimal(300),
            "fat_volume_ml": Decimal(200),
            "fluid_volume_ml": Decimal(100),
            "container_code": CANISTER,
            "seal_number": "41880",
        },
        "receive_fat": {
            "container_code": CANISTER,
            "volume_ml": Decimal(300),
            "temperature_c": Decimal("21.0"),
            "appearance": "normal",
            "clots": False,
            "leaks": False,
            "label_legible": True,
            "decision": "accept",
        },
        "wash_fat": {
            "source_container_code": CANISTER,
            **buffer,
            "volume_in_ml": Decimal(300),
            "washes": 3,
            "wash_volume_ml": Decimal(200),
            "settle_min": Decimal(5),
            "spins": 0,
            "discarded_volume_ml": Decimal(712),
            "collected_volume_ml": Decimal(180),
            "fat_mass_g": Decimal("165.6"),
            "clear": True,
        },
        "digest": {
            "source_container_code": CANISTER,
            "enzyme": "Collagenase NB 6",
            "enzyme_lot": "C-601",
            "enzyme_expiry": EXPIRY,
            "activity": Decimal("0.18"),
            "activity_unit": "PZ U/mg",
            "enzyme_mass_mg": Decimal("180.0"),
            "solution": "saline",
            "solution_lot": "S-77",
            "solution_volume_ml": Decimal(180),
            "tissue_volume_ml": Decimal(180),
            "fat_mass_g": Decimal("165.6"),
            "temperature_c": Decimal("37.0"),
            "agitation_rpm": Decimal(100),
            "started_at": now - timedelta(minutes=35),
            "stopped_at": now - timedelta(minutes=5),
            "neutraliser": "human albumin",
            "neutraliser_lot": "HA-3",
            "neutraliser_expiry": EXPIRY,
            "neutraliser_volume_ml": Decimal(36),
            "collected_volume_ml": Decimal(392),
            "discarded_volume_ml": Decimal(0),
        },
        "emulsify": {
            "source_container_code": CANISTER,
            "device": "Emulsifier set E-2",
            "device_lot": "E-880",
            "device_expiry": EXPIRY,
            "connectors": (
                Passes(connector_mm=Decimal("2.4"), passes=30),
                Passes(connector_mm=Decimal("1.2"), passes=30),
            ),
            "filter_um": Decimal(500),
            "filter_lot": "E-881",
            "filter_expiry": EXPIRY,
            "volume_in_ml": Decimal(180),
            "collected_volume_ml": Decimal(172),
            "discarded_volume_ml": Decimal(0),
        },
        "pellet": {
            "container_code": CANISTER,
            "speed_rpm": None,
            "rcf_g": Decimal(500),
            "duration_min": Decimal("10.0"),
            "brake": "soft",
            **spin,
        },
        "pour_off": {
            "source_container_code": CANISTER,
            **buffer,
            "volume_in_ml": Decimal(392),
            "washes": 1,
            "wash_volume_ml": Decimal(45),
            "kept_volume_ml": Decimal(5),
            "spins": 1,
            "discarded_volume_ml": Decimal(424),
            "collected_volume_ml": Decimal(10),
            "clear": True,
        },
        "lyse": {
            "container_code": CANISTER,
            "reagent": "Lysis buffer L-1",
            "reagent_lot": "L-12",
            "reagent_expiry": EXPIRY,
            "ammonium_chloride_mm": Decimal(155),
            "volume_in_ml": Decimal(10),
            "reagent_volume_ml": Decimal(20),
            "duration_min": Decimal("8.0"),
            "temperature_c": Decimal("21.0"),
            "collected_volume_ml": Decimal(30),
            "discarded_volume_ml": Decimal(0),
        },
        "strain": {
            "source_container_code": CANISTER,
            "filter_name": "Cell strainer 100",
            "filter_lot": "F-100",
            "filter_expiry": EXPIRY,
            "pore_um": Decimal(100),
            "drive": "gravity",
            "volume_in_ml": Decimal(30),
            "flush": "none",
            "flush_volume_ml": Decimal(0),
            "kept": "what passed the filter",
            "collected_volume_ml": Decimal(29),
            "discarded_volume_ml": Decimal(0),
            "container_code": "TUBE-7",
            "clogged": False,
        },
        "wash_cells": {
            "source_container_code": "TUBE-7",
            **buffer,
            "volume_in_ml": Decimal(29),
            "washes": 2,
            "wash_volume_ml": Decimal(45),
            "kept_volume_ml": Decimal(5),
            "spins": 2,
            "discarded_volume_ml": Decimal(113),
            "collected_volume_ml": Decimal(5),
            "clear": True,
        },
        "take_up": {
            "source_container_code": "TUBE-7",
            "diluent": "saline",
            "diluent_volume_ml": Decimal("3.0"),
            "diluent_lot": "S-77",
            "final_volume_ml": Decimal("8.0"),
            "container_code": "SYR-7",
        },
        "sample_product": {
            "container_code": "SYR-7",
            "sample_code": "S-2",
            "volume_ml": Decimal("0.50"),
        },
        "count_product": {
            "sample_code": "S-2",
            "chamber": next(iter(CHAMBERS)),
            "sample_part": Decimal(10),
            "diluent_part": Decimal(90),
            "squares": tuple(Square(cells=cells) for cells in (40, 43, 38, 45, 41)),
            "dye": "trypan blue",
            "live": 172,
            "dead": 18,
        },
    }
