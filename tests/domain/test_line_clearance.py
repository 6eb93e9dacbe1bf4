"""Line clearance: clear only when nothing of another batch is left, and what is not clear stops the work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from labrecords.domain.registers.materials import Material
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.line_clearance import LineClearance
from tests.support.clean import altered, entry_of
from tests.support.shipped import processed

RECORD = processed("bone_marrow_concentrate_one_spin")


def cleared(**changes: Any) -> LineClearance:
    entry = entry_of(RECORD, "area_before")
    assert isinstance(entry, LineClearance)
    return replace(entry, **changes)


def test_a_cleared_line_stops_nothing() -> None:
    assert stops_of(RECORD, cleared()) == ()
    assert cleared().summary(RECORD) == "Room 2, Cabinet A, before this batch: clear"


@pytest.mark.req("GMP-188b1-13")
@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("previous_removed", "materials of another batch are still there"),
        ("cleaned", "it was not cleaned"),
        ("no_other_patient", "material of another patient is there"),
        ("labels_removed", "labels of other batches are still there"),
        ("environment_ok", "the environment is not in order"),
    ],
)
def test_a_line_that_is_not_cleared_stops_the_work(fact: str, words: str) -> None:
    (stop,) = stops_of(RECORD, cleared(**{fact: False}))
    assert (stop.rule, stop.sentence) == ("line clearance", f"The line is not cleared: {words}.")
    assert cleared(**{fact: False}).summary(RECORD).endswith("NOT CLEAR")


def test_work_on_a_line_that_was_not_cleared_is_recorded_and_blocks_the_release() -> None:
    record = altered(RECORD, "area_before", cleaned=False, happened_reason="Seen only afterwards.")
    (finding,) = findings(record)
    assert (finding.rule, finding.severity) == ("line clearance", Severity.BLOCKING)
    assert "Seen only afterwards." in finding.sentence


def test_the_cleaning_agent_is_a_material_and_must_be_in_date() -> None:
    assert cleared().materials() == (Material("Sterile alcohol 70 %", "AL-31"),)
    assert cleared(cleaning_agent=None).materials() == ()
    (stop,) = stops_of(RECORD, cleared(cleaning_expiry=date(2020, 1, 1)))
    assert stop.rule == "expired lot"


def test_without_a_cabinet_the_room_is_named() -> None:
    assert cleared(cabinet=None).summary(RECORD) == "Room 2, before this batch: clear"


@pytest.mark.parametrize(
    ("key", "said", "meant"),
    [
        ("area_before", "after this batch", "before this batch"),
        ("area_after", "before this batch", "after this batch"),
    ],
)
def test_the_place_of_the_step_says_whether_it_is_before_or_after_the_batch(
    key: str, said: str, meant: str
) -> None:
    entry = entry_of(RECORD, key)
    assert isinstance(entry, LineClearance)
    (stop,) = replace(entry, timing=said).stops(RECORD)
    assert stop.sentence == f"This step clears the line {meant}, and it was said to be {said}."
    assert entry.stops(RECORD) == ()
    assert [item.sentence for item in findings(altered(RECORD, key, timing=said)) if item.step_key == key]
