"""Washes of fat and of cells: the mass that is weighed, and how far the enzyme is diluted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.containers import container_at
from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.results import results
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.wash import Wash
from tests.support.clean import altered, entry_of
from tests.support.fat_record import digested, emulsified


def wash(key: str, **changes: Any) -> Wash:
    entry = entry_of(digested(), key)
    assert isinstance(entry, Wash)
    return replace(entry, **changes)


def test_the_enzyme_is_diluted_by_what_stays_before_each_wash() -> None:
    (factor,) = wash("wash_cells").derived(digested())
    assert (factor.value, factor.reported, factor.formula_id) == (Decimal(100), "100", "wash-dilution/1")


def test_a_wash_before_the_digestion_dilutes_no_enzyme() -> None:
    assert wash("wash_fat", kept_volume_ml=Decimal(5)).derived(digested()) == ()
    pellet = entry_of(emulsified(), "pour_off")
    assert pellet.derived(emulsified()) == ()


def test_too_little_dilution_is_looked_at() -> None:
    found = findings(altered(digested(), "wash_cells", kept_volume_ml=Decimal(6)))
    assert [(finding.rule, "72 ×" in finding.sentence) for finding in found] == [("alert", True)]


def test_the_yield_rests_on_the_mass_of_the_washed_fat() -> None:
    found = results(digested())
    assert found["yield_per_gram"].reported == "2.00 × 10⁵"
    assert [item.value for item in found["yield_per_gram"].inputs] == ["3.31 × 10⁷", "165.6"]
    assert found["expected_cells"].value == Decimal(500000) * Decimal("165.6")
    assert "recovery_percent" not in found
    assert "expected_cells" not in results(emulsified())


def test_a_wash_that_did_not_run_clear_is_looked_at() -> None:
    (finding,) = findings(altered(digested(), "wash_fat", clear=False))
    assert (finding.rule, finding.severity.name) == ("wash", "EXCEPTION")
    assert "not clear" in finding.sentence


def test_without_a_mass_there_is_no_yield() -> None:
    assert "yield_per_gram" not in results(altered(digested(), "wash_fat", fat_mass_g=None))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"fat_mass_g": None}, "fat_mass_g"),
        ({"washes": 0}, "washes"),
        ({"washes": 100}, "washes"),
        ({"kept_volume_ml": Decimal(0)}, "kept_volume_ml"),
        ({"discarded_volume_ml": Decimal(-1)}, "discarded_volume_ml"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(wash("wash_fat"), fact.name) for fact in facts_of(Wash)}
    step = digested().process.step("wash_fat")
    assert list(problems(Wash, stated | changes, step)) == [name]


@pytest.mark.req("HCT-290")
def test_the_material_stays_in_its_tube_unless_another_one_is_filled() -> None:
    record = digested()
    assert container_at(record, "digest") == "BAG-7"
    moved = altered(record, "wash_fat", container_code="BAG-9")
    assert container_at(moved, "digest") == "BAG-9"
    (stop,) = stops_of(record, wash("wash_fat", source_container_code="BAG-8"))
    assert stop.critical


def test_all_the_buffer_is_a_material_and_must_be_in_date() -> None:
    assert wash("wash_fat").materials() == (
        Material("Ringer's solution", "RL-19", date(2027, 6, 30), Decimal(600)),
    )
    (stop,) = stops_of(digested(), wash("wash_fat", buffer_expiry=date(2020, 1, 1)))
    assert stop.rule == "expired lot"


def test_in_one_line() -> None:
    assert wash("wash_fat").summary(digested()) == (
        "3 × 200 mL Ringer's solution, lot RL-19; 180 mL, 165.6 g"
    )
