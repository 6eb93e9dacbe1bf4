"""Reading the CSV file of a temperature logger: every reading exactly, and what is open asked back.

Told by the file: its encoding (UTF-8, or UTF-16 with its mark), the column separator, the decimal sign, the lines
before the table. Never guessed: the clock its times stand on, the order of day and month, which of several columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median_low
from zoneinfo import ZoneInfo

from labrecords.domain.attachments import HEADING_LINES
from labrecords.domain.custody.temperature_logs import Sample
from labrecords.domain.values.text import NotText, clean_text, decoded
from labrecords.exchange.logger_clock import Doubt, Stamp, instants, offset_of, order_of, stamp_of, wall_time

MOST_BYTES = 2 * 1024 * 1024
MOST_READINGS = 20_000
"""Two weeks at one reading a minute."""
AS_THE_FILE_SAYS = "as the file says"
SEPARATORS = (";", "\t", ",")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}(?:([.,])[0-9]{1,4})?")
_NAMES_TEMPERATURE = re.compile(r"temp|[°º˚]\s?[cf]|[℃℉]|celsius|fahrenheit|[(\[][cf][)\]]", re.IGNORECASE)
_CELSIUS = re.compile(
    r"[°º˚]\s?c\b|℃|celsius|centigrade|\bdeg(?:rees?)?\.?[\s_]?c\b|[(\[]c[)\]]", re.IGNORECASE
)
_FAHRENHEIT = re.compile(r"[°º˚]\s?f\b|℉|fahrenheit|\bdeg(?:rees?)?\.?[\s_]?f\b|[(\[]f[)\]]", re.IGNORECASE)
_BARE_F = re.compile(r"(?<![^\W_])f(?![^\W_])", re.IGNORECASE)
"""The letter by itself, as in "Temperature F" and "Temp_F"."""
_NO_VALUE = frozenset({"", "-", "--", "---", "n/a", "na", "nan", "null", "open", "err", "error", "fault"})
MOST_TIMES_BACK = 100
COLDEST, HOTTEST = Decimal(-273), Decimal(200)


@dataclass(frozen=True)
class Answers:
    """What a person said of the file."""

    clock: str = ""
    """An IANA zone, "UTC+01:00", or "as the file says" for times with their offset; empty while nobody said."""
    date_order: str = ""
    column: str = ""
    """The heading of the column to read, where several could be meant."""


@dataclass(frozen=True)
class LoggerFile:
    """The readings of a file in the order of time, and what was left out."""

    samples: tuple[Sample, ...]
    heading: str
    clock: str
    every_s: int
    blank: int
    doubled: int
    put_back: int


@dataclass(frozen=True)
class _Line:
    number: int
    stamp: Stamp
    cells: Sequence[str]


def read_logger(data: bytes, answers: Answers) -> LoggerFile:
    """Read a file. Raises Doubt, with the field that it is about, for what is not taken and what has to be said."""
    separator, heads, lines = _table(_text(data))
    column, heading = _column(separator, heads, lines, answers.column)
    values = _values(lines, column)
    order = order_of([line.stamp for line in lines], answers.date_order)
    walls = []
    for line in lines:
        try:
            walls.append(wall_time(line.stamp, order))
        except ValueError as error:
            raise Doubt("file", f"Line {line.number} holds no time: there is no such day or hour.") from error
    if not lines[0].stamp.offset and _newest_first(walls):
        lines, walls, values = lines[::-1], walls[::-1], values[::-1]
    clock, times = _times(lines, walls, answers.clock)
    if clock == AS_THE_FILE_SAYS and _newest_first(times):
        times, values = times[::-1], values[::-1]
    known = [Sample(at, value) for at, value in zip(times, values, strict=True) if value is not None]
    kept, doubled, put_back = _in_order(known) if known else ((), 0, 0)
    if len(kept) < 2:
        raise Doubt("file", "This file has fewer than two readings that can be used.")
    apart = [(b.at - a.at) // timedelta(seconds=1) for a, b in pairwise(kept)]
    return LoggerFile(
        samples=kept,
        heading=heading,
        clock=clock,
        every_s=max(median_low(apart), 1),
        blank=values.count(None),
        doubled=doubled,
        put_back=put_back,
    )


def _newest_first(times: Sequence[datetime]) -> bool:
    """Whether a file runs backward, as some loggers write: most of its steps do."""
    steps = [after > before for before, after in pairwise(times) if after != before]
    return sum(steps) < len(steps) / 2


def _text(data: bytes) -> str:
    if not data:
        raise Doubt("file", "This file is empty. Choose another.")
    if len(data) > MOST_BYTES:
        raise Doubt(
            "file",
            f"This file has {len(data) / 1024 / 1024:.1f} MB; of a logger at most {MOST_BYTES // 1024 // 1024} MB are "
            "read. Export only the time in which it was with the container.",
        )
    try:
        text = decoded(data)
    except UnicodeDecodeError as error:
        raise Doubt("file", "This file is no text in UTF-8 or UTF-16. Export it as CSV in UTF-8.") from error
    if "\0" in text:
        raise Doubt("file", "This file holds characters that are no text. Export it as CSV in UTF-8.")
    return text


def _table(text: str) -> tuple[str, list[list[str]], list[_Line]]:
    """The separator, the lines before the first reading, and every line with a time, without empty cells at its end.

    Raises Doubt for a line that is neither.
    """
    rows = text.splitlines()
    separator = _separator(rows)
    heads: list[list[str]] = []
    lines: list[_Line] = []
    for number, cells in enumerate(_split(rows, separator), start=1):
        cells = [cell.strip() for cell in cells]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        found = _stamped(cells)
        if found:
            lines.append(_Line(number, *found))
        elif lines:
            raise Doubt("file", f"Line {number} holds no date and time: “{' '.join(cells)[:40]}”.")
        else:
            heads.append(cells)
        if len(lines) > MOST_READINGS or len(heads) > HEADING_LINES:
            break
    if len(lines) > MOST_READINGS:
        raise Doubt(
            "file", f"This file has more than {MOST_READINGS} readings. Export only the time that is needed."
        )
    if not lines:
        raise Doubt("file", "No line of this file begins with a date and time: it is no file of a logger.")
    return separator, heads, lines


def _split(rows: Sequence[str], separator: str) -> Iterable[list[str]]:
    try:
        yield from csv.reader(rows, delimiter=separator)
    except csv.Error as error:
        raise Doubt("file", "The columns of this file cannot be told apart. Export it anew.") from error


def _separator(rows: Sequence[str]) -> str:
    """The separator that splits off a date and time in the first line that has one."""
    for row in rows[:HEADING_LINES]:
        for separator in SEPARATORS:
            cells = next(iter(_split([row], separator)), [])
            if len(cells) > 1 and _stamped([cell.strip() for cell in cells]):
                return separator
    raise Doubt(
        "file", "No line of this file has a date, a time and a temperature: it is no file of a logger."
    )


def _stamped(cells: list[str]) -> tuple[Stamp, list[str]] | None:
    """Date and time at the beginning of a line, after at most a running number; and all its cells.

    Date and time in two cells become one, and an empty cell keeps the columns where their headings are.
    """
    for place in range(min(len(cells), 2)):
        if place and not cells[0].isdecimal():
            break
        if stamp := stamp_of(cells[place]):
            return stamp, [*cells[:place], "", *cells[place + 1 :]]
        if len(cells) > place + 2 and (stamp := stamp_of(f"{cells[place]} {cells[place + 1]}")):
            return stamp, [*cells[:place], "", "", *cells[place + 2 :]]
    return None


def _column(separator: str, heads: list[list[str]], lines: list[_Line], wanted: str) -> tuple[int, str]:
    """Place and heading of the column with the temperature. Raises Doubt where several could be meant."""
    wide = max(len(line.cells) for line in lines)
    head = next((cells for cells in reversed(heads) if len(cells) > 1), [])
    if separator == "," and (len(head) < wide if head else any(len(line.cells) < wide for line in lines)):
        raise Doubt(
            "file", "Columns and decimals of this file are both written with commas. Export with semicolons."
        )
    start = next(n for n, cell in enumerate(lines[0].cells) if cell == "") + 1
    named = [n for n, text in enumerate(head) if n >= start and _NAMES_TEMPERATURE.search(text)]
    numbers = [n for n in range(start, wide) if any(_NUMBER.fullmatch(_cell(line, n)) for line in lines)]
    found = [n for n in named if n in numbers] or numbers
    if not found:
        raise Doubt("file", "No column of this file holds temperatures.")
    headings = {n: _clean(head[n]) if n < len(head) else "" for n in found}
    if wanted:
        found = [n for n in found if headings[n].casefold() == wanted.strip().casefold()]
    if len(found) != 1:
        names = ", ".join(f"“{text}”" for text in headings.values() if text)
        if not names:
            sentence = "It has several columns of numbers and no headings. Export it with headings, or with semicolons."
            raise Doubt("file", sentence)
        raise Doubt("column", f"Say which column holds the temperature: {names}.")
    if _in_fahrenheit(headings[found[0]], heads):
        raise Doubt("file", "This file says °F. Set the logger or its software to °C, and export it.")
    return found[0], headings[found[0]]


def _in_fahrenheit(heading: str, heads: list[list[str]]) -> bool:
    """Whether the file says °F of the column: in its heading, or in the lines above where the heading says no unit.

    Nothing is converted here: the software of the logger does that, with its own readings and rounding.
    """
    if _CELSIUS.search(heading):
        return False
    if _FAHRENHEIT.search(heading) or _BARE_F.search(heading):
        return True
    return any(_FAHRENHEIT.search(cell) for cells in heads for cell in cells)


def _cell(line: _Line, column: int) -> str:
    return line.cells[column].replace("\u2212", "-") if column < len(line.cells) else ""


def _clean(text: str) -> str:
    try:
        return clean_text(text.replace("℃", "°C").replace("℉", "°F"), limit=80)
    except NotText as error:
        raise Doubt("file", "A heading of this file cannot be printed. Export it anew.") from error


def _values(lines: list[_Line], column: int) -> list[Decimal | None]:
    """The temperature of each line, None where it has none. Raises Doubt for a value that is no temperature."""
    found: list[Decimal | None] = []
    signs = set()
    for line in lines:
        text = _cell(line, column)
        if text.casefold() in _NO_VALUE:
            found.append(None)
            continue
        matched = _NUMBER.fullmatch(text)
        value = Decimal(text.replace(",", ".")) if matched else None
        if matched is None or value is None or not COLDEST <= value <= HOTTEST:
            raise Doubt("file", f"Line {line.number}: “{text[:40]}” is no temperature in °C.")
        signs.add(matched[1])
        found.append(value)
    if {",", "."} <= signs:
        raise Doubt("file", "Some temperatures have a decimal comma, others a point. Export the file anew.")
    return found


def _times(lines: list[_Line], walls: list[datetime], clock: str) -> tuple[str, list[datetime]]:
    """The clock and the instants of all lines, in UTC. Raises Doubt while nobody said on which clock they stand."""
    offsets = [line.stamp.offset for line in lines]
    if all(offsets):
        pairs = zip(walls, offsets, strict=True)
        try:
            return AS_THE_FILE_SAYS, [
                wall.replace(tzinfo=offset_of(offset)).astimezone(UTC) for wall, offset in pairs
            ]
        except ValueError as error:
            raise Doubt("file", "This file has a time with an offset of a day or more.") from error
    if any(offsets):
        raise Doubt("file", "Some times of this file have an offset, others have none. Export it anew.")
    if not clock or clock == AS_THE_FILE_SAYS:
        raise Doubt("clock", "The times of this file say no zone. Say on which clock they stand.")
    if clock.startswith("UTC"):
        fixed = offset_of(clock[3:] or "Z")
        return clock, [wall.replace(tzinfo=fixed).astimezone(UTC) for wall in walls]
    return clock, instants(walls, ZoneInfo(clock))


def _in_order(samples: list[Sample]) -> tuple[tuple[Sample, ...], int, int]:
    """The readings in the order of time; how many were doubled; how often the clock went backward.

    What the clock showed twice is known of no time: every reading of such a stretch is left out, and is missing.
    """
    latest, doubled = samples[0], 0
    taken, doubtful = [samples[0]], list[tuple[datetime, datetime]]()
    for item in samples[1:]:
        if item == taken[-1]:
            doubled += 1
            continue
        if item.at <= latest.at:
            if doubtful and taken[-1].at <= item.at <= doubtful[-1][1]:
                pass  # the clock runs again through what it had shown
            else:
                doubtful.append((item.at, latest.at))
            if len(doubtful) > MOST_TIMES_BACK:
                raise Doubt("file", f"The times of this file go back more than {MOST_TIMES_BACK} times.")
        else:
            latest = item
        taken.append(item)
    kept = [item for item in taken if not any(start <= item.at <= end for start, end in doubtful)]
    return tuple(kept), doubled, len(doubtful)
