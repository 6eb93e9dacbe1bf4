"""How long each container was outside its range: transports, storage, loggers, and what a container brings along."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from labrecords.domain.attachments import Withdrawal
from labrecords.domain.custody.excursions import total
from labrecords.domain.custody.exposure import STORAGE, TRANSPORT, exposures, outside_of, periods
from labrecords.domain.custody.temperature_logs import Sample, TemperatureLog, written
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.investigation import Investigation, may_be_investigated, with_investigation
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.temperature_findings import minutes, temperature_findings, temperature_stops
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.receipt import Receipt
from tests.support.clean import LAST, acted, altered, clean, entry_of

GIVEN = "handover_laboratory"


def ruled(record: BatchRecord, **rules: Any) -> BatchRecord:
    """The record under a process with a range of 2 to 8 °C."""
    cold = {"temperature_min_c": Decimal(2), "temperature_max_c": Decimal(8), **rules}
    return replace(record, process=replace(record.process, **cold))


def log_of(record: BatchRecord, step_key: str, *readings: tuple[datetime, str]) -> TemperatureLog:
    samples = [Sample(at, Decimal(value)) for at, value in readings]
    apart = [(b.at - a.at) // timedelta(seconds=1) for a, b in pairwise(samples)]
    return TemperatureLog(
        id=f"log-{step_key}",
        batch_id=record.batch.id,
        step_key=step_key,
        attachment_id=f"file-{step_key}",
        clock="UTC+00:00",
        heading="Temp",
        every_s=min(apart),
        starts_at=samples[0].at,
        readings=written(samples),
        blank=0,
        doubled=0,
        put_back=0,
        person_id=entry_of(record, step_key).performed_by,
        recorded_at=entry_of(record, step_key).recorded_at,
    )


def cool(record: BatchRecord) -> BatchRecord:
    """The record with everything that was measured by hand at 5 °C, where its story is played in a warm room."""
    kinds = (Handover, Receipt)
    return replace(
        record,
        entries=tuple(
            replace(one, temperature_c=Decimal(5)) if isinstance(one, kinds) and one.temperature_c else one
            for one in record.entries
        ),
    )


def carried(minutes_: int, **facts: Any) -> BatchRecord:
    """The clean run, with the first hand-over received so many minutes after it was given."""
    record = cool(clean(LAST))
    given_at = entry_of(record, GIVEN).performed_at - timedelta(minutes=minutes_)
    return altered(record, GIVEN, given_at=given_at, **facts)


def handed(record: BatchRecord, key: str) -> Handover:
    found = entry_of(record, key)
    assert isinstance(found, Handover)
    return found


def rules(found: list[Finding]) -> list[tuple[str, Severity]]:
    return [(item.rule, item.severity) for item in found]


def test_a_hand_over_on_the_spot_is_no_transport_and_a_way_is_one() -> None:
    assert periods(clean(LAST)) == ()
    (way,) = periods(carried(30, given_temperature_c=Decimal(5), temperature_c=Decimal(6)))
    assert (way.kind, way.container, way.where) == (TRANSPORT, "BAG-7", "Theatre 2 to Laboratory")
    assert (way.at_start_c, way.at_end_c) == (Decimal(5), Decimal(6))


def test_a_courier_who_received_it_in_a_box_carries_it_from_then_on() -> None:
    record = acted("storage-2")
    received = altered(record, "handover_laboratory", transport_box="BOX-1", temperature_c=Decimal(4))
    first = handed(record, GIVEN)
    given = replace(
        first,
        id="another",
        step_key="handover-9",
        giver=first.performed_by,
        performed_by=first.giver,
        given_at=entry_of(record, "receipt").performed_at,
        performed_at=entry_of(record, "receipt").performed_at,
        place_from="Laboratory",
        place_to="Theatre 2",
        temperature_c=Decimal(9),
    )
    bare = replace(received, entries=(*(e for e in received.entries if e.step_key[:7] != "storage"), given))
    (way,) = (one for one in periods(bare) if one.steps == ("handover-9",))
    assert (way.start, way.at_start_c, way.at_end_c) == (
        entry_of(record, "handover_laboratory").performed_at,
        Decimal(4),
        Decimal(9),
    )


def test_one_end_out_of_range_makes_the_whole_way_count() -> None:
    record = ruled(carried(30, given_temperature_c=Decimal(5), temperature_c=Decimal(9)))
    bag, syringe = exposures(record)
    assert (bag.container, bag.lasted) == ("BAG-7", timedelta(minutes=30))
    assert syringe.lasted == timedelta(minutes=30), "what is filled from it brings that along"
    assert rules(temperature_findings(record)) == [
        ("temperature excursion", Severity.EXCEPTION),
        ("time out of range", Severity.BLOCKING),
    ]


@pytest.mark.parametrize(("allowed", "blocks"), [("30", False), ("29.9", True)])
def test_the_limit_itself_is_allowed(allowed: str, blocks: bool) -> None:
    record = ruled(carried(30, temperature_c=Decimal(9)), out_of_range_max_min=Decimal(allowed))
    found = [item for item in temperature_findings(record) if item.rule == "time out of range"]
    assert bool(found) is blocks
    assert all(may_be_investigated(item) for item in found)


def test_a_logger_says_when_and_the_finding_names_container_interval_people_and_rule() -> None:
    """7 °C at the begin and 10 °C 30 min later: outside for the last 20 min."""
    record = ruled(carried(30, temperature_c=Decimal(10)), out_of_range_max_min=Decimal(60))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=30)
    log = log_of(record, GIVEN, (begin, "7"), (begin + timedelta(minutes=30), "10"))
    record = replace(record, temperature_logs=(log,))
    (found,) = temperature_findings(record)
    assert found.step_key == GIVEN
    for words in ("BAG-7", "Theatre 2 to Laboratory", "Paula Pereira, Tess Tamm", "2 to 8 °C for 20 min"):
        assert words in found.sentence
    gone = Withdrawal("w", record.batch.id, GIVEN, log.attachment_id, "Another box.", log.person_id, begin)
    assert "all of it counts" in temperature_findings(replace(record, withdrawals=(gone,)))[0].sentence


@pytest.mark.parametrize("values", [("7", "10"), ("1", "5")])
def test_a_file_with_an_excursion_is_not_withdrawn_without_an_investigation(values: tuple[str, str]) -> None:
    """Its readings count no more; that they were taken away blocks the release until that was looked into."""
    record = ruled(carried(30), out_of_range_max_min=Decimal(60))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=30)
    log = log_of(record, GIVEN, (begin, values[0]), (begin + timedelta(minutes=30), values[1]))
    gone = Withdrawal("w", record.batch.id, GIVEN, log.attachment_id, "Another box.", log.person_id, begin)
    record = replace(record, temperature_logs=(log,), withdrawals=(gone,))
    (found,) = temperature_findings(record)
    assert rules([found]) == [("temperature log withdrawn", Severity.BLOCKING)]
    assert may_be_investigated(found)
    for words in ("Tess Tamm withdrew a logger file", "outside 2 to 8 °C for", "Another box."):
        assert words in found.sentence
    looked = Investigation(
        "i",
        record.batch.id,
        found.step_key,
        found.rule,
        found.sentence,
        "Of box 9.",
        log.person_id,
        "",
        found.at,
    )
    injection = entry_of(record, "injection")
    assert [stop.rule for stop in temperature_stops(record, injection)] == ["temperature log withdrawn"]
    assert temperature_stops(replace(record, investigations=(looked,)), injection) == ()
    accepted = with_investigation(replace(record, investigations=(looked,)), found)
    assert accepted.severity is Severity.EXCEPTION
    assert accepted.sentence.endswith("Of box 9.")


def test_a_file_within_the_range_is_withdrawn_as_any_other() -> None:
    record = ruled(carried(30))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=30)
    log = log_of(record, GIVEN, *((begin + timedelta(minutes=n), "5") for n in (0, 15, 30)))
    gone = Withdrawal("w", record.batch.id, GIVEN, log.attachment_id, "Another box.", log.person_id, begin)
    assert temperature_findings(replace(record, temperature_logs=(log,), withdrawals=(gone,))) == []


def test_missing_readings_at_the_end_of_the_way_count_as_outside() -> None:
    record = ruled(carried(30), out_of_range_max_min=Decimal(60))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=30)
    log = log_of(record, GIVEN, *((begin + timedelta(minutes=n), "5") for n in range(0, 20, 5)))
    record = replace(record, temperature_logs=(log,))
    assert exposures(record)[0].lasted == timedelta(minutes=15)
    assert "(no reading)" in temperature_findings(record)[0].sentence


def test_a_file_that_belongs_to_no_way_any_more_and_a_clock_set_back_are_told() -> None:
    record = clean(LAST)
    at = entry_of(record, GIVEN).performed_at
    log = replace(log_of(record, GIVEN, (at, "5"), (at + timedelta(minutes=5), "5")), put_back=2)
    found = temperature_findings(replace(record, temperature_logs=(log,)))
    assert rules(found) == [("temperature log", Severity.EXCEPTION)] * 2


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"temperature_c": None}, [("transport temperature", Severity.BLOCKING)]),
        ({"temperature_c": Decimal(5)}, [("transport temperature", Severity.EXCEPTION)]),
        ({"temperature_c": Decimal(5), "given_temperature_c": Decimal(5)}, []),
    ],
)
def test_a_transport_without_temperature_is_a_finding_where_the_process_wants_one(
    facts: dict[str, Any], found: list[tuple[str, Severity]]
) -> None:
    record = carried(30, **facts)
    assert temperature_findings(record) == []
    wanted = replace(record, process=replace(record.process, transport_temperature=True))
    assert rules(temperature_findings(wanted)) == found


def test_storage_is_a_period_and_time_out_of_store_counts_where_the_process_says_so() -> None:
    """Out 10:05 to 10:20 and 11:10 to 11:52 are 57 min (domain 3.9); here one stretch after the fridge."""
    record = ruled(acted())
    kept = [one for one in periods(record) if one.kind == STORAGE]
    assert [one.where for one in kept] == ["Fridge 2"]
    assert kept[0].steps == ("storage-1", "storage-2")
    assert {item.lasted for item in exposures(record)} == {timedelta(0)}
    counted = ruled(acted(), out_of_store_counts=True)
    taken, given = entry_of(record, "storage-2"), handed(record, "handover-3")
    bag = next(item for item in exposures(counted) if item.container == "BAG-7")
    assert bag.own[0].start == taken.performed_at
    assert bag.own[0].end == given.given_at


def test_several_read_outs_of_one_logger_are_one_run() -> None:
    put = entry_of(acted("storage-2"), "storage-1").performed_at
    half, taken = put + timedelta(minutes=60), put + timedelta(minutes=120)
    record = ruled(altered(acted("storage-2"), "storage-2", performed_at=taken))
    quarters = [timedelta(minutes=n) for n in range(0, 60, 15)]
    first = log_of(record, "storage-1", *((put + after, "5") for after in quarters))
    second = log_of(record, "storage-2", *((half + after, "5") for after in quarters))
    one = replace(record, temperature_logs=(first,))
    both = replace(record, temperature_logs=(first, second))
    assert outside_of(both, periods(both)[0]) == ()
    assert total(outside_of(one, periods(one)[0])) == timedelta(minutes=75)


def test_what_was_too_long_outside_is_not_injected_until_that_was_investigated() -> None:
    """The syringe brings along what the bag had: it is told of the bag, and stops the syringe."""
    record = ruled(carried(30, temperature_c=Decimal(9)))
    injection = entry_of(record, "injection")
    (stop,) = temperature_stops(record, injection)
    assert stop.sentence.startswith(
        "SYR-7 was outside 2 to 8 °C for 30 min in all, 30 min of it in the containers"
    )
    assert temperature_stops(record, entry_of(record, "receipt")) == ()
    (told,) = [item for item in temperature_findings(record) if item.rule == "time out of range"]
    looked = Investigation(
        "i",
        record.batch.id,
        told.step_key,
        told.rule,
        told.sentence,
        "Stable for 2 h at 9 °C.",
        "",
        "",
        told.at,
    )
    assert temperature_stops(replace(record, investigations=(looked,)), injection) == ()


@pytest.mark.parametrize("day", ["2026-10-24", "2026-03-28"])
def test_a_night_in_which_the_clocks_change_has_its_real_length(day: str) -> None:
    """From 23:00 UTC for six hours: on the wall five or seven, outside for the same 360 min."""
    record = carried(360, temperature_c=Decimal(9))
    begin = datetime.fromisoformat(f"{day}T23:00:00+00:00")
    shifted = altered(record, GIVEN, given_at=begin, performed_at=begin + timedelta(hours=6))
    found = next(
        item for item in temperature_findings(ruled(shifted)) if item.rule == "temperature excursion"
    )
    assert "for 360 min" in found.sentence
    walls = {"2026-10-24": "01:00:00 +02:00 to 2026-10-25 06:00:00 +01:00", "2026-03-28": "00:00:00 +01:00"}
    assert walls[day] in found.sentence


def test_what_is_longer_than_a_limit_never_reads_as_the_limit() -> None:
    assert minutes(timedelta(minutes=60)) == "60"
    assert minutes(timedelta(minutes=60, seconds=1)) == "60.1"
