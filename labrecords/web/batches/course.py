"""The course of a patient as a drawing: one plot for each thing that was measured, all on one axis of time.

x is in per cent of the width and y in pixels, as in the custody ribbon. What was not asked at a visit is no point, and
no line leads across that visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from labrecords.domain.steps.follow_up import NRS_MOST, VAS_MOST_MM, FollowUp
from labrecords.domain.values.numbers import plain
from labrecords.web.batches.ribbon import Line, Point
from labrecords.web.batches.time_axis import percent

LEFT, RIGHT, TOP, DEEP, FOOT = 6.0, 97.0, 30, 120, 24
"""The area of a plot: its ends in per cent of the width; where it begins, how deep it is, and its foot, in pixels."""
NAMED_AT_MOST = 12
"""So many points have their number beside them; of more the table tells it."""
TICKS_AT_MOST = 8
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
LABEL_SHARE = 9.0
"""A label of an injection takes so much of the width, in per cent: one closer to it stands a row lower."""


@dataclass(frozen=True)
class Course:
    """What is drawn: visits that were held, in the order of time, and the injections with what each is called."""

    visits: Sequence[FollowUp]
    injections: Sequence[tuple[datetime, str]]


@dataclass(frozen=True)
class Plot:
    title: str
    description: str
    height: int
    floor: int
    grid: tuple[Point, ...]
    ticks: tuple[Point, ...]
    injections: tuple[Point, ...]
    points: tuple[Point, ...]
    trace: tuple[Line, ...]


@dataclass(frozen=True)
class _Series:
    title: str
    most: Decimal
    values: tuple[Decimal | None, ...]
    """For each visit what was measured; None where it was not asked."""


@dataclass(frozen=True)
class _Axis:
    start: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        return LEFT + (RIGHT - LEFT) * ((moment - self.start) / (self.end - self.start))


def plots(course: Course, zone: ZoneInfo) -> list[Plot]:
    """A plot for each thing that was measured at a visit; none where nothing was."""
    moments = [visit.performed_at for visit in course.visits] + [at for at, _ in course.injections]
    if not moments:
        return []
    start, end = min(moments), max(moments)
    axis = _Axis(start, max(end, start + timedelta(days=1)))
    return [_plot(course, series, axis, zone) for series in _series(course.visits)]


def _series(visits: Sequence[FollowUp]) -> Iterator[_Series]:
    nrs = tuple(None if one.pain_nrs is None else Decimal(one.pain_nrs) for one in visits)
    found = [
        _Series(f"Pain, NRS of {NRS_MOST}: a lower number is better", Decimal(NRS_MOST), nrs),
        _Series(
            f"Pain, VAS of {plain(VAS_MOST_MM)} mm: a lower number is better",
            VAS_MOST_MM,
            tuple(one.pain_vas_mm for one in visits),
        ),
    ]
    asked = dict.fromkeys(key for one in visits if (key := _score_of(one)) is not None)
    for name, most, direction in asked:
        values = tuple(one.score if _score_of(one) == (name, most, direction) else None for one in visits)
        found.append(_Series(f"{name} of {plain(most)}: {direction}", most, values))
    return (series for series in found if any(value is not None for value in series.values))


def _score_of(visit: FollowUp) -> tuple[str, Decimal, str] | None:
    """What a score is compared by: its name, its highest number, and how it is read."""
    if visit.score is None or visit.score_name is None or visit.score_of is None:
        return None
    return visit.score_name, visit.score_of, visit.score_direction or ""


def _plot(course: Course, series: _Series, axis: _Axis, zone: ZoneInfo) -> Plot:
    placed = _injections(course.injections, axis)
    top = TOP + 18 * len({point.y for point in placed})
    floor = top + DEEP

    def y(value: Decimal) -> int:
        return floor - int(value / series.most * DEEP)

    named = sum(value is not None for value in series.values) <= NAMED_AT_MOST
    points = [
        None
        if value is None
        else Point(
            percent(at := axis.at(visit.performed_at)), y(value), plain(value) if named else "", end=at > 90
        )
        for visit, value in zip(course.visits, series.values, strict=True)
    ]
    return Plot(
        title=series.title,
        description=_description(course, series, zone),
        height=floor + FOOT,
        floor=floor,
        grid=tuple(
            Point(percent(LEFT), y(value), plain(value))
            for value in (Decimal(0), series.most / 2, series.most)
        ),
        ticks=tuple(_ticks(axis, floor + 18, zone)),
        injections=placed,
        points=tuple(point for point in points if point is not None),
        trace=tuple(Line(a.x, a.y, b.x, b.y) for a, b in pairwise(points) if a and b),
    )


def _injections(injections: Sequence[tuple[datetime, str]], axis: _Axis) -> tuple[Point, ...]:
    """A line for each injection; a label that would touch the one before stands a row lower."""
    found: list[Point] = []
    free: list[float] = []
    for at, label in sorted(injections):
        x = axis.at(at)
        row = next((n for n, taken in enumerate(free) if taken <= x), len(free))
        free[row : row + 1] = [x + max(LABEL_SHARE, len(label) * 1.1)]
        found.append(Point(percent(x), TOP + 18 * row, label, end=x > 75))
    return tuple(found)


def _ticks(axis: _Axis, y: int, zone: ZoneInfo) -> Iterator[Point]:
    """First days of months on the calendar of the laboratory, as many as fit; of a shorter course its ends."""
    first, last = axis.start.astimezone(zone).date(), axis.end.astimezone(zone).date()
    months = [day for day in _months(first, last) if day >= first]
    step = next((step for step in MONTHS if len(months) / step <= TICKS_AT_MOST), MONTHS[-1])
    shown = [day for day in months if (day.year * 12 + day.month - 1) % step == 0]
    if len(shown) < 2:
        yield Point(percent(LEFT), y, first.isoformat())
        yield Point(percent(RIGHT), y, last.isoformat(), end=True)
        return
    for day in shown:
        at = axis.at(datetime(day.year, day.month, 1, tzinfo=zone))
        if LEFT <= at <= RIGHT:
            yield Point(percent(at), y, f"{day:%Y-%m}", end=at > 90)


def _months(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1)


def _description(course: Course, series: _Series, zone: ZoneInfo) -> str:
    """The numbers in words, for who does not see the drawing."""
    said = [
        f"{visit.performed_at.astimezone(zone):%Y-%m-%d} {plain(value)}"
        for visit, value in zip(course.visits, series.values, strict=True)
        if value is not None
    ]
    gaps = sum(value is None for value in series.values)
    more = f" Not asked at {gaps} of {len(series.values)} visits." if gaps else ""
    injected = ", ".join(f"{at.astimezone(zone):%Y-%m-%d}" for at, _ in sorted(course.injections)) or "none"
    return f"{'; '.join(said)}.{more} Injections: {injected}. The same numbers are in the table."
