"""The story that tests play: what the cast reads, types and signs in each step of one bone-marrow batch.

The numbers are invented, round, and inside every limit of the shipped process; who records a batch by them gets one
that can be released. A test changes what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from labrecords.domain.processes.process import CHECKS
from labrecords.domain.results.assays import Reagent
from labrecords.domain.steps.administration import Site
from labrecords.domain.steps.bedside import CheckedSite
from labrecords.domain.steps.chambers import BORDER_RULES, CHAMBERS
from labrecords.domain.steps.counters import AS_IT_STANDS, DILUTED, WITH_NRBC
from labrecords.domain.steps.counts import Square
from labrecords.domain.steps.division import Part as DivisionPart
from labrecords.domain.steps.flow_panel import Marker
from labrecords.domain.steps.harvest import Draw
from labrecords.domain.steps.label_over import REMOVED
from labrecords.domain.steps.order import Target
from labrecords.domain.steps.pool import Poured
from labrecords.domain.steps.sterility import Bottle
from labrecords.domain.values.numbers import plain
from tests.support.fat import STEPS, facts_of_fat

CAST = {
    "tess": ("Tess Tamm", ("technician",)),
    "vic": ("Vic Vermeer", ("process owner", "second operator")),
    "paula": ("Paula Pereira", ("physician",)),
    "quentin": ("Quentin Quist", ("quality assurance",)),
    "ada": ("Ada Abara", ("auditor",)),
    "cora": ("Cora Corti", ("courier",)),
    "ivan": ("Ivan Ilić", ("administrator",)),
}
"""Username to printed name and roles."""

PATIENT = "P-2048"
CENTRIFUGE, ROTOR, COUNTER = "CF-01", "RT-01", "CC-01"
NOT_DONE = {"spin_2": "The method has one spin."}
"""Steps that the story leaves out, and why."""
LAST_STEP_BEFORE_RELEASE = "area_after"


@dataclass(frozen=True)
class Part:
    """Who performs and records a step, and who verifies it where the process wants that."""

    performed_by: str
    recorded_by: str
    verified_by: str = "vic"


PARTS = {
    "order": Part("paula", "tess"),
    "area_before": Part("tess", "tess"),
    "anticoagulant": Part("tess", "tess"),
    "identity_harvest": Part("paula", "paula", "tess"),
    "harvest": Part("paula", "tess"),
    "handover_laboratory": Part("tess", "tess"),
    "receipt": Part("tess", "tess"),
    "sample_before": Part("tess", "tess"),
    "count_before": Part("tess", "tess"),
    "spin_1": Part("tess", "tess"),
    "spin_2": Part("tess", "tess"),
    "resuspension": Part("tess", "tess"),
    "final_container": Part("tess", "tess"),
    "sample_after": Part("tess", "tess"),
    "count_after": Part("tess", "tess"),
    "reconciliation": Part("tess", "tess"),
    "area_after": Part("tess", "tess"),
    "handover_theatre": Part("paula", "tess"),
    "bedside": Part("paula", "paula"),
    "injection": Part("paula", "paula"),
    "residual": Part("paula", "tess"),
}


OTHERS = {
    "fractions": Part("tess", "tess"),
    "filtration": Part("tess", "tess"),
    "room_temperature": Part("tess", "tess"),
    "counter_after": Part("tess", "tess"),
    "analyser_after": Part("tess", "tess"),
    **dict.fromkeys(("gram", "endotoxin", "sterility", "cfu_f", "flow"), Part("tess", "tess")),
}
"""Steps of the other shipped processes."""


ACTS = {
    "storage-1": Part("tess", "tess"),
    "storage-2": Part("tess", "tess"),
    "handover-3": Part("vic", "vic"),
    "division-4": Part("vic", "vic"),
    "offer-5": Part("vic", "vic"),
    "refusal-6": Part("paula", "paula"),
    "product_check-7": Part("tess", "tess"),
    "adverse_event-8": Part("paula", "paula"),
    "follow_up-9": Part("paula", "paula"),
    "pool-10": Part("vic", "vic", "tess"),
    "label_over-11": Part("tess", "tess"),
}
"""Acts of custody that no process foresees: what may happen after the receipt."""


OF_FAT = {key: Part("tess", "tess") for key in STEPS} | {"liposuction": Part("paula", "tess")}
"""Steps of the processes that begin with fat."""


def part_of(key: str) -> Part:
    """Who does a step; the technician, where a test has steps of its own."""
    return (PARTS | OTHERS | OF_FAT | ACTS).get(key, Part("tess", "tess"))


def number_of(key: str) -> int:
    """The number that a step of the story has in its process."""
    return list(PARTS).index(key) + 1


_NEUBAUER = next(iter(CHAMBERS))


def facts_of_step(
    key: str,
    *,
    now: datetime,
    patient: str,
    identity: str,
    people: Mapping[str, str],
    equipment: Mapping[str, str],
) -> dict[str, Any]:
    """The facts that the story states in a step. `people` maps usernames to ids, `equipment` codes to ids."""
    at_bedside = {"patient_code": patient, "container_code": "SYR-7"}
    read = {"patient_code": patient, "identity_code": identity, "occasion": CHECKS["release"]}
    given = {"given_at": now - timedelta(minutes=1), "seal_number": "41880", "seal_whole": True}
    spin = {"centrifuge": equipment[CENTRIFUGE], "rotor": equipment[ROTOR], "temperature_c": Decimal("21.5")}
    dilution = {
        "sample_part": Decimal(10),
        "chamber": _NEUBAUER,
        "lysis": "acetic acid 2 to 3 %",
        "border_rule": BORDER_RULES[0],
    }
    from_tess = {"container_code": "BAG-7", "giver": people["tess"], "place_to": "Laboratory", **given}
    event = {
        "event": "Disc infection",
        "began_on": now.date(),
        "grade": "3, severe",
        "seriousness": "not serious",
        "product_relation": "possible",
        "procedure_relation": "probable",
        "action": "Blood culture taken, antibiotics begun.",
        "outcome": "recovering",
        "reported_by": "the patient",
    }
    visit = {
        "visit": "unscheduled",
        "how": "by telephone",
        "pain_nrs": 3,
        "score_name": "Disability index 2.1a",
        "score": Decimal("24"),
        "score_of": Decimal("100"),
        "score_direction": "a lower number is better",
        "analgesics": "less than before",
        "analgesics_taken": "Paracetamol 500 mg, once a day",
        "reintervention": False,
    }
    parts = {
        "source_container_code": "BAG-7",
        "volume_in_ml": Decimal("60.0"),
        "parts": (
            DivisionPart(container_code="SYR-7A", volume_ml=Decimal("20.0")),
            DivisionPart(container_code="SYR-7B", volume_ml=Decimal("25.0")),
        ),
        "left_ml": Decimal("15.0"),
    }
    together = {
        "poured": (
            Poured(container_code="SYR-7B", volume_ml=Decimal("25.0"), left_ml=Decimal(0)),
            Poured(container_code="BAG-7", volume_ml=Decimal("10.0"), left_ml=Decimal("5.0")),
        ),
        "container_code": "BAG-8",
        "total_ml": Decimal("35.0"),
    }
    over = {
        "container_code": "BAG-7",
        "new_code": "BAG-7N",
        "why": "The old label was torn at the hook.",
        "old_label": REMOVED,
    }
    final = {"state": "final", "finished_at": now}
    method = {
        "sample_code": "S-2",
        "amount_ml": Decimal("0.10"),
        "method_version": "3",
        "received_at": now - timedelta(minutes=1),
        "started_at": now - timedelta(minutes=1),
    }
    clear = {
        "room": "Room 2",
        "cabinet": "Cabinet A",
        "previous_removed": True,
        "cleaned": True,
        "cleaning_agent": "Sterile alcohol 70 %",
        "cleaning_lot": "AL-31",
        "no_other_patient": True,
        "labels_removed": True,
        "environment_ok": True,
    }
    story: dict[str, dict[str, Any]] = {
        "order": {
            "order_code": "O-1",
            "indication": "degenerative disc disease",
            "consent_version": "Consent BMC, version 3",
            "consent_date": date(2026, 11, 20),
            "weight_kg": Decimal(70),
            "weighed_on": date(2026, 11, 20),
            "targets": (
                Target(
                    structure="intervertebral disc", level="L4/5", side="midline", volume_ml=Decimal("2.0")
                ),
                Target(
                    structure="intervertebral disc", level="L5/S1", side="midline", volume_ml=Decimal("2.0")
                ),
            ),
        },
        "identity_harvest": {
            "patient_code": patient,
            "identity_code": identity,
            "method": "wristband scanned",
        },
        "harvest": {
            "site": "posterior iliac crest",
            "side": "left",
            "place": "Theatre 2",
            "draws": tuple(Draw(volume_ml=Decimal(text)) for text in ("18.0", "17.0", "17.0")),
            "anticoagulant": "ACD-A",
            "anticoagulant_volume_ml": Decimal("8.0"),
            "anticoagulant_lot": "AC-778",
            "anticoagulant_expiry": date(2027, 6, 30),
            "total_volume_ml": Decimal("60.0"),
            "container_code": "BAG-7",
            "seal_number": "41880",
        },
        "handover_laboratory": {
            "container_code": "BAG-7",
            "giver": people["paula"],
            "place_from": "Theatre 2",
            "place_to": "Laboratory",
            "temperature_c": Decimal("21.0"),
            **given,
        },
        "storage-1": {
            "container_code": "BAG-7",
            "movement": "put away",
            "place": "Fridge 2",
            "position": "shelf 1",
            "temperature_c": Decimal("4.5"),
        },
        "storage-2": {"container_code": "BAG-7", "movement": "taken out", "place": "Fridge 2"},
        "handover-3": {**from_tess, "place_from": "Fridge 2"},
        "offer-1": {
            "container_code": "BAG-7",
            "receiver": people["vic"],
            "place": "Laboratory",
            "seal_number": "41880",
        },
        "handover-2": {**from_tess, "place_from": "Laboratory"},
        "offer-5": {
            "container_code": "SYR-7A",
            "receiver": people["paula"],
            "place": "Hatch to theatre",
            "transport_box": "BOX-3",
            "temperature_c": Decimal("20.5"),
        },
        "refusal-6": {"container_code": "SYR-7A", "giver": people["vic"], "why": "The label cannot be read."},
        "product_check-1": read | {"container_code": "SYR-7"},
        "product_check-2": read | {"container_code": "SYR-7", "occasion": CHECKS["dispense"]},
        "product_check-7": read | {"container_code": "SYR-7A"},
        "adverse_event-8": event,
        "adverse_event-1": event,
        **{f"follow_up-{number}": visit for number in range(1, 41)},
        "refusal-1": {"container_code": "BAG-7", "giver": people["paula"], "why": "The seal is broken."},
        "division-1": parts,
        "division-2": parts,
        "division-4": parts,
        "pool-1": together,
        "pool-2": together,
        "pool-10": together,
        "label_over-1": over,
        "label_over-3": over,
        "label_over-11": over | {"container_code": "BAG-8", "new_code": "BAG-9"},
        "receipt": {
            "container_code": "BAG-7",
            "volume_ml": Decimal("60.0"),
            "temperature_c": Decimal("21.0"),
            "appearance": "normal",
            "clots": False,
            "leaks": False,
            "label_legible": True,
            "decision": "accept",
        },
        "sample_before": {"container_code": "BAG-7", "sample_code": "S-1", "volume_ml": Decimal("0.50")},
        "count_before": {
            "sample_code": "S-1",
            "diluent_part": Decimal(190),
            "squares": tuple(Square(cells=cells) for cells in (95, 84, 90, 101, 82)),
            **dilution,
        },
        "spin_1": {
            "container_code": "BAG-7",
            "speed_rpm": Decimal(2400),
            "rcf_g": None,
            "duration_min": Decimal("4.0"),
            "brake": "soft",
            **spin,
        },
        "spin_2": {
            "container_code": "BAG-7",
            "speed_rpm": None,
            "rcf_g": Decimal(800),
            "duration_min": Decimal("4.0"),
            "brake": "off",
            **spin,
        },
        "resuspension": {
            "source_container_code": "BAG-7",
            "diluent": "autologous plasma",
            "diluent_volume_ml": Decimal("3.0"),
            "final_volume_ml": Decimal("8.0"),
            "container_code": "SYR-7",
        },
        "area_before": {"timing": "before this batch", **clear},
        "area_after": {"timing": "after this batch", **clear},
        "anticoagulant": {
            "anticoagulant": "ACD-A",
            "maker": "Citra Works",
            "lot": "AC-778",
            "expiry": date(2027, 6, 30),
            "volume_ml": Decimal("8.0"),
            "planned_marrow_ml": Decimal("52.0"),
        },
        "fractions": {
            "source_container_code": "BAG-7",
            "method": "automated",
            "volume_in_ml": Decimal("59.5"),
            "plasma_removed_ml": Decimal("38.0"),
            "buffy_layer_ml": Decimal("8.0"),
            "red_cells_retained_ml": Decimal("13.0"),
            "discarded_ml": Decimal("0"),
            "haematocrit_percent": Decimal("9.0"),
            "container_code": "SYR-7",
        },
        "room_temperature": {"number": Decimal("21.0")},
        "final_container": {
            "source_container_code": "SYR-7",
            "container_type": "syringe",
            "container_lot": "SY-88",
            "container_expiry": date(2028, 1, 31),
            "volume_ml": Decimal("8.0"),
            "container_code": "SYR-7",
            "label_checked": True,
        },
        "reconciliation": {
            "waste_ml": Decimal("51.5"),
            "labels_printed": 6,
            "labels_used": 5,
            "labels_destroyed": 1,
        },
        "filtration": {
            "source_container_code": "BAG-7",
            "filter_name": "Marrow filter M-200",
            "filter_lot": "F-2210",
            "filter_expiry": date(2027, 6, 30),
            "pore_um": Decimal(200),
            "drive": "gravity",
            "volume_in_ml": Decimal("60.0"),
            "flush": "saline",
            "flush_volume_ml": Decimal("10.0"),
            "flush_lot": "S-77",
            "kept": "what the filter held",
            "collected_volume_ml": Decimal("8.0"),
            "discarded_volume_ml": Decimal("58.5"),
            "container_code": "SYR-7",
            "clogged": False,
        },
        "counter_after": {
            "sample_code": "S-2",
            "counter": equipment.get(COUNTER, ""),
            "software": "2.1",
            "cassette": "Cassette A",
            "cassette_lot": "CA-77",
            "cassette_expiry": date(2027, 6, 30),
            "mode": "viability and count",
            "sample_part": Decimal(10),
            "diluent_part": Decimal(90),
            "shown_per_ml": Decimal(8900000),
            "stands_for": DILUTED,
            "shown_viability_percent": Decimal("93.1"),
            "live": 1862,
            "dead": 138,
            "file_name": "2026-11-23 S-2.csv",
        },
        "analyser_after": {
            "sample_code": "S-2",
            "analyser": "Analyser XN, HA-01",
            "wbc_e9_per_l": Decimal("91.2"),
            "stands_for": AS_IT_STANDS,
            "nrbc_policy": WITH_NRBC,
            "haematocrit_percent": Decimal("8.5"),
            "platelets_e9_per_l": Decimal(610),
        },
        "sample_after": {"container_code": "SYR-7", "sample_code": "S-2", "volume_ml": Decimal("0.50")},
        "count_after": {
            "sample_code": "S-2",
            "diluent_part": Decimal(990),
            "squares": tuple(Square(cells=cells) for cells in (88, 79, 93, 81, 90)),
            "dye": "trypan blue",
            "live": 186,
            "dead": 14,
            **dilution,
        },
        "handover_theatre": {
            "container_code": "SYR-7",
            "giver": people["tess"],
            "place_from": "Laboratory",
            "place_to": "Theatre 2",
            "temperature_c": Decimal("20.5"),
            **given,
        },
        "bedside": {
            **at_bedside,
            "identity_code": identity,
            "method": "patient asked openly",
            "sites": tuple(
                CheckedSite(structure="intervertebral disc", level=level, side="midline")
                for level in ("L4/5", "L5/S1")
            ),
            "looks_normal": True,
        },
        "injection": {
            **at_bedside,
            "place": "Theatre 2",
            "sites": tuple(
                Site(
                    structure="intervertebral disc",
                    level=level,
                    side="midline",
                    guidance="fluoroscopy",
                    approach="posterolateral",
                    needle_gauge=Decimal(22),
                    needle_length_mm=Decimal(90),
                    contrast="none",
                    volume_ml=Decimal("2.0"),
                    injected_at=now - timedelta(minutes=1),
                )
                for level in ("L4/5", "L5/S1")
            ),
        },
        "gram": {
            **method,
            **final,
            "method": "QC-004",
            "reagents": (Reagent(name="Crystal violet", lot="CV-12", expiry=date(2027, 5, 31)),),
            "fields_read": 20,
            "controls_right": True,
            "result": "no organisms seen",
        },
        "endotoxin": {
            **method,
            **final,
            "method": "QC-007",
            "kit_lot": "LAL-88",
            "kit_expiry": date(2027, 1, 31),
            "lambda_eu_per_ml": Decimal("0.05"),
            "sample_part": Decimal(1),
            "diluent_part": Decimal(9),
            "spike_recovery_percent": Decimal(104),
            "below_lambda": True,
        },
        "sterility": {
            **method,
            "state": "running",
            "method": "QC-009",
            "bottles": (
                Bottle(medium="aerobic", lot="FA-31", expiry=date(2027, 2, 28), inoculum_ml=Decimal("0.25")),
                Bottle(
                    medium="anaerobic", lot="FN-17", expiry=date(2027, 2, 28), inoculum_ml=Decimal("0.25")
                ),
            ),
            "incubation_days": 14,
            "temperature_c": Decimal("35.0"),
        },
        "mycoplasma": {
            **method,
            **final,
            "method": "QC-011",
            "technique": "nucleic acid amplification",
            "controls_right": True,
            "result": "not detected",
        },
        "cfu_f": {
            **method,
            "state": "running",
            "method": "QC-013",
            "cells_per_dish": 500000,
            "colony_cells": 50,
        },
        "flow": {
            **method,
            **final,
            "method": "QC-015",
            "file_name": "KRK-26-0001_S-2.fcs",
            "panel": "MSC panel 2",
            "viability_percent": Decimal("93.5"),
            "markers": (
                Marker(marker="CD45", parent="viable singlets", percent=Decimal("91.2"), events=20000),
                Marker(marker="CD34", parent="CD45 dim", percent=Decimal("1.4"), events=18000),
            ),
        },
        "residual": {"volume_ml": Decimal("3.5"), "fate": "destroyed", "method": "autoclaved"},
    }
    return (story | facts_of_fat(now=now, spin=spin))[key]


def as_typed(facts: Mapping[str, Any]) -> dict[str, str]:
    """The text that was typed for each plain fact."""
    return {
        name: plain(value) if isinstance(value, Decimal) else str(value)
        for name, value in facts.items()
        if isinstance(value, (str, int, Decimal))
    }
