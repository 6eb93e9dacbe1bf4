"""Instants: read in the laboratory's zone, exact over changes of the clock, one stored form."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.values import times
from labrecords.domain.values.times import (
    NotATime,
    add_hours,
    from_text,
    local,
    parse_local,
    parse_recent,
    show,
    to_text,
)

WARSAW = ZoneInfo("Europe/Warsaw")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = [WARSAW, NEW_YORK, ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]

moments = st.datetimes(datetime(1980, 1, 3), datetime(2199, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 14:30",
        "2026-11-22T14:30",
        "2026-11-22 14:30:00",
        " 2026-11-22 14:30 ",
        "2026-11-22 14:30 +01:00",
        "2026-11-22T14:30:00+01:00",
        "2026-11-22 14:30+0100",
        "2026-11-22 13:30Z",
        "2026-11-22 08:30 -05:00",
        "2026-11-22 08:30 −05:00",
    ],
)
def test_ways_to_write_one_instant(text: str) -> None:
    assert parse_local(text, WARSAW) == datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
    assert parse_local(text, WARSAW).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write date and time, for example 2026-11-22 14:30."),
        ("2026-11-22", "The time of day is missing. Write, for example, 2026-11-22 14:30."),
        ("22.11.2026 14:30", "Write year-month-day"),
        ("11/22/2026 14:30", "Write year-month-day"),
        ("2026-11-22 2:30 pm", "without am and pm"),
        ("2026-11-22 24:00", "Write midnight as 00:00 of the next day."),
        ("2026-11-22 25:00", "There is no such time of day"),
        ("2026-11-22 14:60", "There is no such time of day"),
        ("2026-11-22 23:59:60", "There is no such time of day"),
        ("2026-13-22 14:30", "There is no month 13"),
        ("2026-02-30 14:30", "There is no day 30 in month 2 of 2026"),
        ("0202-11-22 14:30", "The year 0202 cannot be right"),
        ("9999-11-22 14:30", "The year 9999 cannot be right"),
        ("2026-11-22 14:30 +25:00", "There is no offset +25:00"),
        ("2026-11-22 14:30 +01:75", "There is no offset +01:75"),
        ("٢٠٢٦-11-22 14:30", "Use the digits 0 to 9"),
        ("2026-11-22 14:30\x00", "Write year-month-day"),
        ("\u202e2026-11-22 14:30", "Write year-month-day"),
        ("now", "Write year-month-day"),
        ("NaN", "Write year-month-day"),
        ("9" * 10_000, "too long"),
    ],
)
def test_other_text_is_asked_back(text: str, sentence: str) -> None:
    with pytest.raises(NotATime, match=re.escape(sentence)):
        parse_local(text, WARSAW)


@pytest.mark.parametrize(
    ("zone", "typed", "moved"),
    [
        (WARSAW, "2026-03-29 02:30", "2026-03-29 03:30"),
        (NEW_YORK, "2026-03-08 02:00", "2026-03-08 03:00"),
    ],
)
def test_a_time_that_the_clocks_skipped_is_asked_back(zone: ZoneInfo, typed: str, moved: str) -> None:
    with pytest.raises(NotATime) as refusal:
        parse_local(typed, zone)
    assert f"There was no {typed[11:]} on {typed[:10]} in {zone.key}" in str(refusal.value)
    assert f"Write {moved} if" in str(refusal.value)
    assert parse_local(moved, zone)


@pytest.mark.parametrize(
    ("zone", "typed", "first", "second"),
    [
        (WARSAW, "2026-10-25 02:30", "2026-10-25 02:30:00 +02:00", "2026-10-25 02:30:00 +01:00"),
        (NEW_YORK, "2026-11-01 01:00", "2026-11-01 01:00:00 -04:00", "2026-11-01 01:00:00 -05:00"),
    ],
)
def test_a_time_that_the_clocks_showed_twice_is_asked_back_with_both_ways_out(
    zone: ZoneInfo, typed: str, first: str, second: str
) -> None:
    with pytest.raises(NotATime) as refusal:
        parse_local(typed, zone)
    assert f"Write {first} for the first time or {second} for the second." in str(refusal.value)
    assert parse_local(second, zone) - parse_local(first, zone) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "typed"),
    [
        (WARSAW, "2026-03-29 01:59:59"),
        (WARSAW, "2026-03-29 03:00"),
        (WARSAW, "2026-10-25 01:59:59"),
        (WARSAW, "2026-10-25 03:00"),
        (NEW_YORK, "2026-03-08 01:59:59"),
        (NEW_YORK, "2026-03-08 03:00"),
        (NEW_YORK, "2026-11-01 00:59:59"),
        (NEW_YORK, "2026-11-01 02:00"),
    ],
)
def test_times_beside_a_change_are_clear(zone: ZoneInfo, typed: str) -> None:
    assert show(parse_local(typed, zone), zone).startswith(typed)


@given(moments, st.sampled_from(ZONES))
def test_what_is_shown_is_read_back(moment: datetime, zone: ZoneInfo) -> None:
    assert parse_local(show(moment, zone), zone) == moment.replace(microsecond=0)


@given(moments, st.sampled_from(ZONES))
def test_a_wall_time_is_either_exact_or_asked_back(moment: datetime, zone: ZoneInfo) -> None:
    typed, answer = show(moment, zone)[:19], ""
    try:
        read = parse_local(typed, zone)
    except NotATime as question:
        answer = str(question)
    if answer:
        assert show(moment, zone) in answer
    else:
        assert read == moment.replace(microsecond=0)


@given(moments)
def test_the_stored_form_round_trips_and_sorts(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment
    assert from_text(to_text(moment)).tzinfo is UTC
    later = moment + timedelta(microseconds=1)
    assert to_text(moment) < to_text(later)
    assert to_text(local(moment, WARSAW)) == to_text(moment)


def test_the_stored_form() -> None:
    assert to_text(datetime(2026, 11, 22, 14, 30, tzinfo=UTC)) == "2026-11-22T14:30:00.000000Z"


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T14:30:00Z", "2026-11-22 14:30:00.000000Z", "2026-13-22T14:30:00.000000Z", "", "٢" * 27],
)
def test_no_other_stored_form_is_read(text: str) -> None:
    with pytest.raises(NotATime, match="no stored time"):
        from_text(text)


def test_a_time_without_offset_is_refused_everywhere() -> None:
    naive = datetime(2026, 11, 22, 14, 30)  # noqa: DTZ001
    for use in (
        to_text,
        lambda m: show(m, WARSAW),
        lambda m: local(m, WARSAW),
        lambda m: add_hours(m, Decimal(1)),
    ):
        with pytest.raises(ValueError, match="offset from UTC"):
            use(naive)


@pytest.mark.parametrize(
    ("start", "hours", "end", "zone"),
    [
        ("2026-11-22 14:30 +01:00", "4", "2026-11-22 18:30:00 +01:00", WARSAW),
        ("2026-03-29 01:30 +01:00", "4", "2026-03-29 06:30:00 +02:00", WARSAW),
        ("2026-11-01 00:30 -04:00", "4", "2026-11-01 03:30:00 -05:00", NEW_YORK),
        ("2026-11-22 11:15 +01:00", "8", "2026-11-22 19:15:00 +01:00", WARSAW),
        ("2026-11-22 11:15 +01:00", "0.5", "2026-11-22 11:45:00 +01:00", WARSAW),
        ("2026-11-22 11:15 +01:00", "-0.25", "2026-11-22 11:00:00 +01:00", WARSAW),
    ],
)
def test_hours_are_added_on_the_instant_not_on_the_clock(
    start: str, hours: str, end: str, zone: ZoneInfo
) -> None:
    assert show(add_hours(parse_local(start, zone), Decimal(hours)), zone) == end


def test_hours_are_exact_to_the_microsecond() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    assert add_hours(start, Decimal(1) / 3) - start == timedelta(minutes=20)
    with pytest.raises(ValueError, match="no date"):
        add_hours(start, Decimal(10) ** 12)


def test_the_time_shown_is_the_second_begun() -> None:
    moment = datetime(2026, 11, 22, 13, 30, 5, 999_999, tzinfo=UTC)
    assert times.show(moment, WARSAW) == "2026-11-22 14:30:05 +01:00"


HALF_PAST_TWO = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14:30", HALF_PAST_TWO),
        (" 9:05 ", datetime(2026, 11, 22, 8, 5, tzinfo=UTC)),
        ("09:05:07", datetime(2026, 11, 22, 8, 5, 7, tzinfo=UTC)),
        ("02:30", datetime(2026, 11, 22, 1, 30, tzinfo=UTC)),
        ("2026-11-21 23:50", datetime(2026, 11, 21, 22, 50, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_alone_is_that_of_today_in_the_laboratory(typed: str, meant: datetime) -> None:
    assert parse_recent(typed, WARSAW, HALF_PAST_TWO) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "14:31",
            "It is 14:30 now, so 14:31 would be in the future. Write the date, for example 2026-11-21 14:31.",
        ),
        (
            "2:29",
            "02:29 today would be more than 12 h ago. Write the date: 2026-11-22 02:29 if it was today.",
        ),
        ("24:00", "Write year-month-day"),
        ("14.30", "Write year-month-day"),
    ],
)
def test_a_time_of_day_that_may_be_another_day_is_asked_back(typed: str, said: str) -> None:
    with pytest.raises(NotATime, match=re.escape(said)):
        parse_recent(typed, WARSAW, HALF_PAST_TWO)


def test_after_midnight_the_evening_before_needs_its_date() -> None:
    now = datetime(2026, 11, 22, 23, 20, tzinfo=UTC)  # 00:20 in Warsaw
    assert parse_recent("00:15", WARSAW, now) == now - timedelta(minutes=5)
    with pytest.raises(NotATime, match="Write the date, for example 2026-11-22 23:50"):
        parse_recent("23:50", WARSAW, now)


def test_a_time_of_day_that_the_clocks_showed_twice_or_skipped_is_asked_back() -> None:
    with pytest.raises(NotATime, match=re.escape("+02:00 for the first time")):
        parse_recent("02:30", WARSAW, datetime(2026, 10, 25, 5, tzinfo=UTC))
    with pytest.raises(NotATime, match="the clocks were put forward"):
        parse_recent("02:30", WARSAW, datetime(2026, 3, 29, 5, tzinfo=UTC))


@given(moments, st.sampled_from(ZONES), st.times())
def test_what_is_understood_of_a_time_of_day_is_today_past_and_recent(
    now: datetime, zone: ZoneInfo, at: time
) -> None:
    try:
        found = parse_recent(f"{at:%H:%M}", zone, now)
    except NotATime:
        return
    assert timedelta() <= now - found <= times.RECENT
    assert local(found, zone).date() == local(now, zone).date()


def test_days_begin_and_end_on_the_clocks_of_the_laboratory() -> None:
    # The clocks went back on the second day, which had 25 hours.
    start, end = times.days_between(date(2026, 10, 24), date(2026, 10, 25), ZoneInfo("Europe/Warsaw"))
    assert start == datetime(2026, 10, 23, 22, tzinfo=UTC)
    assert end - start == timedelta(hours=49)
