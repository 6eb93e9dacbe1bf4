"""Infectious markers that are older than 30 days at the harvest are seen, and stop nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from labrecords.documents.flags import letter_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.exclusions import MARKERS
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.rules.markers import RULE
from labrecords.domain.steps.order import Order
from tests.support.clean import altered, clean, entry_of
from tests.support.fat_record import digested

HARVESTED = {"harvest": clean("harvest"), "liposuction": digested()}


def days_before(key: str, days: int, result: str = "negative") -> BatchRecord:
    """The record whose markers were tested so many days before its harvest."""
    record = HARVESTED[key]
    day = record.day_of(entry_of(record, key).performed_at) - timedelta(days=days)
    markers = dict.fromkeys(MARKERS, result)
    return altered(record, "order", **markers, markers_tested_on=None if result == "not tested" else day)


def seen(record: BatchRecord) -> list[Finding]:
    return [item for item in findings(record) if item.rule == RULE]


@pytest.mark.parametrize("key", HARVESTED)
def test_older_than_thirty_days_is_a_warning_at_the_harvest(key: str) -> None:
    record = days_before(key, 31)
    (found,) = seen(record)
    assert (found.severity, found.step_key) == (Severity.EXCEPTION, key)
    assert "31 days before the harvest: more than 30 days." in found.sentence
    assert letter_of(found.rule) == "A"
    assert stops_of(record, entry_of(record, key)) == ()


@pytest.mark.parametrize("key", HARVESTED)
def test_the_thirtieth_day_counts_and_so_does_a_test_of_the_day_itself(key: str) -> None:
    assert [seen(days_before(key, days)) for days in (30, 0)] == [[], []]


def test_what_was_not_tested_has_no_age() -> None:
    assert seen(days_before("harvest", 99, "not tested")) == []
    assert seen(HARVESTED["harvest"]) == []


def test_the_day_is_that_of_the_laboratory() -> None:
    record = days_before("harvest", 31)
    (order,) = record.of_kind(Order)
    assert f"tested on {date(2026, 10, 23)}," in seen(record)[0].sentence
    assert order.markers_tested_on == date(2026, 10, 23)
