"""Time outside the range while it lasts, beside several loggers, and in a place that is changed around a container."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from labrecords.domain.custody.excursions import MISSING, total
from labrecords.domain.custody.exposure import exposures, exposures_at, outside_of, periods
from labrecords.domain.custody.temperature_logs import missing_in
from labrecords.domain.entries import Entry
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.investigation import Investigation
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.temperature_findings import temperature_findings, temperature_stops
from tests.domain.test_exposure import GIVEN, carried, cool, log_of, ruled, rules
from tests.domain.test_place_tree import place
from tests.support.clean import LAST, acted, altered, clean, entry_of

OUT_OF_RANGE = "time out of range"


def injected_at(record: BatchRecord, at: datetime) -> Entry:
    """An injection out of the bag that nobody recorded yet."""
    return replace(entry_of(clean(LAST), "injection"), container_code="BAG-7", performed_at=at)  # type: ignore[call-arg]


def warm() -> BatchRecord:
    """The bag lies in a place that is kept at 15 to 25 °C, and was not taken out."""
    record = acted("storage-1")
    cupboard = place("Fridge 2", "fridge", low_c="15", high_c="25")
    return replace(ruled(record), equipment=(*record.equipment, cupboard))


def test_a_stay_in_a_warm_place_counts_while_it_lasts() -> None:
    record = warm()
    now = entry_of(record, "storage-1").performed_at + timedelta(hours=2)
    bag = next(item for item in exposures_at(record, now) if item.container == "BAG-7")
    assert bag.lasted == timedelta(hours=2)
    (blocker,) = (item for item in release_blockers(record, now) if item.rule == OUT_OF_RANGE)
    assert "for 120 min in all" in blocker.sentence
    assert blocker.sentence.endswith("It goes on.")
    (stop,) = temperature_stops(record, injected_at(record, now))
    assert stop.sentence.startswith("BAG-7 was outside 2 to 8 °C for 120 min")
    assert temperature_stops(record, injected_at(record, entry_of(record, "storage-1").performed_at)) == ()


@pytest.mark.parametrize(("minutes", "stopped"), [(60, False), (61, True)])
def test_time_out_of_store_stops_the_injection_before_it_is_recorded(minutes: int, stopped: bool) -> None:
    record = ruled(acted("storage-2"), out_of_store_counts=True, out_of_range_max_min=Decimal(60))
    at = entry_of(record, "storage-2").performed_at + timedelta(minutes=minutes)
    assert bool(temperature_stops(record, injected_at(record, at))) is stopped
    assert any(item.rule == OUT_OF_RANGE for item in release_blockers(record, at)) is stopped


def test_what_was_investigated_is_judged_anew_by_what_is_added_since() -> None:
    record = warm()
    put = entry_of(record, "storage-1").performed_at
    record = ruled(
        altered(acted("storage-2"), "storage-2", performed_at=put + timedelta(hours=2)),
        out_of_store_counts=True,
        out_of_range_max_min=Decimal(60),
    )
    record = replace(record, equipment=warm().equipment)
    (told,) = [item for item in temperature_findings(record) if item.rule == OUT_OF_RANGE]
    looked = Investigation(
        "i", record.batch.id, told.step_key, told.rule, told.sentence, "Stable.", "", "", told.at
    )
    accepted = replace(record, investigations=(looked,))
    for after, stopped in ((60, False), (61, True)):
        entry = injected_at(record, put + timedelta(hours=2, minutes=after))
        assert temperature_stops(record, entry) != ()
        assert bool(temperature_stops(accepted, entry)) is stopped


def test_the_temperature_at_which_it_was_found_when_taken_out_makes_the_stay_count() -> None:
    record = cool(acted("storage-2"))
    put = entry_of(record, "storage-1").performed_at
    facts = {"temperature_c": Decimal(25), "performed_at": put + timedelta(hours=14)}
    found = temperature_findings(ruled(altered(record, "storage-2", **facts)))
    assert [item.rule for item in found] == ["temperature excursion", OUT_OF_RANGE]
    assert "for 840 min, by the temperatures at its ends" in found[0].sentence


def test_a_second_logger_hides_nothing_of_what_the_first_one_measured() -> None:
    record = ruled(carried(120), out_of_range_max_min=Decimal(30))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=120)
    hot = log_of(record, GIVEN, *((begin + timedelta(minutes=10 * n), "12") for n in range(13)))
    cold = log_of(record, GIVEN, *((begin + timedelta(seconds=60 * n + 30), "5") for n in range(-1, 121)))
    one = replace(record, temperature_logs=(hot,))
    two = replace(record, temperature_logs=(hot, replace(cold, id="b", attachment_id="b")))
    assert total(outside_of(two, periods(two)[0])) == timedelta(minutes=120)
    assert rules(temperature_findings(two)) == rules(temperature_findings(one))


def test_what_one_logger_misses_another_one_knows_by_its_own_interval() -> None:
    """The slow logger stops after an hour; the fast one has a hole of 20 min, which nothing bridges after that."""
    record = ruled(carried(240), out_of_range_max_min=Decimal(60))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=240)
    slow = log_of(record, GIVEN, *((begin + timedelta(minutes=n), "5") for n in (0, 30, 60)))
    fast = log_of(
        record,
        GIVEN,
        *((begin + timedelta(minutes=n), "5") for n in range(241) if not (20 < n < 40 or 100 < n < 120)),
    )
    both = replace(record, temperature_logs=(slow, replace(fast, id="b", attachment_id="b")))
    (hole,) = outside_of(both, periods(both)[0])
    assert (hole.start, hole.end, hole.why) == (
        begin + timedelta(minutes=100),
        begin + timedelta(minutes=120),
        MISSING,
    )


def test_readings_hours_apart_say_nothing_of_the_time_between_and_hourly_ones_do() -> None:
    record = carried(960)
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=960)
    for apart, missing in ((60, 0), (240, 4), (960, 1)):
        log = log_of(record, GIVEN, *((begin + timedelta(minutes=n), "5") for n in range(0, 961, apart)))
        assert len(missing_in(log, begin, begin + timedelta(minutes=960))) == missing


def test_a_place_that_is_moved_into_a_warm_one_while_it_holds_a_container() -> None:
    record = cool(acted("storage-2"))
    put = entry_of(record, "storage-1").performed_at
    record = ruled(altered(record, "storage-2", performed_at=put + timedelta(hours=10)))
    early = put - timedelta(days=3)
    shelf = place("Fridge 2", "shelf", "FR-9", registered_at=early)
    houses = (
        place("FR-9", "fridge", low_c="2", high_c="8", registered_at=early),
        place("AMB", "fridge", low_c="15", high_c="25", registered_at=early),
    )
    still = replace(record, equipment=(*record.equipment, *houses, shelf))
    assert temperature_findings(still) == []
    moved = replace(shelf, id="moved", place="AMB", registered_at=put + timedelta(minutes=10))
    record = replace(still, equipment=(*still.equipment, moved))
    first, *_ = temperature_findings(record)
    assert first.rule == "place temperature"
    assert "BAG-7 lay in Fridge 2 when that was registered anew at" in first.sentence
    assert exposures(record)[0].lasted == timedelta(hours=9, minutes=50)
