"""Filtration: what goes in and comes out, what is left in the filter, and where the material is afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pytest

from labrecords.domain.custody.containers import container_at
from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.results import basis, results
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.filtration import Filtration
from tests.support.clean import altered, entry_of
from tests.support.example_pen import Example


@cache
def filtered() -> BatchRecord:
    """A batch of the shipped process by filtration, up to the last count."""
    folder = resources.files("labrecords.domain.processes") / "shipped"
    example = Example(process_text=(folder / "bone_marrow_filtration.toml").read_text(encoding="utf-8"))
    for step in example.record.process.phase("processing"):
        example.wait(5)
        example.step(step.key)
        example.confirm_all(step.key)
    return example.record


def run(**changes: Any) -> Filtration:
    entry = entry_of(filtered(), "filtration")
    assert isinstance(entry, Filtration)
    return replace(entry, **changes)


def test_a_batch_by_filtration_can_be_released_as_it_is() -> None:
    assert findings(filtered()) == ()
    assert basis(filtered()).volume_after == Decimal("8.0")
    assert results(filtered())["volume_reduction"].inputs[1].value == "8.0"


def test_what_is_left_in_the_filter_is_worked_out() -> None:
    (held,) = run().derived(filtered())
    assert (held.value, held.unit, held.formula_id) == (Decimal("3.5"), "mL", "filter-held/1")
    assert [part.value for part in held.inputs] == ["60.0", "10.0", "8.0", "58.5"]


def test_more_out_of_the_filter_than_in_is_looked_at() -> None:
    record = altered(filtered(), "filtration", discarded_volume_ml=Decimal("68.0"))
    alert, balance = findings(record)
    assert (alert.rule, balance.rule) == ("alert", "volume balance")
    assert "Left in filter and tubing" in alert.sentence
    assert "6.0 mL more came out than went in" in balance.sentence


@pytest.mark.req("HCT-290")
def test_the_material_is_in_the_new_container_afterwards() -> None:
    assert container_at(filtered(), "filtration") == "BAG-7"
    assert container_at(filtered(), "sample_after") == "SYR-7"


def test_a_container_of_somebody_else_is_not_filtered() -> None:
    (stop,) = stops_of(filtered(), run(source_container_code="BAG-8"))
    assert (stop.rule, stop.critical, stop.expected, stop.found) == ("identity", True, "BAG-7", "BAG-8")


@pytest.mark.req("GMP-80")
@pytest.mark.parametrize("fact", ["filter_expiry", "flush_expiry"])
def test_an_expired_filter_or_flush_stops_it(fact: str) -> None:
    (stop,) = stops_of(filtered(), run(**{fact: date(2020, 1, 1)}))
    assert stop.rule == "expired lot"


def test_filter_and_flush_are_materials() -> None:
    assert run().materials() == (
        Material("Marrow filter M-200", "F-2210", date(2027, 6, 30)),
        Material("saline", "S-77", None, Decimal("10.0")),
    )
    assert len(run(flush="none", flush_volume_ml=Decimal(0)).materials()) == 1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"flush": "none"}, "flush_volume_ml"),
        ({"collected_volume_ml": Decimal(0)}, "collected_volume_ml"),
        ({"filter_lot": ""}, "filter_lot"),
        ({"volume_in_ml": Decimal(-1)}, "volume_in_ml"),
        ({"pore_um": Decimal(2000)}, "pore_um"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(run(), fact.name) for fact in facts_of(Filtration)}
    step = filtered().process.step("filtration")
    assert list(problems(Filtration, stated | changes, step)) == [name]


def test_in_one_line() -> None:
    assert run().summary(filtered()) == ("60.0 mL through Marrow filter M-200, lot F-2210; 8.0 mL in SYR-7")
