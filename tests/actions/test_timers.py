"""Timers are kept by the server: started, ended and cancelled beside the steps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from labrecords.actions.door import Invalid
from labrecords.actions.readings import Reading
from labrecords.actions.timers import end_timer, start_timer, timer_ref
from labrecords.domain.kinds import KINDS
from labrecords.domain.review.release import void_blockers
from labrecords.domain.timers import CANCELLED, FINISHED, LONGEST_S, end_of, running_timers
from tests.support.lab import Lab, refusal

SPIN = KINDS["centrifugation"]


def start(
    lab: Lab,
    number: str,
    by: str = "tess",
    *,
    seconds: int | None = 720,
    label: str = "First spin",
    facts: Mapping[str, Any] = MappingProxyType({}),
    performer: str = "",
    happened: str | None = None,
) -> str:
    about = timer_ref(lab.record(number).batch.id, "spin_1")
    reading = Reading(kind=SPIN, facts=facts, performed_by=performer, happened_reason=happened)
    return start_timer(
        lab.by(by), about=about, step_key="spin_1", reading=reading, label=label, seconds=seconds
    )


def end(lab: Lab, number: str, timer_id: str, by: str = "tess", outcome: str = FINISHED) -> str:
    about = timer_ref(lab.record(number).batch.id, "spin_1")
    return end_timer(
        lab.by(by), about=about, step_key="spin_1", kind=SPIN, timer_id=timer_id, outcome=outcome
    )


def test_a_timer_runs_on_the_server_until_another_person_ends_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("count_before")
    timer_id = start(lab, number)
    lab.clock.tick(13)
    (timer,) = running_timers(lab.record(number))
    assert (timer.id, timer.seconds, timer.started_by) == (timer_id, 720, lab.id("tess"))
    assert timer.due_at is not None
    assert timer.due_at < lab.clock.now
    end(lab, number, timer_id, by="vic")
    record = lab.record(number)
    assert running_timers(record) == ()
    found = end_of(record, timer)
    assert found is not None
    assert (found.outcome, found.ended_by) == (FINISHED, lab.id("vic"))
    assert lab.id("vic") in record.participants()


def test_a_timer_makes_no_open_form_of_its_step_stale(lab: Lab) -> None:
    number = lab.play("count_before")
    seen = lab.step(number, "spin_1")
    start(lab, number)
    assert lab.step(number, "spin_1") == seen


def test_a_timer_ends_once(lab: Lab) -> None:
    number = lab.play("count_before")
    timer_id = start(lab, number, seconds=None)
    end(lab, number, timer_id, outcome=CANCELLED)
    assert refusal(lambda: end(lab, number, timer_id)) == ("timer",)


def test_a_timer_of_another_step_is_not_known(lab: Lab) -> None:
    number = lab.play("count_before")
    assert refusal(lambda: end(lab, number, "0" * 32)) == ("timer",)


def test_a_timer_of_a_recorded_step_no_longer_runs(lab: Lab) -> None:
    number = lab.play("count_before")
    start(lab, number)
    lab.play("spin_1", number)
    assert running_timers(lab.record(number)) == ()


@pytest.mark.parametrize("seconds", [0, -60, LONGEST_S + 1])
def test_a_time_that_nobody_waits_is_asked_back(lab: Lab, seconds: int) -> None:
    number = lab.play("count_before")
    with pytest.raises(Invalid, match="1 second to 14 days"):
        start(lab, number, seconds=seconds)


def test_a_label_that_no_record_can_hold_is_asked_back(lab: Lab) -> None:
    number = lab.play("count_before")
    with pytest.raises(Invalid) as refused:
        start(lab, number, label="spin\u202e")
    assert set(refused.value.problems) == {"timer_label"}


def test_who_may_not_record_the_step_starts_no_timer(lab: Lab) -> None:
    number = lab.play("count_before")
    assert refusal(lambda: start(lab, number, by="ada")) == ("permission",)


def test_a_batch_in_which_a_timer_ran_is_no_longer_voided(lab: Lab) -> None:
    number = lab.open_batch()
    start(lab, number)
    assert [blocker.rule for blocker in void_blockers(lab.record(number))] == ["performed"]
