"""What a temperature logger recorded while it travelled or lay with a container (domain 2.3 B8, 3.9; 1271.260(e)).

The file itself is kept as an attachment; here are the readings that were taken from it, so that every page and every
verifier can work the excursions out anew. Instants are UTC, temperatures °C.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.attachments import Withdrawal
    from labrecords.domain.record import BatchRecord

ROLE = "temperature log"
"""The role of the attached file."""
GAPS_ALLOWED = 2
"""Readings that are further apart than so many intervals of the logger say nothing of the time between them."""
MOST_APART = timedelta(minutes=61)
"""Nor do readings that are further apart than this: those of a logger that measures every hour are taken."""


@dataclass(frozen=True)
class Sample:
    at: datetime
    celsius: Decimal


@dataclass(frozen=True)
class TemperatureLog:
    """The readings of one logger file, attached to a hand-over or to an act of storage."""

    id: str
    batch_id: str
    step_key: str
    attachment_id: str
    clock: str
    """On which clock its times stand, as it was stated: "Europe/Warsaw", "UTC+01:00", "as the file says"."""
    heading: str
    """The heading of the column that was read; empty where the file has none."""
    every_s: int
    """How many seconds lie between two readings, as a rule."""
    starts_at: datetime
    readings: str
    """Each reading as seconds since `starts_at` and °C: "0:5.2 300:5.3"."""
    blank: int
    """Lines that have a time and no temperature."""
    doubled: int
    """Lines that say the same as another one."""
    put_back: int
    """How often the clock of the logger went backward. What it showed twice is known of no time, and left out."""
    person_id: str
    recorded_at: datetime


@dataclass(frozen=True)
class Summary:
    """What a log holds of a time, in numbers. `mean_c` is the mean of the readings, each counted once."""

    count: int
    start: datetime
    end: datetime
    least_c: Decimal
    most_c: Decimal
    mean_c: Decimal


def written(samples: Sequence[Sample]) -> str:
    """The stored form of the readings, which are in the order of time and to the second."""
    first = samples[0].at
    return " ".join(f"{(item.at - first) // timedelta(seconds=1)}:{plain(item.celsius)}" for item in samples)


@lru_cache(maxsize=32)
def samples_of(log: TemperatureLog) -> tuple[Sample, ...]:
    """The readings of a log, in the order of time."""
    pairs = (item.split(":") for item in log.readings.split(" "))
    return tuple(
        Sample(log.starts_at + timedelta(seconds=int(after)), Decimal(value)) for after, value in pairs
    )


def gap_of(log: TemperatureLog) -> timedelta:
    """How far apart two readings of this logger may lie without anything missing between them."""
    return min(timedelta(seconds=GAPS_ALLOWED * log.every_s), MOST_APART)


def runs_of(logs: Sequence[TemperatureLog]) -> tuple[tuple[tuple[Sample, ...], timedelta], ...]:
    """The readings of each log with its gap, and how one goes on into the next: a logger is read out in parts."""
    joints = []
    for one, other in permutations(logs, 2):
        last, first, gap = samples_of(one)[-1], samples_of(other)[0], min(gap_of(one), gap_of(other))
        if timedelta(0) <= first.at - last.at <= gap:
            joints.append(((last, first), gap))
    return (*((samples_of(log), gap_of(log)) for log in logs), *joints)


def summary_of(log: TemperatureLog, start: datetime, end: datetime) -> Summary | None:
    """Count, first and last reading, lowest, highest and mean of what was read in a time; None where nothing was."""
    whole = start.replace(microsecond=0)  # readings are to the second
    samples = [item for item in samples_of(log) if whole <= item.at <= end]
    if not samples:
        return None
    values = [item.celsius for item in samples]
    mean = sum(values, Decimal(0)) / len(values)
    return Summary(
        len(samples),
        samples[0].at,
        samples[-1].at,
        min(values),
        max(values),
        mean.quantize(Decimal("0.1")),
    )


def missing_in(log: TemperatureLog, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The parts of a time that lie between two readings which are too far apart."""
    allowed = gap_of(log)
    return tuple(
        (max(a.at, start), min(b.at, end))
        for a, b in pairwise(samples_of(log))
        if b.at - a.at > allowed and a.at < end and b.at > start
    )


def standing_logs(record: BatchRecord) -> tuple[TemperatureLog, ...]:
    """The logs whose file was not withdrawn."""
    gone = {item.attachment_id for item in record.withdrawals}
    return tuple(log for log in record.temperature_logs if log.attachment_id not in gone)


def withdrawn_logs(record: BatchRecord) -> tuple[tuple[TemperatureLog, Withdrawal], ...]:
    """The logs whose file was withdrawn, each with the withdrawal."""
    gone = {item.attachment_id: item for item in record.withdrawals}
    return tuple(
        (log, gone[log.attachment_id]) for log in record.temperature_logs if log.attachment_id in gone
    )
