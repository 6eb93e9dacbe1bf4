"""Mechanical processing and lysis: passes in their order, what stays in the device, lots, containers."""

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
from labrecords.domain.steps.lysis import Lysis
from labrecords.domain.steps.mechanical import MechanicalProcessing, Passes
from tests.support.clean import altered, entry_of
from tests.support.fat_record import digested, emulsified


def emulsion(**changes: Any) -> MechanicalProcessing:
    entry = entry_of(emulsified(), "emulsify")
    assert isinstance(entry, MechanicalProcessing)
    return replace(entry, **changes)


def lysis(**changes: Any) -> Lysis:
    entry = entry_of(digested(), "lyse")
    assert isinstance(entry, Lysis)
    return replace(entry, **changes)


def test_batches_of_fat_can_be_released_as_they_are() -> None:
    assert findings(emulsified()) == ()
    assert findings(digested()) == ()


def test_what_stays_in_device_and_filter_is_worked_out() -> None:
    (held,) = emulsion().derived(emulsified())
    assert (held.value, held.formula_id) == (Decimal(8), "filter-held/1")


def test_passes_stand_in_their_order_in_one_line() -> None:
    assert emulsion().summary(emulsified()) == (
        "Emulsifier set E-2, lot E-880: 30 × 2.4 mm, 30 × 1.2 mm, filter 500 µm; 172 mL"
    )


def test_device_and_filter_are_materials() -> None:
    assert emulsion().materials() == (
        Material("Emulsifier set E-2", "E-880", date(2027, 6, 30)),
        Material("filter 500 µm", "E-881", date(2027, 6, 30)),
    )
    assert len(emulsion(filter_um=None, filter_lot=None).materials()) == 1


@pytest.mark.req("GMP-80")
@pytest.mark.parametrize("fact", ["device_expiry", "filter_expiry"])
def test_an_expired_device_or_filter_stops_it(fact: str) -> None:
    (stop,) = stops_of(emulsified(), emulsion(**{fact: date(2020, 1, 1)}))
    assert stop.rule == "expired lot"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"collected_volume_ml": Decimal(0)}, "collected_volume_ml"),
        ({"filter_um": None}, "filter_um"),
        ({"connectors": ()}, "connectors"),
        ({"connectors": (Passes(connector_mm=Decimal(24), passes=30),)}, "connectors-0-connector_mm"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(emulsion(), fact.name) for fact in facts_of(MechanicalProcessing)}
    step = emulsified().process.step("emulsify")
    assert list(problems(MechanicalProcessing, stated | changes, step)) == [name]


def test_a_lysis_without_reagent_is_none() -> None:
    stated = {fact.name: getattr(lysis(), fact.name) for fact in facts_of(Lysis)}
    found = problems(Lysis, stated | {"reagent_volume_ml": Decimal(0)}, digested().process.step("lyse"))
    assert list(found) == ["reagent_volume_ml"]


@pytest.mark.req("GMP-111")
def test_a_lysis_that_was_too_long_blocks_release() -> None:
    (finding,) = findings(altered(digested(), "lyse", duration_min=Decimal("15.1")))
    assert (finding.rule, finding.severity.name) == ("out of limits", "BLOCKING")


@pytest.mark.req("HCT-290")
def test_only_this_batchs_container_is_emulsified_or_lysed() -> None:
    for record, entry in (
        (emulsified(), emulsion(source_container_code="BAG-8")),
        (digested(), lysis(container_code="BAG-8")),
    ):
        (stop,) = stops_of(record, entry)
        assert (stop.rule, stop.critical) == ("identity", True)


def test_the_reagent_is_a_material() -> None:
    assert lysis().materials() == (Material("Lysis buffer L-1", "L-12", date(2027, 6, 30), Decimal(20)),)
    assert lysis().summary(digested()) == "20 mL Lysis buffer L-1, lot L-12; 8.0 min at 21.0 °C"
