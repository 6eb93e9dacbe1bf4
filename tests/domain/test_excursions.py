"""When a temperature was outside its range: crossings between readings, missing readings, and the sum of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.custody.excursions import (
    MEASURED,
    MISSING,
    Outside,
    Range,
    outside,
    outside_beside,
    total,
)
from labrecords.domain.custody.temperature_logs import Sample

COLD = Range(Decimal(2), Decimal(8))
GAP = timedelta(minutes=60)
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def samples(*pairs: tuple[float, str]) -> list[Sample]:
    return [Sample(at(minutes), Decimal(value)) for minutes, value in pairs]


def test_the_crossing_of_a_limit_lies_on_the_straight_line_between_two_readings() -> None:
    """7 °C at 09:00 and 10 °C at 09:30 cross 8 °C at 09:10: outside for 20 min by 09:30 (domain 3.9)."""
    found = outside(samples((0, "7"), (30, "10")), COLD, GAP, at(0), at(30))
    assert found == (Outside(at(10), at(30), MEASURED),)


def test_a_value_on_the_limit_is_inside() -> None:
    assert outside(samples((0, "2"), (30, "8"), (60, "8")), COLD, GAP, at(0), at(60)) == ()


def test_a_fall_through_the_whole_range_is_outside_on_both_sides() -> None:
    found = outside(samples((0, "14"), (18, "-4")), COLD, GAP, at(0), at(18))
    assert found == (Outside(at(0), at(6), MEASURED), Outside(at(12), at(18), MEASURED))


def test_missing_readings_count_as_outside_and_two_intervals_do_not() -> None:
    gap = timedelta(minutes=10)
    assert outside(samples((0, "5"), (10, "5")), COLD, gap, at(0), at(10)) == ()
    found = outside(samples((0, "5"), (11, "5")), COLD, gap, at(0), at(11))
    assert found == (Outside(at(0), at(11), MISSING),)


def test_what_lies_before_the_first_and_after_the_last_reading_is_missing_where_it_is_long() -> None:
    gap, read = timedelta(minutes=10), samples((20, "5"), (25, "5"))
    assert outside(read, COLD, gap, at(10), at(35)) == ()
    found = outside(read, COLD, gap, at(0), at(40))
    assert [piece.why for piece in found] == [MISSING, MISSING]
    assert total(found) == timedelta(minutes=35)
    assert outside([], COLD, gap, at(0), at(40)) == (Outside(at(0), at(40), MISSING),)


def test_readings_before_and_after_help_to_find_the_crossing_within() -> None:
    found = outside(samples((0, "7"), (30, "10"), (60, "10")), COLD, GAP, at(5), at(20))
    assert found == (Outside(at(10), at(20), MEASURED),)


def test_what_two_pieces_share_counts_once() -> None:
    pieces = (
        Outside(at(0), at(30), MEASURED),
        Outside(at(10), at(20), MISSING),
        Outside(at(25), at(40), "x"),
    )
    assert total(pieces) == timedelta(minutes=40)


@pytest.mark.parametrize(("inner", "covered"), [(("3", "7"), True), (("2", "8"), True), (("1", "7"), False)])
def test_a_range_covers_what_lies_within_it(inner: tuple[str, str], covered: bool) -> None:
    assert COLD.covers(Range(Decimal(inner[0]), Decimal(inner[1]))) is covered
    assert not COLD.covers(Range(None, Decimal(8)))


VALUES = st.decimals(min_value=-20, max_value=40, places=1)
RUNS = st.lists(st.tuples(st.integers(1, 90), VALUES), min_size=2, max_size=30)


def run(steps: list[tuple[int, Decimal]]) -> list[Sample]:
    found, minute = [], 0
    for step, value in steps:
        minute += step
        found.append(Sample(at(minute), value))
    return found


@given(RUNS, st.floats(0, 1))
def test_the_parts_of_a_run_are_as_long_outside_as_the_whole(
    steps: list[tuple[int, Decimal]], share: float
) -> None:
    read = run(steps)
    start, end = read[0].at, read[-1].at
    middle = start + share * (end - start)
    whole = total(outside(read, COLD, GAP, start, end))
    parts = (outside(read, COLD, GAP, start, middle), outside(read, COLD, GAP, middle, end))
    assert total(parts[0]) + total(parts[1]) == whole


@given(RUNS)
def test_below_and_above_together_are_what_is_outside(steps: list[tuple[int, Decimal]]) -> None:
    read = run(steps)
    start, end, long = read[0].at, read[-1].at, timedelta(days=1)
    below = total(outside(read, Range(COLD.low, None), long, start, end))
    above = total(outside(read, Range(None, COLD.high), long, start, end))
    assert below + above == total(outside(read, COLD, long, start, end)) <= end - start


@given(RUNS)
def test_a_wider_range_is_never_longer_outside(steps: list[tuple[int, Decimal]]) -> None:
    read = run(steps)
    start, end = read[0].at, read[-1].at
    wide = Range(Decimal(0), Decimal(10))
    assert total(outside(read, wide, GAP, start, end)) <= total(outside(read, COLD, GAP, start, end))


def test_two_values_by_hand_between_sparse_readings_are_joined_with_each_other() -> None:
    """Readings at 0 and 60 min, 5 °C each; by hand 11 °C at 20 and at 40: outside from 10 to 50 min."""
    read, hand = samples((0, "5"), (60, "5")), samples((20, "11"), (40, "11"))
    found = outside_beside((), hand, read, COLD, GAP, at(0), at(60))
    assert found == (Outside(at(10), at(50), MEASURED),)
    assert outside_beside((), hand[:1], read, COLD, GAP, at(0), at(60)) == (
        Outside(at(10), at(40), MEASURED),
    )


def test_one_value_by_hand_far_from_the_next_is_joined_with_nothing_further_than_the_gap() -> None:
    read, hand = samples((0, "5"), (60, "5")), samples((10, "11"), (50, "11"))
    gap = timedelta(minutes=20)
    found = outside_beside((), hand, read, COLD, gap, at(0), at(60))
    assert found == (Outside(at(5), at(10), MEASURED), Outside(at(50), at(55), MEASURED))


def test_of_two_values_at_one_instant_the_one_farthest_outside_counts() -> None:
    read, hand = samples((0, "5"), (20, "5"), (40, "5")), samples((20, "9"), (20, "11"))
    (piece,) = outside_beside((), hand, read, COLD, GAP, at(0), at(40))
    assert (piece.start, piece.end) == (at(10), at(30))
