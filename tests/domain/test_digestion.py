"""Enzymatic digestion: activity with its unit, duration as a time limit, what cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.results.results import judged_values
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.digestion import EnzymaticDigestion
from labrecords.domain.values.limits import Outcome
from tests.support.clean import altered, entry_of
from tests.support.fat_record import digested


def digestion(**changes: Any) -> EnzymaticDigestion:
    entry = entry_of(digested(), "digest")
    assert isinstance(entry, EnzymaticDigestion)
    return replace(entry, **changes)


def computed(entry: EnzymaticDigestion) -> dict[str, tuple[str, str]]:
    return {item.key: (item.reported, item.unit) for item in entry.derived(digested())}


def test_what_follows_from_the_weighed_enzyme() -> None:
    assert computed(digestion()) == {
        "duration_min": ("30.0", "min"),
        "enzyme_percent": ("0.100", "%"),
        "enzyme_units_per_ml": ("0.180", "PZ U/mL"),
        "enzyme_ratio": ("1.00", "mL/mL"),
    }
    assert {item.key for item in digestion().derived(digested())} == set(EnzymaticDigestion.derived_keys)


def test_the_unit_of_activity_is_the_one_that_the_maker_declares() -> None:
    assert computed(digestion(activity_unit="CDU/mg"))["enzyme_units_per_ml"] == ("0.180", "CDU/mL")
    declared = digestion(activity_unit="other", activity_unit_text="FALGPA U/mg")
    assert computed(declared)["enzyme_units_per_ml"] == ("0.180", "FALGPA U/mL")


@pytest.mark.req("GMP-111")
@pytest.mark.parametrize(
    ("minutes", "outcome"),
    [("19.4", "fail"), ("19.5", "pass"), ("60.4", "pass"), ("60.5", "fail"), ("30", "pass")],
)
def test_the_duration_is_judged_by_the_time_limit(minutes: str, outcome: str) -> None:
    stopped = digestion().started_at + timedelta(seconds=int(Decimal(minutes) * 60))
    changed = digestion(stopped_at=stopped)
    judged = {item.name: item.judgement.outcome for item in judged_values(digested(), changed)}
    assert judged["duration_min"] is Outcome(outcome)


@pytest.mark.req("GMP-111")
def test_a_digestion_that_was_too_long_blocks_release() -> None:
    late = digestion().started_at - timedelta(minutes=31)
    found = findings(altered(digested(), "digest", started_at=late))
    (finding,) = (item for item in found if item.rule == "out of limits")
    assert finding.severity.name == "BLOCKING"
    assert "61 min" in finding.sentence


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"stopped_at": digestion().started_at - timedelta(seconds=1)}, "stopped_at"),
        ({"activity_unit": "other"}, "activity_unit_text"),
        ({"activity_unit_text": "FALGPA U/mg"}, "activity_unit_text"),
        ({"activity_unit": "U/mg"}, "activity_unit"),
        ({"tissue_volume_ml": Decimal(0)}, "tissue_volume_ml"),
        ({"enzyme_expiry": None}, "enzyme_expiry"),
        ({"temperature_c": Decimal(370)}, "temperature_c"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(digestion(), fact.name) for fact in facts_of(EnzymaticDigestion)}
    step = digested().process.step("digest")
    assert list(problems(EnzymaticDigestion, stated | changes, step)) == [name]


@pytest.mark.req("GMP-80")
@pytest.mark.parametrize("fact", ["enzyme_expiry", "solution_expiry", "neutraliser_expiry"])
def test_an_expired_enzyme_or_fluid_stops_it(fact: str) -> None:
    (stop,) = stops_of(digested(), digestion(**{fact: date(2020, 1, 1)}))
    assert stop.rule == "expired lot"


def test_somebody_elses_fat_is_not_digested() -> None:
    (stop,) = stops_of(digested(), digestion(source_container_code="BAG-8"))
    assert (stop.rule, stop.critical) == ("identity", True)


def test_in_one_line() -> None:
    assert digestion().summary(digested()) == "180.0 mg Collagenase NB 6, lot C-601; 30.0 min at 37.0 °C"
