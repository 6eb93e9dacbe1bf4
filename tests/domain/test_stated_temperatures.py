"""What people measured outside the range: beside a logger, at a place, and between two ways (domain 3.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.excursions import MEASURED, Outside
from labrecords.domain.custody.exposure import outside_of, periods
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.temperature_findings import temperature_findings
from tests.domain.test_exposure import GIVEN, carried, cool, log_of, ruled, rules
from tests.support.clean import LAST, acted, altered, clean, entry_of

BY_HAND = ("temperature by hand", Severity.EXCEPTION)
EXCURSION = ("temperature excursion", Severity.EXCEPTION)


def logged(**facts: Any) -> BatchRecord:
    """A way of 30 min with a logger that says 5 °C every five minutes, and an hour outside allowed in all."""
    record = ruled(carried(30, **facts), out_of_range_max_min=Decimal(60))
    begin = entry_of(record, GIVEN).performed_at - timedelta(minutes=30)
    log = log_of(record, GIVEN, *((begin + timedelta(minutes=n), "5") for n in range(0, 31, 5)))
    return replace(record, temperature_logs=(log,))


@pytest.mark.parametrize("end", ["given_temperature_c", "temperature_c"])
def test_a_hot_value_by_hand_beside_a_cool_logger_counts_on_the_line_to_its_readings(end: str) -> None:
    """From 5 to 11 °C in 5 min: 8 °C is crossed in the middle, and 2.5 min are outside."""
    record = logged(**{end: Decimal(11)})
    (way,) = periods(record)
    half = timedelta(minutes=2, seconds=30)
    start, stop = (way.start, way.start + half) if end[:5] == "given" else (way.until - half, way.until)
    assert outside_of(record, way) == (Outside(start, stop, MEASURED),)
    excursion, by_hand = temperature_findings(record)
    assert rules([excursion, by_hand]) == [EXCURSION, BY_HAND]
    assert "for 2.5 min, by the logger and what was measured by hand" in excursion.sentence
    word, who = ("given", "Paula Pereira") if end[:5] == "given" else ("received", "Tess Tamm")
    assert by_hand.sentence == (
        f"BAG-7 had 11 °C when it was {word}, measured by {who}; the product is kept and carried at 2 to 8 °C."
    )
    assert rules(temperature_findings(logged(**{end: Decimal(8)}))) == []


def test_the_time_by_hand_counts_towards_what_is_allowed_in_all() -> None:
    record = logged(temperature_c=Decimal(11))
    strict = replace(record, process=replace(record.process, out_of_range_max_min=Decimal(2)))
    assert ("time out of range", Severity.BLOCKING) in rules(temperature_findings(strict))


def test_what_the_logger_measured_outside_at_that_moment_is_told_once() -> None:
    record = logged(temperature_c=Decimal(9))
    end = entry_of(record, GIVEN).performed_at
    hot = log_of(record, GIVEN, (end - timedelta(minutes=5), "5"), (end, "10"))
    both = replace(
        record, temperature_logs=(*record.temperature_logs, replace(hot, id="b", attachment_id="b"))
    )
    assert rules(temperature_findings(both)) == [EXCURSION]


def test_the_place_found_warm_beside_its_logger_is_told_and_counts() -> None:
    record = cool(acted("storage-2"))
    put = entry_of(record, "storage-1").performed_at
    taken = put + timedelta(minutes=60)
    record = ruled(
        altered(record, "storage-2", performed_at=taken, temperature_c=Decimal(11)),
        out_of_range_max_min=Decimal(60),
    )
    log = log_of(record, "storage-1", *((put + timedelta(minutes=n), "5") for n in range(0, 61, 10)))
    record = replace(record, temperature_logs=(log,))
    (stay,) = periods(record)
    assert outside_of(record, stay) == (Outside(taken - timedelta(minutes=5), taken, MEASURED),)
    assert "in Fridge 2, when it was taken out" in temperature_findings(record)[1].sentence


def test_a_warm_container_between_two_ways_is_a_finding_and_no_time_counts() -> None:
    record = ruled(altered(cool(clean(LAST)), "receipt", temperature_c=Decimal(21)))
    (found,) = temperature_findings(record)
    assert (found.rule, found.severity, found.step_key) == (*BY_HAND, "receipt")
    assert found.sentence.startswith("BAG-7 had 21 °C when it was inspected, measured by ")
    assert temperature_findings(replace(record, process=clean(LAST).process)) == []


def test_a_warm_place_without_a_logger_is_told_while_the_stay_lasts() -> None:
    """Nothing has ended yet that could count; taken out, the whole stay does."""
    lasting = ruled(altered(cool(acted("storage-1")), "storage-1", temperature_c=Decimal(15)))
    assert rules(temperature_findings(lasting)) == [BY_HAND]
    ended = ruled(altered(cool(acted("storage-2")), "storage-1", temperature_c=Decimal(15)))
    assert [item.rule for item in temperature_findings(ended)] == [
        "temperature excursion",
        "time out of range",
    ]
