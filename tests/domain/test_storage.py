"""Putting a container away and taking it out: an act that no process foresees, with a number and limits of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from labrecords.domain.custody.acts import can_be_open, next_act
from labrecords.domain.custody.batch_chain import breaks, segments
from labrecords.domain.processes.process import CUSTODY
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.storage import Storage
from tests.support.clean import clean, entry_of, played

STOPPED_AT = "receipt"


def stored(*keys: str, **changes: object) -> BatchRecord:
    example = played(STOPPED_AT)
    for key in keys:
        example.wait(60)
        example.step(key, **(changes if key == keys[-1] else {}))
    return example.record


def test_the_place_holds_the_container_from_then_on_and_whoever_takes_it_out_after_that() -> None:
    record = stored("storage-1", "storage-2")
    found = segments(record)[-2:]
    assert [(part.holder, part.place, part.kept) for part in found] == [
        ("in store", "Fridge 2", True),
        ("Tess Tamm", "Fridge 2", False),
    ]
    assert (str(found[0].temperature_c), found[1].end) == ("4.5", None)
    assert breaks(record) == ()


def test_acts_are_numbered_on_after_the_steps_of_the_process() -> None:
    record = stored("storage-1", "storage-2")
    last = len(record.process.steps)
    assert [(step.key, step.number, step.phase) for step in record.acts] == [
        ("storage-1", last + 1, CUSTODY),
        ("storage-2", last + 2, CUSTODY),
    ]
    assert next_act(record, "handover").key == "handover-3"
    assert [entry.step_key for entry in record.current_entries()][-2:] == ["storage-1", "storage-2"]


def test_only_the_next_number_is_free() -> None:
    record = stored("storage-1")
    keys = ("storage-1", "storage-2", "handover-2", "storage-3", "handover-1")
    open_ = [can_be_open(record, record.process.step(key)) for key in keys]
    assert open_ == [True, True, True, False, False]


@pytest.mark.parametrize(
    "key", ["storage-0", "storage-01", "storage-", "storage-10000", "harvest-1", "spin-1"]
)
def test_other_keys_are_no_acts(key: str) -> None:
    with pytest.raises(KeyError):
        clean(STOPPED_AT).process.step(key)


def test_an_act_has_the_limits_of_the_planned_step_of_its_kind() -> None:
    process = clean(STOPPED_AT).process
    planned = process.step("handover_laboratory")
    act = process.step("handover-1")
    assert act.limits == planned.limits
    assert act.limits
    assert (act.required, act.ordered) == (False, False)


def test_acts_come_before_no_step_and_wait_for_none() -> None:
    before, after = clean(STOPPED_AT), stored("storage-1")
    assert before.next_step() == after.next_step()
    assert [item.rule for item in findings(after)] == [item.rule for item in findings(before)]


def test_taking_out_what_nobody_had_put_away_is_a_finding() -> None:
    record = stored("storage-1", movement="taken out")
    assert [item.rule for item in breaks(record)] == ["place"]
    sentence = "It was taken out of Fridge 2, where nobody had put it: Tess Tamm held it."
    assert [item.sentence for item in findings(record) if item.rule == "custody place"] == [sentence]


def test_another_patients_container_is_a_critical_stop() -> None:
    record = stored("storage-1")
    entry = entry_of(record, "storage-1")
    assert isinstance(entry, Storage)
    (stop,) = replace(entry, container_code="BAG-8").stops(record)
    assert (stop.rule, stop.critical) == ("identity", True)
    assert entry.stops(record) == ()


def test_a_container_filled_after_the_act_is_not_asked_of_it() -> None:
    """The act was about the bag; that a syringe is filled an hour later makes no other container of it."""
    example = played(STOPPED_AT)
    example.wait(1)
    example.step("storage-1")
    example.wait(1)
    example.step("storage-2")
    record = example.record
    bag = entry_of(record, "storage-1")
    later = [
        replace(entry, performed_at=entry.performed_at + timedelta(hours=2), recorded_at=bag.recorded_at)
        for entry in clean("final_container").entries
        if entry.step_key == "final_container"
    ]
    assert bag.stops(replace(record, entries=(*record.entries, *later))) == ()


def test_what_it_says_in_one_line() -> None:
    record = stored("storage-1", "storage-2")
    lines = [entry_of(record, key).summary(record) for key in ("storage-1", "storage-2")]
    assert lines == ["BAG-7 into Fridge 2, shelf 1, 4.5 °C", "BAG-7 out of Fridge 2"]
