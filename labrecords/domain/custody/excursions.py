"""When a temperature was outside its range, by the readings of a logger (domain 3.9).

Between two readings the temperature is taken to run straight, so that a limit is crossed at an instant of its own. A
stretch whose readings are missing is unknown, and counts as outside. A value on the limit is inside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from labrecords.domain.custody.temperature_logs import Sample

MEASURED, MISSING = "measured", "missing"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Range:
    """The lowest and the highest temperature allowed, in °C; None where there is no limit on that side."""

    low: Decimal | None
    high: Decimal | None

    def holds(self, celsius: Decimal) -> bool:
        return (self.low is None or celsius >= self.low) and (self.high is None or celsius <= self.high)

    def distance(self, celsius: Decimal) -> Decimal:
        """How far beyond the nearer limit a value is, in °C; 0 within the range."""
        below = self.low - celsius if self.low is not None else Decimal(0)
        above = celsius - self.high if self.high is not None else Decimal(0)
        return max(below, above, Decimal(0))

    def covers(self, other: Range) -> bool:
        """Whether everything that the other range allows is allowed here."""
        below = self.low is None or (other.low is not None and other.low >= self.low)
        return below and (self.high is None or (other.high is not None and other.high <= self.high))


def range_or_none(low: Decimal | None, high: Decimal | None) -> Range | None:
    """A range, or None where neither end is stated."""
    return None if low is None and high is None else Range(low, high)


@dataclass(frozen=True)
class Outside:
    """A stretch of time outside the range, or one of which nothing is known."""

    start: datetime
    end: datetime
    why: str

    @property
    def lasted(self) -> timedelta:
        return self.end - self.start


def outside(
    samples: Sequence[Sample], allowed: Range, gap: timedelta, start: datetime, end: datetime
) -> tuple[Outside, ...]:
    """Every stretch between `start` and `end` in which it was outside or unknown, in the order of time.

    `samples` are in the order of time; those before and after help to find where a limit was crossed. Before the first
    and after the last reading its value holds for up to `gap`; what is longer is missing.
    """
    return tuple(_joined(_clipped(_pieces(samples, allowed, gap, start, end), start, end)))


def outside_by(
    runs: Sequence[tuple[Sequence[Sample], timedelta]], allowed: Range, start: datetime, end: datetime
) -> tuple[Outside, ...]:
    """The same by several runs of readings, each with its own gap and judged by its own readings alone.

    What one of them measured outside was outside, whatever another one measured beside it. Missing is only what no run
    knows.
    """
    measured: list[Outside] = []
    missing = [Outside(start, end, MISSING)]
    for samples, gap in runs:
        found = outside(samples, allowed, gap, start, end)
        measured += [piece for piece in found if piece.why == MEASURED]
        holes = [piece for piece in found if piece.why == MISSING]
        missing = [part for one in missing for part in _clipped(holes, one.start, one.end)]
    both = [*_joined(measured), *missing]
    return tuple(sorted(both, key=lambda piece: (piece.start, piece.end)))


def outside_beside(
    found: Sequence[Outside],
    beyond: Sequence[Sample],
    readings: Sequence[Sample],
    allowed: Range,
    gap: timedelta,
    start: datetime,
    end: datetime,
) -> tuple[Outside, ...]:
    """`found` by the readings of loggers, with what was measured outside the range by other means beside them.

    Such a value is joined with what was measured last before it and next after it, a reading or another such value,
    where these lie within `gap`; a limit is crossed on the straight line to them (domain 3.9). What is further away is
    missing in `found` already.
    """
    pieces = [piece for piece in found if piece.why == MEASURED]
    for run in _with_neighbours(_farthest(beyond, allowed), readings):
        pieces += [piece for piece in outside(run, allowed, gap, start, end) if piece.why == MEASURED]
    both = [*_joined(pieces), *(piece for piece in found if piece.why != MEASURED)]
    return tuple(sorted(both, key=lambda piece: (piece.start, piece.end)))


def _farthest(beyond: Iterable[Sample], allowed: Range) -> list[Sample]:
    """The values in the order of time, of each instant the one that was farthest outside."""
    found: dict[datetime, Sample] = {}
    for value in sorted(beyond, key=lambda one: (one.at, allowed.distance(one.celsius))):
        found[value.at] = value
    return list(found.values())


def _with_neighbours(values: Sequence[Sample], readings: Sequence[Sample]) -> Iterator[tuple[Sample, ...]]:
    """The values that lie between the same two readings, with these; what was read at the same instant is no other."""
    instants = {value.at for value in values}
    others = [item for item in readings if item.at not in instants]
    for place, between in groupby(
        values, key=lambda one: bisect_left(others, one.at, key=lambda item: item.at)
    ):
        yield (*others[max(place - 1, 0) : place], *between, *others[place : place + 1])


def total(pieces: Iterable[Outside]) -> timedelta:
    """How long it was outside in all; what two pieces share counts once."""
    found, until = timedelta(0), None
    for piece in sorted(pieces, key=lambda one: one.start):
        begin = piece.start if until is None else max(piece.start, until)
        if piece.end > begin:
            found, until = found + (piece.end - begin), piece.end
    return found


def _pieces(
    samples: Sequence[Sample], allowed: Range, gap: timedelta, start: datetime, end: datetime
) -> Iterator[Outside]:
    if not samples:
        yield Outside(start, end, MISSING)
        return
    first, last = samples[0], samples[-1]
    yield from _beyond(start, first.at, first, allowed, gap)
    for before, after in pairwise(samples):
        if before.at >= end or after.at <= start:
            continue
        if after.at - before.at > gap:
            yield Outside(before.at, after.at, MISSING)
        else:
            yield from _crossed(before, after, allowed)
    yield from _beyond(last.at, end, last, allowed, gap)


def _beyond(
    start: datetime, end: datetime, nearest: Sample, allowed: Range, gap: timedelta
) -> Iterator[Outside]:
    """A stretch before the first or after the last reading."""
    if end <= start:
        return
    if end - start > gap:
        yield Outside(start, end, MISSING)
    elif not allowed.holds(nearest.celsius):
        yield Outside(start, end, MEASURED)


def _crossed(before: Sample, after: Sample, allowed: Range) -> Iterator[Outside]:
    """The parts of one stretch between two readings that lie below and above the range."""
    if allowed.holds(before.celsius) and allowed.holds(after.celsius):
        return
    for limit, sign in ((allowed.low, -1), (allowed.high, 1)):
        if limit is None:
            continue
        a, b = sign * (before.celsius - limit), sign * (after.celsius - limit)
        if a > 0 and b > 0:
            yield Outside(before.at, after.at, MEASURED)
        elif a > 0 or b > 0:
            ticks = (after.at - before.at) // _TICK
            crossing = before.at + round(a * ticks / (a - b)) * _TICK
            yield (Outside(before.at, crossing, MEASURED) if a > 0 else Outside(crossing, after.at, MEASURED))


def _clipped(pieces: Iterable[Outside], start: datetime, end: datetime) -> Iterator[Outside]:
    for piece in pieces:
        begin, until = max(piece.start, start), min(piece.end, end)
        if until > begin:
            yield Outside(begin, until, piece.why)


def _joined(pieces: Iterable[Outside]) -> Iterator[Outside]:
    """Pieces that touch and have the same cause are one."""
    last: Outside | None = None
    for piece in sorted(pieces, key=lambda one: (one.start, one.end)):
        if last and last.why == piece.why and piece.start <= last.end:
            last = Outside(last.start, max(last.end, piece.end), last.why)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last
