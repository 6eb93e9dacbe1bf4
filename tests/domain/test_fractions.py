"""Collecting the fractions: what was parted, what is left over, and where the material is afterwards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.containers import container_at
from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.results.results import basis, results
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.fractions import FractionCollection
from tests.support.clean import altered, entry_of
from tests.support.shipped import processed

RECORD = processed("bone_marrow_concentrate_one_spin")


def parted(**changes: Any) -> FractionCollection:
    entry = entry_of(RECORD, "fractions")
    assert isinstance(entry, FractionCollection)
    return replace(entry, **changes)


def refused(**changes: Any) -> list[str]:
    stated = {fact.name: getattr(parted(), fact.name) for fact in facts_of(FractionCollection)}
    return list(problems(FractionCollection, stated | changes, RECORD.process.step("fractions")))


def test_a_batch_in_a_closed_kit_can_be_released_as_it_is() -> None:
    assert findings(RECORD) == ()
    assert basis(RECORD).volume_after == Decimal("8.0")
    assert results(RECORD)["volume_reduction"].inputs[1].value == "8.0"


def test_what_is_left_in_the_device_is_worked_out() -> None:
    left, share = parted().derived(RECORD)
    assert (left.value, left.unit, left.formula_id) == (Decimal("0.5"), "mL", "fractions-left/1")
    assert [part.value for part in left.inputs] == ["59.5", "38.0", "8.0", "13.0", "0"]
    assert (share.reported, share.formula_id) == ("8.1", "collected-per-60/1")


def test_fifteen_ml_of_sixty_are_still_usual() -> None:
    _, share = parted(volume_in_ml=Decimal(60), buffy_layer_ml=Decimal(15)).derived(RECORD)
    assert share.value == Decimal(15)


def test_more_out_of_the_device_than_in_is_looked_at() -> None:
    finding, balance = findings(altered(RECORD, "fractions", plasma_removed_ml=Decimal("48.0")))
    assert balance.rule == "volume balance"
    assert finding.rule == "alert"
    assert "Left in device and tubing" in finding.sentence


@pytest.mark.req("HCT-290")
def test_the_buffy_layer_is_in_its_own_container_afterwards() -> None:
    assert container_at(RECORD, "fractions") == "BAG-7"
    assert container_at(RECORD, "sample_after") == "SYR-7"


def test_a_container_of_somebody_else_is_not_opened() -> None:
    (stop,) = stops_of(RECORD, parted(source_container_code="BAG-8"))
    assert (stop.rule, stop.critical, stop.expected, stop.found) == ("identity", True, "BAG-7", "BAG-8")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"volume_in_ml": Decimal(0)}, "volume_in_ml"),
        ({"buffy_layer_ml": Decimal(0)}, "buffy_layer_ml"),
        ({"haematocrit_percent": Decimal("100.1")}, "haematocrit_percent"),
        ({"discarded_ml": None}, "discarded_ml"),
        ({"plasma_removed_ml": Decimal(-1)}, "plasma_removed_ml"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    assert refused() == []
    assert refused(**changes) == [name]


def test_without_limits_of_the_process_nothing_collected_is_still_refused() -> None:
    step = replace(RECORD.process.step("fractions"), limits={})
    stated = {fact.name: getattr(parted(), fact.name) for fact in facts_of(FractionCollection)}
    nothing = {"volume_in_ml": Decimal(0), "buffy_layer_ml": Decimal(0), "haematocrit_percent": Decimal(101)}
    assert set(problems(FractionCollection, stated | nothing, step)) == set(nothing)


def test_in_one_line() -> None:
    assert parted().summary(RECORD) == "8.0 mL in SYR-7, automated; 38.0 mL plasma removed"
