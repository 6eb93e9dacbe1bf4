"""Reading the temperature log of places: pages of it, its reviews, what is overdue, and which batches stood there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.custody.traces import PLACE
from labrecords.domain.record import Equipment
from labrecords.domain.registers.equipment import PLACES
from labrecords.domain.registers.place_log import (
    READING,
    REVIEW,
    Overdue,
    PlaceReading,
    PlaceReview,
    reading_due,
    review_due,
)
from labrecords.models.equipment import newest_pieces
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.overview import TraceRow
from labrecords.models.place_log import PlaceReadingRow, PlaceReviewRow
from labrecords.models.records import EquipmentRow


@dataclass(frozen=True)
class LogLine:
    """A reading as the log shows it."""

    reading: PlaceReading
    corrected: bool
    """Whether a later one stands instead of it."""
    reviewed: bool
    """Whether quality assurance has looked at it since it was recorded."""


@dataclass(frozen=True)
class LogPage:
    lines: tuple[LogLine, ...]
    next: str
    """Key of the next page, or empty."""


@dataclass(frozen=True)
class ReviewPage:
    reviews: tuple[PlaceReview, ...]
    next: str


def log_page(session: Session, code: str, before: str = "", size: int = PAGE) -> LogPage:
    """One page of the readings of a place, the newest first; those that were corrected too."""
    table = PlaceReadingRow.__table__
    query = _lines().where(table.c.place_code == code).limit(size + 1)
    if before:
        query = query.where(beyond(table.c.read_at, table.c.id, before))
    lines = [_line(row) for row in session.execute(query)]
    return LogPage(*cut(lines, size, lambda line: (line.reading.read_at, line.reading.id)))


def whole_log(session: Session, code: str) -> Iterator[LogLine]:
    """Every reading of a place, the newest first."""
    before = ""
    while True:
        page = log_page(session, code, before, 500)
        yield from page.lines
        if not (before := page.next):
            return


def reading_by_id(session: Session, reading_id: str) -> LogLine | None:
    """One reading, or None."""
    row = session.execute(_lines().where(PlaceReadingRow.__table__.c.id == reading_id)).first()
    return _line(row) if row else None


def readings_between(session: Session, code: str, start: datetime, end: datetime) -> tuple[PlaceReading, ...]:
    """The readings of a place from an instant to before another one, the oldest first, as they were corrected."""
    table = PlaceReadingRow.__table__
    query = select(*PlaceReadingRow.columns()).where(
        table.c.place_code == code, table.c.read_at >= start, table.c.read_at < end, ~_corrected()
    )
    return tuple(
        PlaceReadingRow.read(row) for row in session.execute(query.order_by(table.c.read_at, table.c.id))
    )


def unreviewed(session: Session, code: str) -> tuple[int, datetime | None]:
    """How many readings of a place nobody has reviewed, and when the oldest of them was taken."""
    table = PlaceReadingRow.__table__
    query = select(func.count(), func.min(table.c.read_at)).where(
        table.c.place_code == code, ~_corrected(), ~_reviewed()
    )
    count, oldest = session.execute(query).one()
    return count, oldest


def beside(session: Session, reading: PlaceReading) -> tuple[datetime | None, datetime | None]:
    """When the readings before and after one were taken, as they were corrected; None where there is none."""
    table = PlaceReadingRow.__table__
    others = (table.c.place_code == reading.place_code, table.c.id != reading.id, ~_corrected())
    before = select(func.max(table.c.read_at)).where(*others, table.c.read_at < reading.read_at)
    after = select(func.min(table.c.read_at)).where(*others, table.c.read_at > reading.read_at)
    return session.execute(before).scalar(), session.execute(after).scalar()


def review_page(session: Session, code: str, before: str = "", size: int = PAGE) -> ReviewPage:
    """One page of the reviews of a place, the newest first."""
    table = PlaceReviewRow.__table__
    query = select(*PlaceReviewRow.columns()).where(table.c.place_code == code)
    if before:
        query = query.where(beyond(table.c.reviewed_at, table.c.id, before))
    rows = session.execute(query.order_by(table.c.reviewed_at.desc(), table.c.id.desc()).limit(size + 1))
    found = [PlaceReviewRow.read(row) for row in rows]
    return ReviewPage(*cut(found, size, lambda review: (review.reviewed_at, review.id)))


def reviewed_until(session: Session, code: str) -> datetime | None:
    """The end of the latest period that was reviewed; None where none was."""
    table = PlaceReviewRow.__table__
    query = select(func.max(table.c.end_at)).where(table.c.place_code == code)
    return session.execute(query).scalar()


def overdue_logs(session: Session, now: datetime) -> tuple[Overdue, ...]:
    """Every reading and review that is overdue of a place in use, the longest overdue first: four statements."""
    table = EquipmentRow.__table__
    watched = or_(table.c.read_every_h.is_not(None), table.c.review_every_d.is_not(None))
    query = newest_pieces().where(table.c.in_service == 1, table.c.category.in_(PLACES), watched)
    places: list[Equipment] = [EquipmentRow.read(row) for row in session.execute(query)]
    if not places:
        return ()
    codes = [item.code for item in places]
    reading, review = PlaceReadingRow.__table__, PlaceReviewRow.__table__
    last = _by_place(session, reading, func.max(reading.c.read_at), codes, ~_corrected())
    unseen = _by_place(session, reading, func.min(reading.c.read_at), codes, ~_corrected(), ~_reviewed())
    until = _by_place(session, review, func.max(review.c.end_at), codes)
    found = [
        Overdue(item, what, due)
        for item in places
        for what, due in (
            (READING, reading_due(item, last.get(item.code))),
            (REVIEW, review_due(item, unseen.get(item.code), until.get(item.code))),
        )
        if due is not None and due < now
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.item.code, one.what)))


def place_versions(session: Session) -> tuple[Equipment, ...]:
    """Every version of every place, the oldest first."""
    table = EquipmentRow.__table__
    query = select(*EquipmentRow.columns()).where(table.c.category.in_(PLACES))
    rows = session.execute(query.order_by(table.c.registered_at, table.c.id))
    return tuple(EquipmentRow.read(row) for row in rows)


def batches_naming(
    session: Session, names: Collection[str], until: datetime | None, before: str, size: int
) -> tuple[tuple[str, ...], str]:
    """One page of ids of the batches that named one of these places by an instant, and the key of the next page.

    The newest first. Whether a container stood there, the record of the batch says.
    """
    table = TraceRow.__table__
    first = func.min(table.c.at).label("first")
    named = select(table.c.batch_id, first).where(table.c.subject == PLACE, table.c.key.in_(sorted(names)))
    if until is not None:
        named = named.where(table.c.at < until)
    found = named.group_by(table.c.batch_id).subquery()
    query = select(found.c.batch_id, found.c.first)
    if before:
        query = query.where(beyond(found.c.first, found.c.batch_id, before))
    rows = session.execute(
        query.order_by(found.c.first.desc(), found.c.batch_id.desc()).limit(size + 1)
    ).all()
    shown, following = cut(rows, size, lambda row: (row.first, row.batch_id))
    return tuple(row.batch_id for row in shown), following


def _lines() -> Select[Any]:
    table = PlaceReadingRow.__table__
    query = select(*PlaceReadingRow.columns(), _corrected(), _reviewed())
    return query.order_by(table.c.read_at.desc(), table.c.id.desc())


def _line(row: Any) -> LogLine:
    return LogLine(PlaceReadingRow.read(row[:-2]), bool(row[-2]), bool(row[-1]))


def _corrected() -> ColumnElement[bool]:
    table, later = PlaceReadingRow.__table__, PlaceReadingRow.__table__.alias("later")
    return select(later.c.id).where(later.c.replaces_id == table.c.id).exists()


def _reviewed() -> ColumnElement[bool]:
    """Whether a review that came after the reading was recorded takes it in."""
    table, review = PlaceReadingRow.__table__, PlaceReviewRow.__table__.alias("review")
    return (
        select(review.c.id)
        .where(
            review.c.place_code == table.c.place_code,
            review.c.start_at <= table.c.read_at,
            review.c.end_at > table.c.read_at,
            review.c.reviewed_at > table.c.recorded_at,
        )
        .exists()
    )


def _by_place(
    session: Session, table: Any, what: Any, codes: list[str], *where: ColumnElement[bool]
) -> dict[str, datetime]:
    query = select(table.c.place_code, what).where(table.c.place_code.in_(codes), *where)
    return {row[0]: row[1] for row in session.execute(query.group_by(table.c.place_code))}
