"""What a step is done with: the materials and the equipment that the master record names, and nothing else."""

from __future__ import annotations

import pytest

from labrecords.domain.processes.specified import specified_stops
from labrecords.domain.rules.findings import findings, stops_of
from tests.support.clean import played, process_text

HARVEST, SPIN = 'key = "harvest"\n', 'key = "spin_1"\n'


def stopped(step: str, line: str, key: str) -> list[str]:
    record = played("spin_1", text=process_text((step, f"{step}{line}\n"))).record
    entry = record.current(key)
    assert entry is not None
    found = specified_stops(record, entry)
    assert set(found) <= set(stops_of(record, entry))
    return [f"{stop.rule}: {stop.sentence} {stop.way_out}" for stop in found]


@pytest.mark.parametrize("names", ["[]", '["acd a"]', '["Heparin", "ACD-A"]'])
def test_what_is_named_and_anything_where_nothing_is_named_may_be_used(names: str) -> None:
    assert stopped(HARVEST, f"materials = {names}", "harvest") == []


def test_a_material_that_the_step_does_not_name_is_a_stop_with_its_way_out() -> None:
    assert stopped(HARVEST, 'materials = ["Heparin", "CPD"]', "harvest") == [
        "other material: ACD-A is not what the master record names here. "
        "Take Heparin or CPD, or have the master record changed."
    ]


@pytest.mark.parametrize("names", ['["centrifuge", "rotor"]', '["cf-01", "RT-01"]'])
def test_equipment_is_named_by_category_or_code(names: str) -> None:
    assert stopped(SPIN, f"equipment = {names}", "spin_1") == []


def test_each_piece_that_the_step_does_not_name_is_a_stop() -> None:
    (said,) = stopped(SPIN, 'equipment = ["CF-01"]', "spin_1")
    assert said.startswith("other equipment: RT-01 (")
    assert len(stopped(SPIN, 'equipment = ["CF-09"]', "spin_1")) == 2


def test_what_was_used_all_the_same_is_a_finding_that_blocks() -> None:
    record = played("harvest", text=process_text((HARVEST, HARVEST + 'materials = ["CPD"]\n'))).record
    assert "other material" in [finding.rule for finding in findings(record)]
