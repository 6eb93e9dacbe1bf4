"""Until when the product may be used (domain 3.10): the earliest limit, in UTC, the last instant included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.expiry import expiry_stop, use_before
from labrecords.domain.values import times
from tests.support.clean import altered, clean, process_text

WARSAW = ZoneInfo("Europe/Warsaw")


def record(
    harvested: datetime, filled: datetime | None = None, *, max_age: str = "4", shelf_life: str = ""
) -> BatchRecord:
    """A record with these instants and limits in hours."""
    hours = f'max_age_h = "{max_age}"\nshelf_life_h = "{shelf_life}"'
    process = read_process(process_text(('max_age_h = "4"', hours)))
    made = replace(clean("resuspension" if filled else "harvest"), process=process)
    made = altered(made, "harvest", performed_at=harvested)
    return altered(made, "resuspension", performed_at=filled) if filled else made


def until(made: BatchRecord) -> datetime:
    found = use_before(made)
    assert found is not None
    return found.until


@pytest.mark.req("GMP-137", "HCT-260")
def test_the_age_counts_from_the_end_of_the_harvest() -> None:
    harvested = datetime(2026, 11, 22, 14, 30, tzinfo=WARSAW).astimezone(UTC)
    assert times.show(until(record(harvested)), WARSAW) == "2026-11-22 18:30:00 +01:00"


def test_four_hours_are_four_hours_when_the_clocks_are_put_forward() -> None:
    harvested = datetime(2026, 3, 29, 1, 30, tzinfo=WARSAW).astimezone(UTC)
    found = until(record(harvested))
    assert found - harvested == timedelta(hours=4)
    assert times.show(found, WARSAW) == "2026-03-29 06:30:00 +02:00"


def test_four_hours_are_four_hours_when_the_clocks_are_put_back() -> None:
    zone = ZoneInfo("America/New_York")
    harvested = datetime(2026, 11, 1, 0, 30, tzinfo=zone).astimezone(UTC)
    assert times.show(until(record(harvested)), zone) == "2026-11-01 03:30:00 -05:00"


def test_the_earliest_of_all_limits_counts_and_the_others_are_shown() -> None:
    harvested = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    filled = datetime(2026, 11, 22, 11, 15, tzinfo=UTC)
    found = use_before(record(harvested, filled, max_age="24", shelf_life="8"))
    assert found is not None
    assert found.until == datetime(2026, 11, 22, 19, 15, tzinfo=UTC)
    assert [(limit.label, limit.hours, limit.until) for limit in found.limits] == [
        ("end of harvest", Decimal(24), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
        ("filling of the final container", Decimal(8), datetime(2026, 11, 22, 19, 15, tzinfo=UTC)),
    ]


def test_before_the_harvest_nothing_expires() -> None:
    assert use_before(clean("identity_harvest")) is None
    assert expiry_stop(clean("identity_harvest"), datetime(2099, 1, 1, tzinfo=UTC)) is None


def test_a_process_without_limits_has_no_expiry() -> None:
    made = record(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 22, 1, tzinfo=UTC), max_age="")
    assert use_before(made) is None


def test_the_last_instant_itself_is_in_date() -> None:
    made = clean("resuspension")
    assert expiry_stop(made, until(made)) is None
    stop = expiry_stop(made, until(made) + timedelta(microseconds=1))
    assert stop is not None
    assert (stop.rule, stop.critical) == ("expired", True)


def test_a_corrected_end_of_the_harvest_moves_the_expiry() -> None:
    made = clean("resuspension")
    first = until(made)
    harvest = made.current("harvest")
    assert harvest is not None
    earlier = altered(made, "harvest", performed_at=harvest.performed_at - timedelta(hours=1))
    assert first - until(earlier) == timedelta(hours=1)


def test_the_use_before_time_is_a_number_of_the_ledger_with_its_inputs() -> None:
    harvested = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    found = use_before(record(harvested, harvested + timedelta(minutes=135), max_age="24", shelf_life="8"))
    assert found is not None
    number = found.derived
    assert (number.reported, number.unit, number.formula_id) == ("10.25", "h", "use-before/1")
    assert number.label.startswith(f"Use before {times.show(found.until, WARSAW)}")
    assert [(item.symbol, item.value) for item in number.inputs if item.unit == "h"] == [
        ("h1", "24"),
        ("h2", "8"),
    ]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.decimals("0.01", "100", places=2)), min_size=1))
def test_the_time_comes_back_from_the_number_to_the_microsecond(ends: list[tuple[int, Decimal]]) -> None:
    start = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    begins = [start + timedelta(microseconds=late) for late, _ in ends]
    hours = [allowed for _, allowed in ends]
    until = times.add_hours(min(begins), times.hours_until_first_end(begins, hours))
    assert until == min(times.add_hours(begin, allowed) for begin, allowed in zip(begins, hours, strict=True))
