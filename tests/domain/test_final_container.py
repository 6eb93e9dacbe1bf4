"""The final container: its lot and label, and until when what is in it may be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.containers import container_at
from labrecords.domain.entries import problems
from labrecords.domain.facts import facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.results import basis
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.final_container import FinalContainer
from tests.support.clean import altered, entry_of, without
from tests.support.shipped import processed

RECORD = processed("bone_marrow_concentrate_one_spin")


def filled(**changes: Any) -> FinalContainer:
    entry = entry_of(RECORD, "final_container")
    assert isinstance(entry, FinalContainer)
    return replace(entry, **changes)


def with_shelf_life(record: BatchRecord, hours: str) -> BatchRecord:
    return replace(record, process=replace(record.process, shelf_life_h=Decimal(hours)))


def test_the_yield_is_taken_from_what_was_filled() -> None:
    assert basis(altered(RECORD, "final_container", volume_ml=Decimal("7.5"))).volume_after == Decimal("7.5")


@pytest.mark.req("HCT-290")
def test_the_material_is_in_the_final_container_afterwards() -> None:
    record = altered(RECORD, "final_container", container_code="SYR-8")
    assert container_at(record, "sample_after") == "SYR-8"
    (stop,) = stops_of(RECORD, filled(source_container_code="SYR-9"))
    assert (stop.rule, stop.expected, stop.found) == ("identity", "SYR-7", "SYR-9")


def test_a_label_that_was_not_checked_stops_it() -> None:
    (stop,) = stops_of(RECORD, filled(label_checked=False))
    assert (stop.rule, stop.sentence) == ("label", "The label of the final container was not checked.")
    record = altered(RECORD, "final_container", label_checked=False, happened_reason="Seen afterwards.")
    assert [(finding.rule, finding.severity) for finding in findings(record)] == [
        ("label", Severity.BLOCKING)
    ]


@pytest.mark.req("GMP-80")
def test_the_container_is_a_material_and_must_be_in_date() -> None:
    assert filled().materials() == (Material("final container, syringe", "SY-88", date(2028, 1, 31)),)
    (stop,) = stops_of(RECORD, filled(container_expiry=date(2020, 1, 1)))
    assert stop.rule == "expired lot"


def test_the_time_left_counts_from_the_harvest() -> None:
    harvested, entry = entry_of(RECORD, "harvest").performed_at, filled()
    (left,) = entry.derived(RECORD)
    used = Decimal(int((entry.performed_at - harvested).total_seconds())) / 3600
    assert (left.key, left.unit, left.formula_id) == ("time_left_h", "h", "time-left/1")
    assert left.value == 4 - used
    assert left.inputs[0].label == "4 h after end of harvest"
    assert "use before 2026-11-23" in left.label


def test_a_shelf_life_that_begins_with_the_filling_counts_where_it_ends_first() -> None:
    record, entry = with_shelf_life(RECORD, "0.5"), filled()
    (left,) = entry.derived(record)
    assert (left.value, left.reported) == (Decimal("0.5"), "0.50")
    # While it is being filled in, the act is not in the record yet.
    (before,) = entry.derived(without(record, "final_container"))
    assert before.value == left.value


def test_less_than_half_an_hour_left_is_shown() -> None:
    late = filled().performed_at + timedelta(hours=2, minutes=45)
    record = altered(RECORD, "final_container", performed_at=late, recorded_at=late)
    assert "Time left" in next(item.sentence for item in findings(record) if item.rule == "alert")


def test_without_a_limit_no_time_is_worked_out() -> None:
    record = replace(RECORD, process=replace(RECORD.process, max_age_h=None))
    assert filled().derived(record) == ()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"volume_ml": Decimal(0)}, "volume_ml"),
        ({"container_lot": ""}, "container_lot"),
        ({"container_type": "cup"}, "container_type"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(filled(), fact.name) for fact in facts_of(FinalContainer)}
    step = replace(RECORD.process.step("final_container"), limits={})
    assert problems(FinalContainer, stated, step) == {}
    assert list(problems(FinalContainer, stated | changes, step)) == [name]


def test_in_one_line() -> None:
    assert filled().summary(RECORD) == "8.0 mL in syringe SYR-7, lot SY-88; label checked"
    assert filled(label_checked=False).summary(RECORD).endswith("label NOT CHECKED")
