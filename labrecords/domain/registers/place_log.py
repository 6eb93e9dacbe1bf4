"""The temperature log of a place: readings as people take them, and the periodic review by quality assurance.

A reading is judged by the temperatures that the register said of the place when it was taken (21 CFR 1271.260(e),
211.142(b)). Both only ever get more: a wrong reading is followed by one that corrects it, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.custody.excursions import Range, range_or_none
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.reasons import reason_problem
from labrecords.domain.registers.places import place_key
from labrecords.domain.review.release import Blocker
from labrecords.domain.steps.storage import Storage

if TYPE_CHECKING:
    from labrecords.domain.custody.holders import Segment
    from labrecords.domain.record import BatchRecord, Equipment

COLDEST, HOTTEST = Decimal(-200), Decimal(200)
"""°C that a thermometer of a store can show; liquid nitrogen boils at -196."""
READING, REVIEW = "reading", "review of its temperature log"
MOST_DAYS = timedelta(days=366)
"""A review is over a year at most: who signs has looked at every reading."""


def days_problem(since: date, until: date, today: date) -> str:
    """Why a log cannot be reviewed over these days, as a sentence; empty where it can."""
    if since > until:
        return "The last day comes before the first."
    if until > today:
        return "The last day has not come yet."
    return "Choose at most a year at once." if until - since > MOST_DAYS else ""


@dataclass(frozen=True)
class PlaceReading:
    """What the thermometer of a place showed, in °C, and by which range it was judged."""

    id: str
    place_code: str
    read_at: datetime
    now_c: Decimal
    min_c: Decimal | None
    max_c: Decimal | None
    """The lowest and the highest since the reading before; None where the thermometer does not keep them."""
    low_c: Decimal | None
    high_c: Decimal | None
    """What the place was registered to keep then; both None where nobody stated it: the reading is not judged."""
    note: str
    done: str
    """Of a reading outside the range: why, and what was done."""
    replaces_id: str | None
    """The reading that this one corrects."""
    reason: str
    """Why it was corrected."""
    person_id: str
    by_name: str
    """Printed name of who took it."""
    recorded_at: datetime

    @property
    def allowed(self) -> Range | None:
        """The range that it is judged by; None where there was none."""
        return range_or_none(self.low_c, self.high_c)

    @property
    def outside(self) -> bool:
        """Whether anything that it states is outside the range."""
        return is_outside(self.allowed, self.now_c, self.min_c, self.max_c)

    @property
    def still_outside(self) -> bool:
        """Whether it was outside when it was read, and not only before."""
        return is_outside(self.allowed, self.now_c)


@dataclass(frozen=True)
class PlaceReview:
    """That quality assurance looked at the readings of a place from an instant to before another one."""

    id: str
    place_code: str
    start_at: datetime
    end_at: datetime
    readings: int
    """How many readings it is about, those that were corrected left out."""
    outside: int
    """How many of them are outside the range."""
    comment: str
    person_id: str
    by_name: str
    signature_id: str
    reviewed_at: datetime


@dataclass(frozen=True)
class Overdue:
    """What should have been done to the log of a place, and by when."""

    item: Equipment
    what: str
    """READING or REVIEW."""
    due_at: datetime


def is_outside(allowed: Range | None, *celsius: Decimal | None) -> bool:
    """Whether one of these temperatures is outside. What was not stated, or cannot be judged, is not."""
    return allowed is not None and any(value is not None and not allowed.holds(value) for value in celsius)


def reading_problems(now_c: Decimal, min_c: Decimal | None, max_c: Decimal | None) -> dict[str, str]:
    """What no thermometer can have shown, by the name of the entry."""
    found = {
        name: f"Enter °C from {COLDEST} to {HOTTEST}."
        for name, value in (("now_c", now_c), ("min_c", min_c), ("max_c", max_c))
        if value is not None and not COLDEST <= value <= HOTTEST
    }
    if min_c is not None and min_c > now_c:
        found.setdefault("min_c", "The lowest since the last reading cannot be above the temperature now.")
    if max_c is not None and max_c < now_c:
        found.setdefault("max_c", "The highest since the last reading cannot be below the temperature now.")
    return found


def done_problem(allowed: Range | None, celsius: Collection[Decimal | None], done: str) -> str | None:
    """Why it has to be said what was done, or None: a reading outside the range says why, and what was done."""
    if not is_outside(allowed, *celsius):
        return None
    wrong = reason_problem(done)
    return wrong and f"This is outside the range of the place. {wrong}"


def shown_as(readings: Collection[PlaceReading]) -> str:
    """Which readings a reviewer has before them, in one word: another one as soon as one is added or corrected."""
    return sha256_hex("\n".join(reading.id for reading in readings).encode())


def review_blockers(readings: Collection[PlaceReading], mine: Collection[str]) -> tuple[Blocker, ...]:
    """Why the holder of these accounts cannot review these readings: nobody reviews what they read themselves."""
    if any(reading.person_id in mine for reading in readings):
        return (
            Blocker(
                "took part",
                "You took a reading in this period yourself.",
                "Somebody else of quality assurance reviews it.",
            ),
        )
    return ()


def reading_due(item: Equipment, last: datetime | None) -> datetime | None:
    """By when the next reading is due; None where no interval is registered.

    It counts from the last reading; where there is none, from when the interval was registered.
    """
    if item.read_every_h is None:
        return None
    return (last or item.registered_at) + timedelta(hours=item.read_every_h)


def review_due(item: Equipment, unseen: datetime | None, until: datetime | None) -> datetime | None:
    """By when the log is to be reviewed; None where no interval is registered.

    It counts from the end of what was reviewed, where nothing was from the registration; and no later than from
    `unseen`, the oldest reading that nobody reviewed.
    """
    if item.review_every_d is None:
        return None
    begins = until or item.registered_at
    return min(begins, unseen or begins) + timedelta(days=item.review_every_d)


def stood_in(
    record: BatchRecord, names: Collection[str], start: datetime | None, end: datetime | None
) -> Iterator[Segment]:
    """The stretches in which a container of the batch was in one of these places between two instants.

    `names` are codes and names as `place_key` compares them; an instant that is None bounds nothing. Whoever took a
    container out holds it beside the place, and no longer in it.
    """
    for segment in segments(record):
        if not segment.kept and isinstance(record.current(segment.begun_by), Storage):
            continue
        before = end is not None and segment.start >= end
        after = start is not None and segment.end is not None and segment.end <= start
        if not segment.gap and place_key(segment.place) in names and not before and not after:
            yield segment
