"""Which backups are kept: worked calendars, and what holds of every set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.upkeep.manifest import backup_name, read_backup_name
from labrecords.domain.upkeep.rotation import Keep, kept, read_keep

NIGHT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
INSTANTS = st.lists(
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    max_size=60,
)
KEEPS = st.builds(Keep, st.integers(1, 20), st.integers(0, 10), st.integers(0, 30))


@pytest.mark.req("A11-7")
def test_three_years_of_nights_leave_a_fortnight_eight_weeks_and_two_years_of_months() -> None:
    nights = [NIGHT - timedelta(days=day) for day in range(3 * 365)]
    found = sorted(kept(nights, Keep(14, 8, 24)), reverse=True)
    assert found[:14] == nights[:14]
    months = sorted({(instant.year, instant.month) for instant in found}, reverse=True)
    assert len(months) == 24
    # A Monday: the fortnight lies in three weeks and one month, and no end of a month is the end of a week kept.
    assert len(found) == 14 + 5 + 23


def test_of_one_day_the_newest_is_kept() -> None:
    morning, noon = NIGHT, NIGHT + timedelta(hours=10)
    assert kept([morning, noon], Keep(3, 3, 3)) == {noon}


def test_a_month_of_closure_loses_no_backup() -> None:
    before = [NIGHT - timedelta(days=40 + day) for day in range(10)]
    assert set(before) <= kept([NIGHT, *before], Keep(14, 0, 0))


@given(INSTANTS, KEEPS)
def test_the_newest_is_kept_and_nothing_is_kept_that_is_not_there(
    instants: list[datetime], keep: Keep
) -> None:
    found = kept(instants, keep)
    assert found <= set(instants)
    assert not instants or max(instants) in found
    assert len(found) <= keep.daily + keep.weekly + keep.monthly
    assert kept(found, keep) == found


@pytest.mark.parametrize(
    "text", ["", "14", "14,8", "0,8,24", "a,b,c", "-1,2,3", "14,8,24,1", "14;8;24", "99999,1,1"]
)
def test_a_rotation_that_cannot_be_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="like 14,8,24"):
        read_keep(text)


def test_a_rotation_is_read() -> None:
    assert read_keep(" 7, 4,12") == Keep(7, 4, 12)


def test_the_name_of_a_backup_says_whose_and_from_when() -> None:
    name = backup_name("KRK", NIGHT, proven=True)
    assert name == "labrecords-KRK-20261123T023000Z.age"
    assert read_backup_name(name) == ("KRK", NIGHT, True)
    assert read_backup_name(backup_name("KRK", NIGHT, proven=False)) == ("KRK", NIGHT, False)
    for other in ("labrecords-KRK-20261399T023000Z.age", f"{name}.part", "notes.txt", "labrecords-krk-x.age"):
        assert read_backup_name(other) is None
