"""The custody ribbon: segments of custody become drawing positions.

x is in per cent of the width and y in pixels, so that text keeps its size at every width and no style
attribute is needed. Everything here is drawing: what counts as a gap is decided in domain/custody/chain.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from labrecords.domain.custody.excursions import Outside
from labrecords.domain.custody.holders import Segment
from labrecords.domain.values import typography
from labrecords.domain.values.numbers import plain
from labrecords.web.batches.time_axis import Axis, percent, ticks

LANE_TOP, LANE_HEIGHT, LANE_STEP = 38, 44, 60
QUARANTINE = "Q"
TRACE_HEIGHT, FOOT = 56, 8
ABOVE, BELOW, TALL = -5, 17, 13
"""Where the label of a temperature stands, seen from it, and how tall it is, in pixels."""
TABLET_PX, DESK_PX = 720, 940
"""The least width of a ribbon on a tablet and on a desk (above the first breakpoint of the stylesheet)."""


@dataclass(frozen=True)
class Mark:
    """Something that happened, shown as a stroke under the ribbon: harvest, spin, release, injection."""

    at: datetime
    label: str


@dataclass(frozen=True)
class Block:
    """One holder's stretch, or a gap."""

    x: str
    width: str
    middle: str
    y: int
    number: int
    """The number of the holder in the table; gaps have none and carry 0."""
    title: str
    place: str
    gap: bool
    in_laboratory: bool
    named: str
    """Where the name fits into the block: "always", "wide" (on a desk only) or "never"."""


@dataclass(frozen=True)
class Point:
    """One labelled position: a tick of the axis, a mark, the end of the product's life, a temperature."""

    x: str
    y: int
    label: str
    end: bool = False
    """The label stands to the left of the position."""
    beyond: bool = False
    """A temperature outside its limits."""
    lift: int = 0
    """Where the foot of the label stands, seen from the position; upward is negative."""


@dataclass(frozen=True)
class Line:
    x1: str
    y1: int
    x2: str
    y2: int


@dataclass(frozen=True)
class Band:
    y: int
    height: int
    label: str


@dataclass(frozen=True)
class Excursion:
    """A stretch outside the range of temperature, hatched along the foot of the container's block."""

    x: str
    width: str
    y: int


@dataclass(frozen=True)
class Ribbon:
    height: int
    floor: int
    """Where the grid lines end and the labels of the axis begin."""
    blocks: tuple[Block, ...]
    hands: tuple[Point, ...]
    ticks: tuple[Point, ...]
    marks: tuple[Point, ...]
    ahead: Line | None
    now: Point | None
    due: Point | None
    trace: tuple[Line, ...]
    readings: tuple[Point, ...]
    band: Band | None
    title: str
    description: str
    in_laboratory_known: bool
    excursions: tuple[Excursion, ...] = ()


def ribbon(
    segments: Sequence[Segment],
    *,
    zone: ZoneInfo,
    now: datetime | None = None,
    use_before: datetime | None = None,
    marks: Sequence[Mark] = (),
    laboratory_places: frozenset[str] = frozenset(),
    temperature: tuple[Decimal | None, Decimal | None] = (None, None),
    subject: str = "the material",
    outside: Sequence[tuple[str, Outside]] = (),
    unreleased: Callable[[datetime], bool] = lambda at: False,
) -> Ribbon | None:
    """The drawing of a chain of custody; None when there is nothing to draw yet.

    `now` is None when the chain is closed: then nothing is ahead and no line says "now". A segment whose
    `end` is None runs to now. Holders who overlap in time, which a sound chain never has, get lanes of their
    own below each other. `temperature` is the lowest and highest allowed value in °C, `outside` each stretch beyond
    the range of the product, with its container; `unreleased` says of an instant whether it was in quarantine then.
    """
    if not segments:
        return None
    axis = _axis(segments, now, use_before, marks)
    until = min(now, axis.end) if now else axis.end
    lanes = _lanes(segments, until)
    hands = tuple(_hands(segments, lanes, axis, unreleased))
    blocks = _blocks(segments, lanes, axis, until, laboratory_places)
    below = LANE_TOP + LANE_STEP * max(lanes) + LANE_HEIGHT
    taken = [float(hand.x.removesuffix("%")) for hand in hands if hand.label and hand.y == below]
    placed = tuple(_place_marks(marks, axis, below + 18, taken))
    below = max([below, *(mark.y for mark in placed)])
    trace, readings, band = _temperatures(segments, axis, below + 18, temperature)
    floor = below + (18 + TRACE_HEIGHT if readings else 0) + 12
    ahead = None
    if segments[-1].end is None and use_before and until < use_before:
        middle = LANE_TOP + LANE_STEP * lanes[-1] + LANE_HEIGHT // 2
        ahead = Line(axis.x(until), middle, axis.x(use_before), middle)
    return Ribbon(
        height=floor + 24,
        floor=floor,
        blocks=blocks,
        hands=hands,
        ticks=tuple(Point(axis.x(at), floor + 16, label) for at, label in ticks(axis, zone)),
        marks=placed,
        ahead=ahead,
        now=_line(axis, now, "now", zone) if now and now <= axis.end else None,
        due=_line(axis, use_before, "use before", zone) if use_before else None,
        trace=trace,
        readings=readings,
        band=band,
        title=f"Custody of {subject} from {_clock(segments[0].start, zone)}",
        description=_description(segments, zone, outside),
        in_laboratory_known=bool(laboratory_places),
        excursions=tuple(_excursions(segments, lanes, axis, outside)),
    )


