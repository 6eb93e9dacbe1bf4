"""The tables of the temperature log of places: readings, and reviews of them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from labrecords.domain.registers.place_log import PlaceReading, PlaceReview
from labrecords.models.base import RecordRow, value


class PlaceReadingRow(RecordRow, record=PlaceReading):
    __tablename__ = "place_reading"
    __table_args__ = (
        UniqueConstraint("replaces_id"),
        Index("ix_place_reading_place", "place_code", "read_at", "id"),
    )

    replaces_id = value(String(32), ForeignKey("place_reading.id"), nullable=True)


class PlaceReviewRow(RecordRow, record=PlaceReview):
    __tablename__ = "place_review"
    __table_args__ = (Index("ix_place_review_place", "place_code", "reviewed_at", "id"),)


PLACE_LOG_ROWS: tuple[type[RecordRow], ...] = (PlaceReadingRow, PlaceReviewRow)
