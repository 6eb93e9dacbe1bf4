"""A patient of a run is registered, and the order written from which its batch is opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from labrecords.actions.orders import write_order
from labrecords.actions.patients import register_patient
from labrecords.demo.cast import Cast
from labrecords.domain.registers.orders import OrderFacts
from labrecords.domain.registers.patients import Identity


def write_patient_and_order(
    cast: Cast, process_key: str, patient: Mapping[str, str], stated: Mapping[str, Any]
) -> str:
    """Register the patient and write what `stated` says of the order step. Returns the code of the order.

    The technician registers, the physician orders. `patient` has name, birth_date and record_number.
    """
    keys = cast.keys
    assert keys is not None, "The cast was given no keys of patients' identities."
    identity = Identity(patient["name"], date.fromisoformat(patient["birth_date"]), patient["record_number"])
    pseudonym = register_patient(cast.by("tess"), keys=keys, identity=identity)
    facts = OrderFacts(
        process_key=process_key,
        indication=stated["indication"],
        indication_note=None,
        targets=stated["targets"],
        prescriber=cast.members["paula"].name,
        consent_version=stated["consent_version"],
        consent_date=stated["consent_date"],
    )
    return write_order(cast.by("paula"), pseudonym=pseudonym, facts=facts)
