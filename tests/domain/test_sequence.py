"""The order of steps and times."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from labrecords.domain.rules.sequence import sequence_stops
from labrecords.domain.steps.harvest import Draw
from tests.support.clean import altered, clean, entry_of, played, without
from tests.support.story import number_of

RECORD = clean()


@pytest.mark.req("P11-10f")
@pytest.mark.parametrize("key", [entry.step_key for entry in RECORD.entries])
def test_steps_in_their_order_are_not_stopped(key: str) -> None:
    assert sequence_stops(RECORD, entry_of(RECORD, key)) == ()


@pytest.mark.req("P11-10f")
def test_a_step_before_an_unanswered_one_is_stopped_and_the_first_unanswered_one_is_named() -> None:
    record = without(without(RECORD, "receipt"), "sample_before")
    (stop,) = sequence_stops(record, entry_of(record, "spin_1"))
    assert (stop.rule, stop.critical) == ("order of steps", False)
    assert (
        stop.sentence
        == f"Step {number_of('receipt')}, inspect what was received, comes first and was not recorded."
    )
    assert stop.way_out == f"Record step {number_of('receipt')} first, or say that it was not done."


@pytest.mark.req("P11-10f")
def test_a_step_that_was_noted_as_not_done_is_answered() -> None:
    assert RECORD.not_done_reason("spin_2") is not None
    assert sequence_stops(RECORD, entry_of(RECORD, "resuspension")) == ()
    unanswered = replace(RECORD, not_done=())
    (stop,) = sequence_stops(unanswered, entry_of(RECORD, "resuspension"))
    assert stop.sentence.startswith(f"Step {number_of('spin_2')}, ")


@pytest.mark.req("P11-10f")
def test_a_step_recorded_before_the_answer_of_an_earlier_one_stays_stopped() -> None:
    late = entry_of(RECORD, "count_after").recorded_at
    record = altered(RECORD, "receipt", recorded_at=late)
    rules = [stop.rule for stop in sequence_stops(record, entry_of(record, "sample_before"))]
    assert rules == ["order of steps"]


def test_a_correction_is_judged_by_when_the_step_was_first_recorded() -> None:
    example = played("sample_before")
    example.correct("order", "The consent form had another version.", consent_version="4")
    record = example.record
    assert sequence_stops(record, entry_of(record, "order")) == ()
    assert sequence_stops(record, entry_of(record, "sample_before")) == ()


@pytest.mark.req("P11-10f")
def test_a_step_does_not_end_before_the_one_before_it_ended() -> None:
    receipt = entry_of(RECORD, "receipt").performed_at
    early = altered(RECORD, "sample_before", performed_at=receipt - timedelta(seconds=1))
    (stop,) = sequence_stops(early, entry_of(early, "sample_before"))
    assert (stop.rule, stop.critical) == ("order of times", False)
    assert stop.sentence == "It is stated to have ended before “inspect what was received” ended."


def test_two_steps_may_end_at_the_same_instant() -> None:
    receipt = entry_of(RECORD, "receipt").performed_at
    record = altered(RECORD, "sample_before", performed_at=receipt)
    assert sequence_stops(record, entry_of(record, "sample_before")) == ()


def test_times_are_stated_to_the_minute_and_compared_by_it() -> None:
    at = entry_of(RECORD, "receipt").performed_at
    record = altered(RECORD, "receipt", performed_at=at + timedelta(seconds=40))
    record = altered(record, "sample_before", performed_at=at)
    assert sequence_stops(record, entry_of(record, "sample_before")) == ()


@pytest.mark.req("P11-10f")
def test_no_time_within_a_step_is_later_than_its_end() -> None:
    handover = entry_of(RECORD, "handover_laboratory")
    end = handover.performed_at
    (stop,) = sequence_stops(RECORD, replace(handover, given_at=end + timedelta(minutes=1)))  # type: ignore[call-arg]
    assert (stop.rule, stop.critical) == ("order of times", False)
    assert stop.sentence == "A time within this step is later than its stated end."
    assert sequence_stops(RECORD, replace(handover, given_at=end + timedelta(seconds=59))) == ()  # type: ignore[call-arg]


@pytest.mark.req("P11-10f")
def test_no_time_within_a_row_of_a_step_is_later_than_its_end() -> None:
    harvest = entry_of(RECORD, "harvest")
    draws = (Draw(volume_ml=Decimal(18), drawn_at=harvest.performed_at + timedelta(minutes=1)),)
    (stop,) = sequence_stops(RECORD, replace(harvest, draws=draws))  # type: ignore[call-arg]
    assert stop.rule == "order of times"


def test_both_reasons_are_named() -> None:
    record = without(RECORD, "harvest")
    entry = entry_of(record, "receipt")
    early = replace(entry, performed_at=entry.performed_at - timedelta(hours=2))
    assert [stop.rule for stop in sequence_stops(record, early)] == ["order of steps", "order of times"]


@pytest.mark.req("P11-10f")
def test_a_spin_does_not_begin_before_the_step_before_it_ended() -> None:
    sampled, spin = entry_of(RECORD, "sample_before").performed_at, entry_of(RECORD, "spin_1")
    minutes = Decimal((spin.performed_at - sampled).seconds) / 60
    (stop,) = sequence_stops(RECORD, replace(spin, duration_min=minutes + Decimal("1.1")))  # type: ignore[call-arg]
    assert (stop.rule, stop.way_out) == ("order of times", "Correct the times or the duration.")
    assert stop.sentence == "It is stated to have begun before “draw the sample before processing” ended."
    assert sequence_stops(RECORD, replace(spin, duration_min=minutes)) == ()  # type: ignore[call-arg]


@pytest.mark.req("P11-10f")
def test_the_counting_of_a_sample_goes_on_beside_the_spin() -> None:
    spin, counted = entry_of(RECORD, "spin_1"), entry_of(RECORD, "count_before")
    long = replace(spin, duration_min=Decimal(10))  # type: ignore[call-arg]
    assert long.began_at() < counted.performed_at  # type: ignore[operator]
    assert sequence_stops(RECORD, long) == ()


@pytest.mark.req("P11-10f")
def test_a_harvest_does_not_begin_before_the_check_of_the_patient_ended() -> None:
    harvest = entry_of(RECORD, "harvest")
    begun = harvest.performed_at - timedelta(minutes=40)
    sentence = "It is stated to have begun before “check who the patient is” ended."
    draws = (Draw(volume_ml=Decimal(18), drawn_at=begun),)
    for early in ({"started_at": begun}, {"draws": draws}):
        (stop,) = sequence_stops(RECORD, replace(harvest, **early))
        assert stop.sentence == sentence


def test_where_the_start_of_an_act_is_unknown_nothing_is_said_of_it() -> None:
    assert entry_of(RECORD, "receipt").began_at() is None
    assert entry_of(RECORD, "harvest").began_at() is None
