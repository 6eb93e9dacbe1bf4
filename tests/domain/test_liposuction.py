"""Liposuction: the harvest of fat, where custody and clock begin, and the local anaesthetic for each kg."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody import batch_chain
from labrecords.domain.custody.collection import collections
from labrecords.domain.custody.containers import container_at
from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.registers.materials import Material
from labrecords.domain.results import expiry
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.liposuction import Liposuction
from tests.support.clean import altered, entry_of
from tests.support.fat_record import digested


def liposuction(**changes: Any) -> Liposuction:
    entry = entry_of(digested(), "liposuction")
    assert isinstance(entry, Liposuction)
    return replace(entry, **changes)


def test_lidocaine_is_stated_for_each_kg_of_the_patient() -> None:
    (dose,) = liposuction().derived(digested())
    assert (dose.reported, dose.unit, dose.formula_id) == ("7.1", "mg/kg", "lidocaine/1")
    assert dose.inputs[2].source == "step 4, 2026-11-20"
    assert liposuction(weight_kg=None).derived(digested()) == ()
    assert liposuction(lidocaine_mg_per_l=None).derived(digested()) == ()


def test_more_lidocaine_than_the_site_allows_is_looked_at() -> None:
    (finding,) = findings(altered(digested(), "liposuction", infused_volume_ml=Decimal(5000)))
    assert (finding.rule, finding.severity.name) == ("alert", "EXCEPTION")
    assert "35.7 mg/kg" in finding.sentence


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"fat_volume_ml": Decimal(201)}, "fat_volume_ml"),
        ({"infused_volume_ml": Decimal(0)}, "infused_volume_ml"),
        ({"weighed_on": None}, "weighed_on"),
        ({"vacuum_kpa": Decimal(-60)}, "vacuum_kpa"),
        ({"vacuum_kpa": Decimal(600)}, "vacuum_kpa"),
        ({"side": "L"}, "side"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(liposuction(), fact.name) for fact in facts_of(Liposuction)}
    step = digested().process.step("liposuction")
    assert list(problems(Liposuction, stated | changes, step)) == [name]


@pytest.mark.req("HCT-290")
def test_custody_and_the_clock_begin_with_the_liposuction() -> None:
    record = digested()
    assert [entry.kind for entry in collections(record)] == ["liposuction"]
    first = batch_chain.segments(record)[0]
    assert (first.container, first.place) == ("BAG-7", "Theatre 2")
    assert container_at(record, "wash_fat") == "BAG-7"
    limits = expiry.use_before(record)
    assert limits is not None
    ended = liposuction().performed_at
    assert limits.limits[0].until == ended + timedelta(hours=24)


@pytest.mark.req("HCT-290")
def test_without_a_second_person_at_the_identity_check_no_liposuction_begins() -> None:
    assert liposuction().stops(digested()) == ()
    kept = tuple(item for item in digested().confirmations if item.step_key != "identity_harvest")
    (stop,) = liposuction().stops(replace(digested(), confirmations=kept))
    assert stop.rule == "identity check"


def test_the_tumescent_solution_is_a_material() -> None:
    solution = Material("tumescent solution", "TS-4", date(2027, 6, 30), Decimal(1000))
    assert liposuction().materials() == (solution,)
    assert liposuction(infused_volume_ml=Decimal(0), lidocaine_mg_per_l=None).materials() == ()


def test_in_one_line() -> None:
    assert liposuction().summary(digested()) == (
        "lower abdomen, both sides, syringe; 300 mL in BAG-7, fat 200 mL"
    )
