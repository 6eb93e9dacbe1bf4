"""Files of temperature loggers: read exactly, asked back where something is open, refused where they are none."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from labrecords.exchange.logger_clock import DAY_FIRST, MONTH_FIRST, Doubt
from labrecords.exchange.logger_csv import AS_THE_FILE_SAYS, MOST_READINGS, Answers, LoggerFile, read_logger

WARSAW = "Europe/Warsaw"


def read(text: str, clock: str = "UTC+00:00", order: str = "", column: str = "") -> LoggerFile:
    return read_logger(text.encode(), Answers(clock, order, column))


def doubt(text: str | bytes, clock: str = "UTC+00:00", order: str = "", column: str = "") -> Doubt:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Doubt) as caught:
        read_logger(data, Answers(clock, order, column))
    return caught.value


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Time,Temp (°C)\n2026-11-23 08:00,5.2\n2026-11-23 08:05,-0.5\n",
        "Logger 4711;\nSerial;0815\n\nDate;Time;Temp (°C)\n23.11.2026;08:00:00;5,2\n23.11.2026;08:05:00;-0,5\n",
        "2026-11-23T08:00:00\t5.2\t\n2026-11-23T08:05:00\t-0.5\t\n",
        'No,Time,Celsius(°C),Humidity\n1,11/23/2026 8:00 AM,"5,2",40\n2,11/23/2026 8:05 AM,"-0,5",41\n',
        "Zeit;Temperatur\n23/11/2026 08:05;\u22120,5\n23/11/2026 08:00;5,2\n",
        "Time;Temp\n2026-11-23 09:00:00+01:00;5.2\n2026-11-23 08:05Z;-0.5\n",
    ],
    ids=["comma", "two cells", "tabs", "am and pm, numbered", "newest first", "offsets"],
)
def test_what_loggers_write_is_read_exactly(text: str) -> None:
    found = read(text)
    assert [(item.at, str(item.celsius)) for item in found.samples] == [
        (at("2026-11-23T08:00"), "5.2"),
        (at("2026-11-23T08:05"), "-0.5"),
    ]
    assert found.every_s == 300


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_the_encoding_are_no_part_of_the_heading(encoding: str) -> None:
    text = "Time;Temp °C\n2026-11-23 08:00;5,2\n2026-11-23 08:05;5,3\n"
    assert read_logger(text.encode(encoding), Answers("UTC+01:00")).heading == "Temp °C"


def test_a_file_in_another_zone_is_read_by_the_clock_that_was_stated() -> None:
    text = "Time;Temp\n2026-11-23 08:00;5\n2026-11-23 08:05;5\n"
    assert read(text, "UTC-05:00").samples[0].at == at("2026-11-23T13:00")
    assert read(text, WARSAW).samples[0].at == at("2026-11-23T07:00")
    assert doubt(text, "").field == doubt(text, AS_THE_FILE_SAYS).field == "clock"


def test_day_and_month_are_told_by_the_file_or_asked() -> None:
    open_ = "Time;Temp\n03/04/2026 08:00;5\n03/04/2026 08:05;5\n"
    assert doubt(open_).field == "date_order"
    assert read(open_, order=DAY_FIRST).samples[0].at == at("2026-04-03T08:00")
    assert read(open_, order=MONTH_FIRST).samples[0].at == at("2026-03-04T08:00")
    told = "Time;Temp\n03/04/2026 23:55;5\n13/04/2026 00:00;5\n"
    assert read(told).samples[0].at == at("2026-04-03T23:55")
    assert doubt(told, order=MONTH_FIRST).field == "date_order"


def test_one_of_several_columns_is_asked() -> None:
    text = "Time;Temp 1;Temp 2\n2026-11-23 08:00;5,2;21\n2026-11-23 08:05;5,3;21\n"
    assert "Temp 1" in str(doubt(text))
    assert doubt(text).field == "column"
    assert read(text, column="temp 2").samples[0].celsius == 21


def night(day: str, hours: tuple[str, ...], minutes: int = 10) -> str:
    lines = [f"{day} {hour}:{minute:02d};5,0" for hour in hours for minute in range(0, 60, minutes)]
    return "\n".join(["Time;Temp", *lines])


def test_the_hour_that_came_twice_in_october_is_told_by_the_file() -> None:
    """01:00 to 03:59 on the wall are four hours of the night, and no reading is missing."""
    found = read(night("2026-10-25", ("01", "02", "02", "03")), WARSAW)
    assert found.samples[0].at == at("2026-10-24T23:00")
    assert found.samples[-1].at == at("2026-10-25T02:50")
    steps = {b.at - a.at for a, b in pairwise(found.samples)}
    assert steps == {timedelta(minutes=10)}
    hourly = read(night("2026-10-25", ("01", "02", "02", "03"), 60), WARSAW)
    assert [item.at.hour for item in hourly.samples] == [23, 0, 1, 2]


def test_the_hour_that_came_twice_and_stands_there_once_is_asked() -> None:
    once = night("2026-10-25", ("01", "02", "03"))
    assert doubt(once, WARSAW).field == "clock"
    assert len(read(once, "UTC+02:00").samples) == 18


def test_one_doubled_line_is_no_change_of_the_clock() -> None:
    """The hour stands there once, and one of its lines twice: where the clock stood is asked, and the line counted."""
    hour = [f"2026-10-25 02:{minute:02d};5,0" for minute in range(0, 60, 10)]
    around = ("2026-10-25 01:50;5,0", "2026-10-25 03:00;5,0")
    for doubled in range(6):
        lines = [around[0], *hour[: doubled + 1], *hour[doubled:], around[1]]
        text = "\n".join(["Time;Temp", *lines])
        assert "came twice" in str(doubt(text, WARSAW))
        assert read(text, "UTC+02:00").doubled == 1
    halves = [f"2026-10-25 {text};5,0" for text in ("01:30", "02:00", "02:30", "02:30", "03:00")]
    assert doubt("\n".join(["Time;Temp", *halves]), WARSAW).field == "clock"


@pytest.mark.parametrize(
    "shown",
    [
        ("01:40", "01:50", "02:00", "02:10", "02:20", "02:13", "02:23", "02:33", "02:43", "02:53", "03:03"),
        ("01:50", "02:50", "02:00", "02:10", "02:20", "02:30", "02:40", "02:50", "03:00"),
        ("01:50", "02:00", "02:10", "02:20", "02:30", "02:40", "02:50", "02:40", "03:00"),
    ],
    ids=["set back by 7 minutes", "a stray line before", "a stray line after"],
)
def test_times_that_go_back_by_less_than_the_hour_are_asked(shown: tuple[str, ...]) -> None:
    text = "\n".join(["Time;Temp", *(f"2026-10-25 {clock};5,0" for clock in shown)])
    assert "came twice" in str(doubt(text, WARSAW))


def test_a_doubled_line_beside_a_real_change_of_the_clock_is_counted() -> None:
    lines = night("2026-10-25", ("01", "02", "02", "03")).split("\n")
    found = read("\n".join([*lines[:9], lines[8], *lines[9:]]), WARSAW)
    assert (len(found.samples), found.doubled) == (24, 1)
    assert found.samples[-1].at - found.samples[0].at == timedelta(minutes=230)


def test_the_hour_that_never_came_in_march_is_asked() -> None:
    found = read(night("2026-03-29", ("01", "03")), WARSAW)
    assert found.samples[-1].at - found.samples[0].at == timedelta(minutes=110)
    never = doubt(night("2026-03-29", ("01", "02", "03")), WARSAW)
    assert never.field == "clock"
    assert "put forward" in str(never)


def test_what_the_clock_showed_twice_is_known_of_no_time() -> None:
    """Set back by 7 minutes at 08:10: 08:03 to 08:10 is left out of both runs, and is missing."""
    shown = ["08:00", "08:05", "08:10", "08:03", "08:08", "08:13", "08:18"]
    found = read("Time;Temp\n" + "".join(f"2026-11-23 {text};5,0\n" for text in shown))
    assert [f"{item.at:%H:%M}" for item in found.samples] == ["08:00", "08:13", "08:18"]
    assert (found.put_back, found.doubled) == (1, 0)


def test_lines_without_a_value_and_lines_twice_are_counted() -> None:
    lines = ("08:00;5,0", "08:00;5,0", "08:05;---", "08:10;", "08:15;5,1")
    found = read("Time;Temp\n" + "".join(f"2026-11-23 {text}\n" for text in lines))
    assert (len(found.samples), found.blank, found.doubled) == (2, 2, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\0\1\2", "no text"),
        (b"\xff\xfe\x00\xd8", "no text"),
        ("Dear Vic,\nthe fridge is fine.\n", "no file of a logger"),
        ("Time;Temp °F\n2026-11-23 08:00;41\n2026-11-23 08:05;41\n", "°F"),
        ("Time,Temp\n2026-11-23 08:00,5,2\n2026-11-23 08:05,5,3\n", "semicolons"),
        ("Time;Temp\n2026-11-23 08:00;5,2\n2026-11-23 08:05;5.3\n", "decimal comma"),
        ("Time;Temp\n2026-11-23 08:00;5\n2026-11-23 08:05;cold\n", "“cold” is no temperature"),
        ("Time;Temp\n2026-11-23 08:00;5\n2026-11-23 08:05;900\n", "“900” is no temperature"),
        ("Time;Temp\n2026-11-23 08:00;5\nEnd of file;\n", "Line 3 holds no date"),
        ("Time;Temp\n2026-11-23 08:00;5\n2026-11-31 08:05;5\n", "Line 3 holds no time"),
        ("Time;Temp\n2026-11-23 08:00;5\n", "fewer than two"),
        ("Time;Temp\n2026-11-23 08:00:00+99:00;5\n2026-11-23 08:05:00+99:00;5\n", "offset of a day"),
        ("Time;Temp\n23.11.26 08:00;5\n23.11.26 08:05;5\n", "four digits"),
    ],
)
def test_what_is_no_file_of_a_logger_is_refused_with_a_sentence(text: str | bytes, said: str) -> None:
    found = doubt(text)
    assert found.field == "file"
    assert said in str(found)


@pytest.mark.parametrize(
    "heading",
    [
        *("Temp (°F)", "Temperature F", "Temp_F", "Temp [F]", "Temp. deg F", "Temp (ºF)", "Temp ℉"),
        *("TEMP(F)", "temperature in Fahrenheit", "Ch1 Temp F"),
    ],
)
def test_a_heading_in_fahrenheit_is_never_read_as_celsius(heading: str) -> None:
    text = f"Time;{heading}\n2026-11-23 08:00;41,0\n2026-11-23 08:05;41,5\n"
    assert str(doubt(text)) == "This file says °F. Set the logger or its software to °C, and export it."


def test_the_unit_above_the_table_counts_where_the_heading_says_none() -> None:
    table = "2026-11-23 08:00;41\n2026-11-23 08:05;41\n"
    assert "°F" in str(doubt(f"Unit;°F\nTime;Temp\n{table}"))
    for head in (
        "Unit;°F\nTime;Temp (°C)",
        "Serial F;F-12\nTime;Temp",
        "Time;Temp freezer",
        "Alarm 46 °F;8 °C\nTime;Temp ℃",
    ):
        assert len(read(f"{head}\n{table}").samples) == 2


def test_ten_megabytes_are_refused_at_once_and_the_most_that_is_read_takes_seconds() -> None:
    begin = time.process_time()
    assert "10.0 MB" in str(doubt(b"2026-11-23 08:00;5,0\n" * (10 * 1024 * 1024 // 21 + 1)))
    assert time.process_time() - begin < 0.5
    start = datetime(2026, 11, 1, tzinfo=UTC)
    lines = [f"{start + timedelta(minutes=n):%Y-%m-%d %H:%M};5,{n % 10}" for n in range(MOST_READINGS + 1)]
    begin = time.process_time()
    found = read("\n".join(["Time;Temp", *lines[:-1]]))
    assert time.process_time() - begin < 5
    assert len(found.samples) == MOST_READINGS
    assert found.samples[-1].celsius == Decimal("5.9")
    assert f"more than {MOST_READINGS}" in str(doubt("\n".join(lines)))


def test_a_clock_that_jumps_to_and_fro_is_refused_in_bounded_time() -> None:
    lines = [f"2026-11-23 08:{n % 2:02d};{n % 7}" for n in range(5000)]
    assert "go back more than" in str(doubt("\n".join(["Time;Temp", *lines])))
