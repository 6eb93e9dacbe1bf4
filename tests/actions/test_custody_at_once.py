"""Eight people with one container at the same time: one of them has it, and the others are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labrecords.actions.door import Refused, Stale
from labrecords.actions.steps import record_step
from labrecords.domain.custody.batch_chain import breaks, offers, segments
from tests.support.lab import Lab
from tests.support.threads import at_once

WORKERS = 8


@pytest.mark.parametrize(
    ("before", "act", "broken"),
    [
        ("offer-1", "handover-2", []),
        ("storage-1", "division-2", ["place"]),
        ("division-1", "pool-2", []),
    ],
)
def test_of_eight_acts_at_once_one_is_recorded(
    lab_on_both: Lab, before: str, act: str, broken: list[str]
) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.record_step(number, before)
    lab.clock.tick(2)
    step, reading, actor = lab.step(number, act), lab.reading(number, act, performed_by="vic"), lab.by

    def acting() -> Callable[[], str]:
        by = actor("vic")

        def run() -> str:
            try:
                record_step(by, step=step, reading=reading)
            except (Refused, Stale) as told:
                return type(told).__name__
            return "recorded"

        return run

    outcomes = at_once([acting() for _ in range(WORKERS)])
    assert sorted(outcomes)[-1] == "recorded"
    assert outcomes.count("recorded") == 1
    record = lab.record(number)
    assert [one.key for one in record.acts] == [before, act]
    assert offers(record) == ()
    now = [part.container for part in segments(record) if part.end is None]
    assert len(now) == len(set(now))
    assert [item.rule for item in breaks(record)] == broken
