"""The anticoagulant: its ratio to the marrow, its lot, and what cannot be true of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.registers.materials import Material
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.anticoagulant import AnticoagulantPreparation
from tests.support.clean import altered, entry_of
from tests.support.shipped import processed

RECORD = processed("bone_marrow_concentrate_one_spin")
HEPARIN = {"anticoagulant": "heparin", "heparin_iu_per_ml": Decimal(1000), "volume_ml": Decimal("2.5")}
NONE = {"anticoagulant": "none", "volume_ml": Decimal(0), "lot": None, "expiry": None, "maker": None}


def prepared(**changes: Any) -> AnticoagulantPreparation:
    entry = entry_of(RECORD, "anticoagulant")
    assert isinstance(entry, AnticoagulantPreparation)
    return replace(entry, **changes)


def refused(**changes: Any) -> list[str]:
    stated = {fact.name: getattr(prepared(), fact.name) for fact in facts_of(AnticoagulantPreparation)}
    return list(problems(AnticoagulantPreparation, stated | changes, RECORD.process.step("anticoagulant")))


def test_eight_ml_for_52_ml_of_marrow_are_one_to_six_and_a_half() -> None:
    (ratio,) = prepared().derived(RECORD)
    assert (ratio.value, ratio.reported, ratio.formula_id) == (
        Decimal("6.5"), "1 : 6.5", "anticoagulant-ratio/1",
    )  # fmt: skip
    assert [(part.symbol, part.value) for part in ratio.inputs] == [("Vm", "52.0"), ("Va", "8.0")]


@pytest.mark.parametrize(
    ("volume", "outside"), [("10.4", False), ("10.8", True), ("4.4", False), ("4.1", True)]
)
def test_a_ratio_outside_one_to_five_and_one_to_twelve_is_shown(volume: str, outside: bool) -> None:
    found = findings(altered(RECORD, "anticoagulant", volume_ml=Decimal(volume)))
    assert [finding.rule for finding in found] == ["alert"] * outside


def test_the_units_of_heparin_are_worked_out() -> None:
    _, units = prepared(**HEPARIN).derived(RECORD)
    assert (units.key, units.value, units.unit) == ("heparin_iu", Decimal("2500.0"), "IU")


def test_what_can_be_is_accepted() -> None:
    assert refused() == refused(**HEPARIN) == refused(**NONE) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({**NONE, "volume_ml": Decimal(1)}, "volume_ml"),
        ({"volume_ml": Decimal(0)}, "volume_ml"),
        ({"lot": None}, "lot"),
        ({**HEPARIN, "heparin_iu_per_ml": None}, "heparin_iu_per_ml"),
        ({"heparin_iu_per_ml": Decimal(100)}, "heparin_iu_per_ml"),
        ({"planned_marrow_ml": Decimal(0)}, "planned_marrow_ml"),
        ({"anticoagulant": "EDTA"}, "anticoagulant"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    # Marrow of 0 mL is outside the possible range of the shipped process already.
    assert refused(**changes) == [name]


def test_the_anticoagulant_is_a_material() -> None:
    assert prepared().materials() == (
        Material("ACD-A", "AC-778", date(2027, 6, 30), Decimal("8.0"), maker="Citra Works"),
    )
    assert prepared(**NONE).materials() == ()
    assert prepared(**NONE).derived(RECORD) == ()


@pytest.mark.req("GMP-80")
def test_an_expired_anticoagulant_stops_it() -> None:
    (stop,) = stops_of(RECORD, prepared(expiry=date(2020, 1, 1)))
    assert stop.rule == "expired lot"


def test_in_one_line() -> None:
    assert prepared().summary(RECORD) == "8.0 mL ACD-A, lot AC-778, for 52.0 mL of marrow"
    assert "2.5 mL heparin, 1000 IU/mL, lot" in prepared(**HEPARIN).summary(RECORD)
    assert prepared(**NONE).summary(RECORD) == "none, for 52.0 mL of marrow"
