"""What the story states of the line, the anticoagulant, the final container and the labels, all of it chosen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from labrecords.demo.run import Chosen

GOOD_FOR = timedelta(days=300)
"""From the day of the run to the expiry of a lot."""


def cleared(chosen: Chosen, timing: str, today: date) -> dict[str, Any]:
    """The facts of a line clearance in which nothing was found; `timing` says before or after this batch."""
    return {
        **chosen["line"],
        "timing": timing,
        "cleaning_expiry": today + GOOD_FOR,
        **dict.fromkeys(
            ("previous_removed", "cleaned", "no_other_patient", "labels_removed", "environment_ok"), True
        ),
    }


def prepared(chosen: Chosen, today: date) -> dict[str, Any]:
    """The facts of the anticoagulant that the harvest then uses up."""
    harvest = chosen["harvest"]
    return {
        "anticoagulant": harvest["anticoagulant"],
        "maker": chosen["anticoagulant"]["maker"],
        "lot": harvest["anticoagulant_lot"],
        "expiry": today + GOOD_FOR,
        "volume_ml": Decimal(harvest["anticoagulant_volume_ml"]),
        "planned_marrow_ml": Decimal(chosen["anticoagulant"]["planned_marrow_ml"]),
    }


def filled(chosen: Chosen, today: date) -> dict[str, Any]:
    """The facts of the syringe that the concentrate was taken up into, its label checked."""
    code = chosen["resuspension"]["container_code"]
    final = chosen["final_container"]
    return {
        "source_container_code": code,
        "container_type": final["container_type"],
        "container_lot": final["container_lot"],
        "container_expiry": today + GOOD_FOR,
        "volume_ml": Decimal(final["volume_ml"]),
        "container_code": code,
        "label_checked": True,
    }


def reconciled(chosen: Chosen) -> dict[str, Any]:
    """The facts of the waste and the labels."""
    counted = chosen["reconciliation"]
    labels = {name: int(counted[name]) for name in ("labels_printed", "labels_used", "labels_destroyed")}
    return {"waste_ml": Decimal(counted["waste_ml"]), **labels}
