"""Acts of custody beside the steps: recorded at any time, on both databases, with numbers that nobody has twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.actions.door import Invalid, StepRef
from labrecords.actions.pausing import pause_step
from labrecords.actions.steps import record_step
from labrecords.domain.custody.batch_chain import breaks, segments
from labrecords.domain.custody.containers import holding_now
from labrecords.domain.entries import GIVEN
from labrecords.domain.kinds import KINDS
from labrecords.domain.review.decisions import RELEASED, standing_decision
from labrecords.domain.steps.division import Part
from labrecords.models.codes import batches_with
from tests.support.lab import Lab, refusal


def test_a_night_in_the_fridge_and_a_hand_over_leave_no_gap(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    for key, minutes in (("storage-1", 5), ("storage-2", 700), ("handover-3", 4)):
        lab.clock.tick(minutes)
        # After a night the product has expired: it was handed on all the same, and says so.
        late = "It was taken to be looked at." if key == "handover-3" else None
        lab.record_step(number, key, happened_reason=late)
    lab.confirm(number, "handover-3", "tess", GIVEN)
    record = lab.record(number)
    assert breaks(record) == ()
    assert [part.holder for part in segments(record)] == [
        "Paula Pereira",
        "Tess Tamm",
        "in store",
        "Tess Tamm",
        "Vic Vermeer",
    ]
    lab.check()


def test_a_number_is_given_once(lab: Lab) -> None:
    """Two people who begin an act at the same time are told, and neither overwrites the other."""
    number = lab.play("receipt")
    lab.record_step(number, "storage-1")
    record = lab.record(number)
    late = replace(lab.reading(number, "handover-3"), as_entered={})
    said = refusal(
        lambda: record_step(lab.by("vic"), step=StepRef(record.batch.id, "handover-1"), reading=late)
    )
    assert said == ("step",)
    assert [step.key for step in lab.record(number).acts] == ["storage-1"]


def test_an_act_is_neither_left_out_nor_paused(lab: Lab) -> None:
    number = lab.play("receipt")
    assert refusal(lambda: lab.leave_out(number, "storage-1", "Nobody put it away today.")) == ("step",)
    said = refusal(
        lambda: pause_step(
            lab.by("tess"),
            step=lab.step(number, "storage-1"),
            kind=KINDS["storage"],
            typed={"place": "Fridge 2"},
            note="",
        )
    )
    assert said == ("step",)


def test_an_act_is_corrected_like_a_step(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "storage-1")
    lab.clock.tick(3)
    lab.correct_step(number, "storage-1", place="Fridge 3")
    assert segments(lab.record(number))[-1].place == "Fridge 3"
    lab.check()


def test_what_is_put_away_after_the_release_leaves_it_standing(lab: Lab) -> None:
    number = lab.play("released")
    lab.record_step(number, "storage-1", container_code="SYR-7")
    record = lab.record(number)
    decision = standing_decision(record)
    assert decision is not None
    assert decision.decision == RELEASED
    assert segments(record)[-1].place == "Fridge 2"


def test_each_part_of_a_divided_product_is_found_by_its_code(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.record_step(number, "division-1", **_halves("SYR-7A", "SYR-7 B"))
    with lab.store.read() as session:
        assert batches_with(session, "SYR7B") == [number]
        assert batches_with(session, "SYR7") == []
        assert batches_with(session, "60.0") == []
    lab.check()


def test_what_is_divided_out_of_an_emptied_container_comes_out_of_no_other(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "division-1", **_halves("SYR-7A", "SYR-7B"))
    lab.clock.tick(5)
    lab.record_step(
        number, "division-2", happened_reason="It was found that late.", **_halves("SYR-8A", "SYR-8B")
    )
    record = lab.record(number)
    assert [item.rule for item in breaks(record)] == ["ended"]
    now = [part.container for part in segments(record) if part.end is None]
    assert sorted(now) == ["SYR-7A", "SYR-7B", "SYR-8A", "SYR-8B"]
    assert holding_now(record) == ("SYR-7A", "SYR-7B", "SYR-8A", "SYR-8B")


def test_a_code_of_another_open_batch_is_asked_back_in_a_part_too(lab: Lab) -> None:
    first = lab.play("receipt")
    lab.record_step(first, "division-1", **_halves("SYR-7A", "SYR-7B"))
    second = lab.play("receipt", lab.open_batch())
    with pytest.raises(Invalid) as found:
        lab.record_step(second, "division-1", confirmed={}, **_halves("SYR-7B", "SYR-7C"))
    assert found.value.problems["parts-reason"].startswith(f"SYR-7B is on a container of batch {first}.")
    lab.record_step(second, "division-1", **_halves("SYR-7B", "SYR-7C"))


def _halves(*codes: str) -> dict[str, Any]:
    parts = tuple(Part(container_code=code, volume_ml=Decimal("30.0")) for code in codes)
    return {
        "source_container_code": "BAG-7",
        "volume_in_ml": Decimal("60.0"),
        "parts": parts,
        "left_ml": Decimal(0),
    }