def _axis(
    segments: Sequence[Segment], now: datetime | None, use_before: datetime | None, marks: Sequence[Mark]
) -> Axis:
    start = min([segment.start for segment in segments] + [mark.at for mark in marks])
    known = [segment.end or segment.start for segment in segments] + [mark.at for mark in marks]
    end = max([*known, use_before or start])
    if now and any(segment.end is None for segment in segments):
        # A batch forgotten for a month must not squash its one day into a stroke.
        end = max(end, min(now, start + 2 * (end - start)) if end > start else now)
    return Axis(start, end if end > start else start + timedelta(hours=1))


def _lanes(segments: Sequence[Segment], until: datetime) -> list[int]:
    """The lane of each segment: the first in which nobody else holds at that time."""
    free: list[datetime] = []
    lanes = []
    for segment in segments:
        lane = next((n for n, taken in enumerate(free) if taken <= segment.start), len(free))
        free[lane : lane + 1] = [segment.end or until]
        lanes.append(lane)
    return lanes


def _blocks(
    segments: Sequence[Segment],
    lanes: list[int],
    axis: Axis,
    until: datetime,
    laboratory_places: frozenset[str],
) -> tuple[Block, ...]:
    blocks, number = [], 0
    for segment, lane in zip(segments, lanes, strict=True):
        number += 0 if segment.gap else 1
        end = segment.end or until
        left, right = axis.at(segment.start), axis.at(end)
        span = typography.duration(end - segment.start)
        title = f"gap {span}" if segment.gap else f"{number} {segment.holder}"
        blocks.append(
            Block(
                x=percent(left),
                width=percent(max(right - left, 0.3)),
                middle=percent((left + right) / 2),
                y=LANE_TOP + LANE_STEP * lane,
                number=0 if segment.gap else number,
                title=title,
                place=segment.place,
                gap=segment.gap,
                in_laboratory=not laboratory_places or segment.place in laboratory_places,
                named=_named(title, right - left),
            )
        )
    return tuple(blocks)


def _excursions(
    segments: Sequence[Segment], lanes: list[int], axis: Axis, outside: Sequence[tuple[str, Outside]]
) -> Iterator[Excursion]:
    for container, piece in outside:
        lane = next(
            (
                lane
                for segment, lane in zip(segments, lanes, strict=True)
                if segment.container == container and (segment.end is None or piece.start < segment.end)
            ),
            0,
        )
        left, right = axis.at(piece.start), axis.at(piece.end)
        yield Excursion(
            percent(left), percent(max(right - left, 0.3)), LANE_TOP + LANE_STEP * lane + LANE_HEIGHT - FOOT
        )


def _named(title: str, width: float) -> str:
    for word, pixels in (("always", TABLET_PX), ("wide", DESK_PX)):
        if width / 100 * pixels - 12 >= _width_px(title):
            return word
    return "never"


def _hands(
    segments: Sequence[Segment], lanes: list[int], axis: Axis, unreleased: Callable[[datetime], bool]
) -> list[Point]:
    """A dot where one holder follows another without a gap: both signed there. Q: it was in quarantine."""
    found = []
    before: dict[str, Segment] = {}
    for after, lane in zip(segments, lanes, strict=True):
        last = before.get(after.container)
        if last and last.end is not None and not (last.gap or after.gap or last.kept or after.kept):
            found.append(
                Point(
                    axis.x(after.start),
                    LANE_TOP + LANE_STEP * lane + LANE_HEIGHT,
                    QUARANTINE if unreleased(after.start) else "",
                )
            )
        before[after.container] = after
    return found


