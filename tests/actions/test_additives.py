"""Additives: each with lot and amount, and asked back where the process does not list it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from labrecords.actions.door import Invalid
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.materials import Material
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.formulation import Additive, Resuspension
from tests.support.clean import altered, clean, entry_of
from tests.support.lab import Lab

RECORD = clean("resuspension")
HEPARIN = Additive(name="Heparin", lot="H-1", expiry=date(2027, 1, 1), amount=Decimal(500), amount_unit="IU")
SALINE = Additive(name="saline ", lot="S-2", amount=Decimal("1.5"), amount_unit="mL")


def filled(**changes: Any) -> Resuspension:
    entry = entry_of(RECORD, "resuspension")
    assert isinstance(entry, Resuspension)
    return replace(entry, **changes)


def listing(*names: str) -> BatchRecord:
    return replace(RECORD, process=replace(RECORD.process, additives=names))


def test_an_additive_outside_the_list_is_asked_back() -> None:
    doubts = filled(additives=(HEPARIN, SALINE)).doubts(listing("Saline", "water"))
    assert doubts == {
        "additives": "Outside the list of additives of this pathway (another country, by its own rules): Heparin. "
        "On the list: Saline, water."
    }


def test_what_is_listed_is_no_question_however_it_is_written() -> None:
    assert filled(additives=(SALINE,)).doubts(listing("SALINE")) == {}


def test_where_the_process_has_no_list_every_additive_is_asked_back() -> None:
    (sentence,) = filled(additives=(HEPARIN,)).doubts(listing()).values()
    assert sentence.endswith("Heparin. On the list: nothing.")


def test_the_reason_and_the_additive_stand_in_the_finding() -> None:
    record = altered(
        listing("saline"),
        "resuspension",
        additives=(HEPARIN,),
        confirmed={"additives": "Ordered by the physician."},
    )
    (finding,) = [item for item in findings(record) if item.rule == "unusual value"]
    assert "Outside the list of additives" in finding.sentence
    assert finding.sentence.endswith("Heparin. On the list: saline. Reason given: Ordered by the physician.")


def test_additives_are_materials_with_lot_expiry_and_amount() -> None:
    assert filled(additives=(HEPARIN, SALINE)).materials()[1:] == (
        Material("Heparin", "H-1", date(2027, 1, 1), None, "500 IU"),
        Material("saline ", "S-2", None, Decimal("1.5")),
    )


def test_an_expired_additive_or_diluent_stops_it() -> None:
    old = replace(HEPARIN, expiry=date(2020, 1, 1))
    assert [stop.rule for stop in stops_of(RECORD, filled(additives=(old,)))] == ["expired lot"]
    assert [stop.rule for stop in stops_of(RECORD, filled(diluent_expiry=date(2020, 1, 1)))] == [
        "expired lot"
    ]


def test_without_a_reason_nothing_is_recorded_and_with_one_it_is_kept(lab: Lab) -> None:
    number = lab.play("spin_1", lab.open_batch())
    lab.leave_out(number, "spin_2")
    with pytest.raises(Invalid) as refused:
        lab.record_step(number, "resuspension", additives=(HEPARIN,))
    assert list(refused.value.problems) == ["additives-reason"]
    kept = {"container_code": "Both labels read.", "additives": "Ordered by the physician."}
    lab.record_step(number, "resuspension", additives=(HEPARIN,), confirmed=kept)
    entry = lab.record(number).current("resuspension")
    assert entry is not None
    assert entry.confirmed["additives"] == "Ordered by the physician."
