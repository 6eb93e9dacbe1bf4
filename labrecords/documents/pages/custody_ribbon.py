"""The custody ribbon: a lane per container over time; who held it where, in words; gaps hatched, framed and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from labrecords.documents.drawing.ink import GREY, INK, PALE, RED, WHITE, Ink
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, width
from labrecords.documents.drawing.wrapping import ELLIPSIS, fit
from labrecords.documents.edition import Edition
from labrecords.documents.pages.geometry import LEFT, MEASURE, MM, RIGHT
from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.custody.exposure import excursions
from labrecords.domain.custody.holders import Segment
from labrecords.domain.values import codes
from labrecords.domain.values.typography import duration

_STEPS = (5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 10080)
"""Minutes between two lines of the time axis."""
_MOST_LINES = 9


@dataclass(frozen=True)
class Axis:
    """A stretch of time over a stretch of paper."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return self.left + share * (self.right - self.left)

    def step(self) -> timedelta:
        minutes = (self.end - self.start) / timedelta(minutes=1)
        return timedelta(minutes=next((step for step in _STEPS if minutes / step <= _MOST_LINES), _STEPS[-1]))


@dataclass(frozen=True)
class Lane:
    container: str
    segments: tuple[Segment, ...]


def lanes_of(edition: Edition) -> tuple[Lane, ...]:
    """The stretches of custody by container, one lane for each, in the order in which they were first held."""
    found: dict[str, list[Segment]] = {}
    names: dict[str, str] = {}
    for segment in segments(edition.record):
        key = codes.normalise(segment.container)
        names.setdefault(key, segment.container)
        found.setdefault(key, []).append(segment)
    return tuple(Lane(names[key], tuple(stretches)) for key, stretches in found.items())


def axis_for(edition: Edition, moments: Sequence[datetime], left: float) -> Axis:
    """An axis that holds all custody and these instants, with a little room at both ends."""
    found = segments(edition.record)
    instants = [*moments, *(segment.start for segment in found)]
    instants += [segment.end for segment in found if segment.end is not None]
    start, end = min(instants), max(instants)
    room = max((end - start) / 40, timedelta(minutes=2))
    return Axis(start - room, end + room, left, RIGHT)


def draw_ribbon(
    ink: Ink,
    edition: Edition,
    lanes: Sequence[Lane],
    axis: Axis,
    top: float,
    high: float,
    *,
    named: bool = True,
) -> float:
    """Draw the lanes below a time axis. Returns their lower edge. `named` writes the container before each lane."""
    bottom = top - 12 - len(lanes) * high
    _draw_axis(ink, edition, axis, top, bottom)
    places = list(
        dict.fromkeys(segment.place for lane in lanes for segment in lane.segments if not segment.gap)
    )
    for number, lane in enumerate(lanes):
        y = top - 12 - (number + 1) * high + 3
        if named:
            size, text = fit(COND_BOLD, 8.4, lane.container, axis.left - LEFT - 4)
            ink.text(LEFT, y + (high - 6) / 2 - 3, text, COND_BOLD, size)
        follows = [*(segment.start for segment in lane.segments[1:]), axis.end]
        for segment, following in zip(lane.segments, follows, strict=True):
            _draw_segment(
                ink,
                segment,
                axis,
                y,
                high - 6,
                following,
                shaded=not segment.gap and places.index(segment.place) % 2 == 1,
            )
        for container, piece in excursions(edition.record):
            if any(segment.container == container for segment in lane.segments):
                left, right = axis.x(piece.start), axis.x(piece.end)
                ink.hatch(left, y, max(right - left, 1.5), 4, 2.3, 0.7, RED, 0.8)
    return bottom


def _draw_axis(ink: Ink, edition: Edition, axis: Axis, top: float, bottom: float) -> None:
    step, midnight = (
        axis.step(),
        axis.start.astimezone(edition.zone).replace(hour=0, minute=0, second=0, microsecond=0),
    )
    moment, day = midnight.astimezone(axis.start.tzinfo), ""
    while moment <= axis.end:
        if moment >= axis.start:
            local, x = edition.when(moment), axis.x(moment)
            ink.down(x, bottom, top - 9)
            words = (
                local[11:16]
                if local[:10] == day
                else f"{local[5:10]} {local[11:16]}"
                if day
                else local[11:16]
            )
            day = local[:10]
            half = width(COND, 7, words) / 2
            ink.text(min(max(x, axis.left + half), axis.right - half), top - 6, words, COND, 7, "c", GREY)
        moment += step


def _draw_segment(
    ink: Ink, segment: Segment, axis: Axis, y: float, high: float, following: datetime, *, shaded: bool
) -> None:
    """One stretch. Where the one `following` it begins before it ends, its words end there: it is drawn over it."""
    left, right = axis.x(segment.start), axis.x(segment.end or axis.end)
    wide = max(right - left, 1.5)
    if segment.gap:
        ink.box(left, y - 1.5, wide, high + 3, 0, fill=WHITE)
        ink.hatch(left, y - 1.5, wide, high + 3, 2.3, 0.7, RED, 1.5)
        return
    ink.box(left, y, wide, high, 0.8, fill=PALE if shaded else WHITE)
    if segment.end is None:
        ink.path(
            [(right - 5, y + high / 2 + 3), (right - 1, y + high / 2), (right - 5, y + high / 2 - 3)], 0.8
        )
    room = min(wide, axis.x(following) - left) - 6
    for words, face, size, lift in (
        (segment.place, COND_BOLD, 7.4, high - 8.4),
        (segment.holder, COND, 7.0, 2.6),
    ):
        size, words = fit(face, size, words, room)
        if words[-1:] != ELLIPSIS:
            ink.text(left + 3, y + lift, words, face, size, colour=INK if face == COND_BOLD else GREY)


def gap_words(edition: Edition, segment: Segment) -> str:
    """ "nobody held it for 6 min, 08:46:10 to 08:52:31"."""
    end = segment.end or segment.start
    start_words, end_words = edition.when(segment.start)[11:19], edition.when(end)[11:19]
    return f"nobody held it for {duration(end - segment.start)}, {start_words} to {end_words}"


def draw_events(
    ink: Ink, axis: Axis, events: Sequence[tuple[datetime, str]], top: float, bottom: float
) -> float:
    """Mark instants above a ribbon and name them below, in as many rows as they need. Returns the names' lower edge.

    The names are drawn last, each on white: the stroke to a lower one does not go through it.
    """
    ends: list[float] = []
    names: list[tuple[float, float, float, str]] = []
    for moment, name in sorted(events):
        x, half = axis.x(moment), width(COND_BOLD, 7.4, name) / 2
        at = min(max(x, LEFT + half), LEFT + MEASURE - half)
        row = next((number for number, end in enumerate(ends) if end < at - half - 2 * MM), len(ends))
        ends[row : row + 1] = [at + half]
        y = bottom - 12 - row * 9.5
        ink.path([(x - 2.6, top - 10), (x + 2.6, top - 10), (x, top - 14)], 0.3, fill=INK, closed=True)
        ink.down(x, y + 7, bottom + 4, 0.6, INK)
        names.append((at, y, half, name))
    for at, y, half, name in names:
        ink.box(at - half - 1, y - 1.6, 2 * half + 2, 8, 0, fill=WHITE)
        ink.text(at, y, name, COND_BOLD, 7.4, "c")
    return bottom - 12 - max(len(ends) - 1, 0) * 9.5 - 4