def _place_marks(marks: Sequence[Mark], axis: Axis, top: int, taken: Sequence[float]) -> list[Point]:
    """Each label in the first row in which it touches no other. At `taken` a letter stands in the first one."""
    rows: list[float] = []
    placed = []
    letters = [(at, at + 100 * (_width_px(QUARANTINE) + 12) / TABLET_PX) for at in taken]
    for mark in sorted(marks, key=lambda mark: mark.at):
        at, width = axis.at(mark.at), 100 * (_width_px(mark.label) + 12) / TABLET_PX
        end = at + width > 100
        left, right = (at - width, at) if end else (at, at + width)
        first = int(any(start < right and left < end for start, end in letters))
        rows += [0.0] * (first - len(rows))
        row = next((n for n, used in enumerate(rows) if n >= first and used <= left), len(rows))
        rows[row : row + 1] = [right]
        placed.append(Point(percent(at), top + 18 * row, mark.label, end=end))
    return placed


def _temperatures(
    segments: Sequence[Segment], axis: Axis, top: int, limits: tuple[Decimal | None, Decimal | None]
) -> tuple[tuple[Line, ...], tuple[Point, ...], Band | None]:
    """Measured temperatures joined by lines, except across a gap, where nobody measured."""
    measured = [
        (segment.start, segment.temperature_c) for segment in segments if segment.temperature_c is not None
    ]
    if not measured:
        return (), (), None
    low, high = limits
    values = [value for _, value in measured] + [end for end in limits if end is not None]
    least, most = min(values) - 1, max(values) + 1

    def y(value: Decimal) -> int:
        return top + int((most - value) / (most - least) * TRACE_HEIGHT)

    readings = _labelled(
        [
            (
                axis.at(at),
                Point(
                    axis.x(at),
                    y(value),
                    f"{plain(value)} °C",
                    end=axis.at(at) > 90,
                    beyond=(low is not None and value < low) or (high is not None and value > high),
                ),
            )
            for at, value in measured
        ]
    )
    gaps = [segment.start for segment in segments if segment.gap]
    pairs = zip(measured, measured[1:], readings, readings[1:], strict=False)
    trace = tuple(
        Line(a.x, a.y, b.x, b.y)
        for (before, _), (after, _), a, b in pairs
        if not any(before <= gap < after for gap in gaps)
    )
    if low is None or high is None:
        return trace, readings, None
    label = f"limits {typography.with_unit(f'{plain(low)}–{plain(high)}', '°C')}"
    return trace, readings, Band(y(high), y(low) - y(high), label)


def _labelled(readings: Sequence[tuple[float, Point]]) -> tuple[Point, ...]:
    """Each reading with its label above or below it, where that touches no other; those beyond the limits first.

    What finds no room has none: the table beside the drawing has every value.
    """
    taken: list[tuple[float, float, int, int]] = []
    placed = {}
    for number, (at, point) in sorted(enumerate(readings), key=lambda item: not item[1][1].beyond):
        wide = 100 * (_width_px(point.label) + 14) / TABLET_PX
        left, right = (at - wide, at) if point.end else (at, at + wide)
        for lift in (ABOVE, BELOW):
            foot = point.y + lift
            if not any(
                left < end and start < right and foot - TALL < low and high < foot
                for start, end, high, low in taken
            ):
                taken.append((left, right, foot - TALL, foot))
                placed[number] = replace(point, lift=lift)
                break
        else:
            placed[number] = replace(point, label="")
    return tuple(placed[number] for number in range(len(readings)))


def _line(axis: Axis, at: datetime, word: str, zone: ZoneInfo) -> Point:
    return Point(axis.x(at), 0, f"{word} {_clock(at, zone)}", end=axis.at(at) > 82)


def _description(
    segments: Sequence[Segment], zone: ZoneInfo, outside: Sequence[tuple[str, Outside]] = ()
) -> str:
    holders = sum(not segment.gap for segment in segments)
    gaps = [segment for segment in segments if segment.gap]
    parts = [f"{_count(holders, 'holder')}, {_count(len(gaps), 'gap')}."]
    for gap in gaps:
        until = f"to {_clock(gap.end, zone)}" if gap.end else "and still open"
        parts.append(f"Gap from {_clock(gap.start, zone)} {until}.")
    for container, piece in outside:
        span = f"{_clock(piece.start, zone)} to {_clock(piece.end, zone)}"
        parts.append(f"{container} outside its temperature from {span}.")
    return " ".join([*parts, "The same facts are in the table."])


def _count(count: int, word: str) -> str:
    return f"{count or 'no'} {word}{'' if count == 1 else 's'}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _width_px(text: str) -> int:
    """About how wide the text is at 13 px."""
    return 7 * len(text)
