"""A bypass that was signed for the start of a run holds for that run, however long it takes, and for no other."""

from __future__ import annotations

from typing import Any

import pytest

from labrecords.actions.bypassing import bypass_stops
from labrecords.actions.mixups import Stopped
from labrecords.actions.readings import Reading
from labrecords.actions.timers import end_timer, start_timer, timer_ref
from labrecords.domain.entries import Stop
from labrecords.domain.kinds import KINDS
from labrecords.domain.rules.findings import findings
from labrecords.domain.timers import CANCELLED, FINISHED
from tests.support.lab import Lab

KEY = "spin_1"
SPIN = KINDS["centrifugation"]
UNTRAINED = ('sop = "SOP-SPIN-01/1"', 'sop = "SOP-012"\nbypass = true')
SLOW = ('max_min = "180"', 'max_min = "900"')


def begun(lab: Lab) -> str:
    """A batch before its spin, on whose procedure nobody is trained; Vic has authorised that Tess spins."""
    number = lab.play("count_before", lab.open_batch(process=lab.adopt(UNTRAINED, SLOW)))
    (stop,) = stopped(lab, number)
    bypass_stops(
        lab.by("vic"), batch=lab.batch(number), step_key=KEY, stops=(stop,), proof=lab.proof("vic"),
        reason="The only one here; shown how by the maker.",
        requested_by=lab.id("tess"), performed_by=lab.id("tess"),
    )  # fmt: skip
    return number


def stopped(lab: Lab, number: str, by: str = "tess") -> tuple[Stop, ...]:
    with pytest.raises(Stopped) as stop:
        lab.record_step(number, KEY, by=by)
    return stop.value.stops


def about(lab: Lab, number: str) -> dict[str, Any]:
    return {"about": timer_ref(lab.record(number).batch.id, KEY), "step_key": KEY}


def start(lab: Lab, number: str, by: str = "tess", happened: str | None = None) -> str:
    reading = Reading(kind=SPIN, facts={}, performed_by=lab.id("tess"), happened_reason=happened)
    return start_timer(lab.by(by), reading=reading, label="", seconds=None, **about(lab, number))


def end(lab: Lab, number: str, timer: str, outcome: str = FINISHED) -> None:
    end_timer(lab.by("tess"), kind=SPIN, timer_id=timer, outcome=outcome, **about(lab, number))


@pytest.mark.parametrize("ended", [True, False])
def test_a_run_of_two_hours_is_recorded_by_the_bypass_of_its_start(lab_on_both: Lab, ended: bool) -> None:
    lab = lab_on_both
    number = begun(lab)
    timer = start(lab, number)
    lab.clock.tick(120)
    if ended:
        end(lab, number, timer)
        lab.clock.tick(59)
    lab.record_step(number, KEY)
    rules = {finding.rule for finding in findings(lab.record(number))}
    assert "bypassed" in rules
    assert "training" not in rules


def test_without_a_timer_it_holds_for_an_hour(lab: Lab) -> None:
    number = begun(lab)
    lab.clock.tick(61)
    assert [stop.rule for stop in stopped(lab, number)] == ["training"]


@pytest.mark.parametrize(("outcome", "later"), [(FINISHED, 61), (CANCELLED, 1)])
def test_it_holds_no_longer_when_the_run_is_over(lab: Lab, outcome: str, later: float) -> None:
    number = begun(lab)
    timer = start(lab, number)
    lab.clock.tick(90)
    end(lab, number, timer, outcome)
    lab.clock.tick(later)
    assert [stop.rule for stop in stopped(lab, number)] == ["training"]


def test_another_person_has_no_part_in_it_nor_has_a_run_that_began_later_or_was_theirs(lab: Lab) -> None:
    number = begun(lab)
    start(lab, number, "vic", "It ran already when it was seen.")
    lab.clock.tick(61)
    start(lab, number, "tess", "It ran already when it was seen.")
    assert [stop.rule for stop in stopped(lab, number)] == ["training"]
    assert [stop.rule for stop in stopped(lab, number, by="vic")] == ["training"]


def test_a_stop_that_came_up_during_the_run_is_not_covered(lab: Lab) -> None:
    number = begun(lab)
    start(lab, number)
    lab.clock.tick(120)
    with pytest.raises(Stopped) as stop:
        lab.record_step(number, KEY, performed_by="quentin")
    assert [item.sentence for item in stop.value.stops] == [
        "Quentin Quist has no current training on SOP-012."
    ]
