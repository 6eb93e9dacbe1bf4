"""A new label over the old one: read by two people, found by both codes, on both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from labrecords.actions.mixups import Stopped
from labrecords.domain.custody.batch_chain import breaks, segments
from labrecords.domain.review.investigation import OUT_OF_RANGE
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.division import Part
from labrecords.models.codes import batches_with
from tests.actions.test_temperatures import COLD
from tests.support.lab import Lab


def test_a_container_is_labelled_over_by_two_people_and_found_by_both_codes(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.record_step(number, "label_over-1")
    record = lab.record(number)
    assert [wanted.act for wanted in record.outstanding(record.current_entries()[-1])] == ["verified"]
    assert not lab.reenter(number, "label_over-1", "vic", new_code="BAG-7M")
    assert lab.reenter(number, "label_over-1", "vic", why="The last letter was read under the lamp.")
    with lab.store.read() as session:
        assert batches_with(session, "BAG7") == batches_with(session, "BAG7N") == [number]
    assert segments(lab.record(number))[-1].container == "BAG-7N"
    lab.check()


def test_what_comes_after_goes_by_the_new_code_and_the_old_one_is_stopped(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.record_step(number, "label_over-1")
    lab.clock.tick(5)
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "sample_before")
    assert [stop.rule for stop in stopped.value.stops] == ["labelled over"]
    assert stopped.value.locked == ()
    lab.record_step(number, "sample_before", container_code="BAG-7N")
    lab.record_step(
        number, "division-2", happened_reason="The old label was scanned, it hangs beside the new one."
    )
    found = [(item.rule, item.step_key) for item in breaks(lab.record(number))]
    assert found in ([], [("ended", "division-2")])
    lab.correct_step(number, "label_over-1", new_code="BAG-7M")
    assert lab.record(number).current("label_over-1")
    lab.check()


def test_an_emptied_bag_that_was_too_warm_is_labelled_over_all_the_same(lab: Lab) -> None:
    """The fact is recorded, and the time outside stays told, at the step where it ended."""
    number = lab.play("receipt", lab.open_batch(process=lab.adopt(COLD)))
    lab.record_step(number, "storage-1", temperature_c=Decimal("21.0"))
    lab.clock.tick(30)
    halves = tuple(Part(container_code=code, volume_ml=Decimal(30)) for code in ("SYR-1", "SYR-2"))
    emptied: dict[str, Any] = {"volume_in_ml": Decimal(60), "left_ml": Decimal(0), "parts": halves}
    lab.record_step(number, "division-2", source_container_code="BAG-7", **emptied)
    lab.clock.tick(5)
    (before,) = [item for item in findings(lab.record(number)) if item.rule == OUT_OF_RANGE]
    lab.record_step(number, "label_over-3", happened_reason="The empty bag was labelled over by mistake.")
    record = lab.record(number)
    assert record.current("label_over-3")
    (after,) = [item for item in findings(record) if item.rule == OUT_OF_RANGE]
    assert (after.step_key, after.at) == (before.step_key, before.at)
    assert after.sentence == before.sentence.replace("BAG-7", "BAG-7N")
    assert [item.rule for item in breaks(record) if item.step_key == "label_over-3"] == ["ended"]
    lab.check()


def test_another_patients_label_is_stopped_and_locks_both(lab: Lab) -> None:
    other, number = lab.play("receipt", lab.open_batch(patient="P-7777")), lab.play("receipt")
    lab.correct_step(other, "harvest", container_code="BAG-OTHER")
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "label_over-1", container_code="BAG-OTHER")
    assert stopped.value.locked == (number, other)
    lab.check()


def test_what_is_divided_by_its_old_label_is_told(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "label_over-1")
    lab.clock.tick(5)
    lab.record_step(number, "division-2", source_container_code="BAG-7", happened_reason="It was read so.")
    assert [(item.rule, item.step_key) for item in breaks(lab.record(number))] == [("ended", "division-2")]
    lab.check()
