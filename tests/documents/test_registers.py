"""Sections 7 and 8: what the registers knew of lots and equipment at the act."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.lots import LOT_RELEASED, QUARANTINE, Lot, key_of
from tests.support.example import example_record
from tests.support.printed import printed, squeezed, text_of


def lot_of(record: BatchRecord, status: str) -> Lot:
    """The anticoagulant of the harvest as it was registered two days before."""
    harvest = record.current("harvest")
    assert harvest is not None
    (used,) = harvest.materials()
    assert used.lot
    return Lot(
        id="1" * 32, delivery_id="1" * 32, material=used.name, material_key=key_of(used.name),
        maker="Makers & Sons <b>", catalogue_number="A-100", lot=used.lot, lot_key=key_of(used.lot),
        expiry=date(2027, 5, 31), quantity=Decimal(100), unit="mL", place="", certificate="coa.pdf",
        certificate_sha256="ab" * 32, status=status, reason="", person_id="p", by_name="Vic Vermeer",
        signature_id=None, registered_at=harvest.performed_at - timedelta(days=2),
    )  # fmt: skip


@pytest.mark.req("HCT-210")
@pytest.mark.parametrize(("status", "words"), [(LOT_RELEASED, "released"), (QUARANTINE, "QUARANTINE")])
def test_a_lot_is_printed_with_maker_certificate_and_its_standing_at_the_act(status: str, words: str) -> None:
    record = example_record()
    text = squeezed(text_of(printed(replace(record, lots=(lot_of(record, status),))).pdf))
    for part in ("Makers & Sons <b>, A-100", words, "Vic Vermeer", "coa.pdf", "SHA-256 " + "ab" * 8):
        assert squeezed(part) in text, part


def test_a_lot_that_nobody_registered_is_printed_as_such() -> None:
    assert "notregistered" in squeezed(text_of(printed(example_record()).pdf))


@pytest.mark.req("GMP-105")
def test_equipment_is_printed_with_calibration_cleaning_serial_number_and_software() -> None:
    record = example_record()
    pieces = [
        replace(
            item, serial="SN-4711", udi="(01)0761 <b>", software="Reader 2.1", place="Room 2",
            next_clean="2027-01-31", last_check="2026-06-29",
        )
        for item in record.equipment
    ]  # fmt: skip
    text = squeezed(text_of(printed(replace(record, equipment=tuple(pieces))).pdf))
    said = "serial number SN-4711, UDI (01)0761 <b>, Reader 2.1, Room 2"
    for part in (said, "Calibrated on", "2026-06-29", "2027-01-31", "2027-06-30"):
        assert squeezed(part) in text, part
    assert squeezed("not recorded") not in text


def test_a_piece_whose_last_calibration_nobody_registered_is_printed_as_such() -> None:
    text = squeezed(text_of(printed(example_record()).pdf))
    assert text.count(squeezed("not recorded")) == 2
