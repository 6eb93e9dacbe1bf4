"""What lists need of each batch: a projection, written with the record, rebuilt and compared at verification.

No rule ever reads it.
"""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, Text

from labrecords.models.base import Base, Day, DecimalText, Instant, untrailed


class BatchOverview(Base):
    __tablename__ = "batch_overview"
    also = ("DELETE",)
    __table_args__ = (
        Index("ix_overview_opened", "opened_at", "batch_id"),
        Index("ix_overview_status", "status", "opened_at", "batch_id"),
        Index("ix_overview_product", "product", "opened_at", "batch_id"),
    )

    batch_id = untrailed(String(32), primary_key=True)
    number = untrailed(Text, unique=True)
    patient_code = untrailed(Text, index=True)
    identity_code = untrailed(Text, index=True)
    product = untrailed(Text)
    status = untrailed(Text)
    next_step = untrailed(Text)
    """Key of the next step, or empty."""
    next_title = untrailed(Text)
    harvested_at = untrailed(Instant(), nullable=True)
    use_before = untrailed(Instant(), nullable=True)
    opened_at = untrailed(Instant())
    exceptions = untrailed(Integer)
    blocking = untrailed(Integer)
    late_tests = untrailed(Text)
    """Where the late tests stand: "failed", "pending", "to sign", or empty."""
    tests_due = untrailed(Instant(), nullable=True)
    """By when the next result of a test is expected."""
    outstanding = untrailed(Text)
    """Ids of the people whose own confirmation is awaited, between spaces; "verified" where anybody may verify."""


class LotUseRow(Base):
    """How much of a lot one entry used: for the page of a lot, and to find every batch that it went into."""

    __tablename__ = "lot_use"
    also = ("DELETE",)
    __table_args__ = (Index("ix_lot_use_lot", "lot_key", "performed_at", "entry_id"),)

    entry_id = untrailed(String(32), primary_key=True)
    lot_key = untrailed(Text, primary_key=True)
    batch_id = untrailed(String(32), index=True)
    step_key = untrailed(Text)
    material = untrailed(Text)
    volume_ml = untrailed(DecimalText(), nullable=True)
    """None where the entry does not say how much."""
    pieces = untrailed(Integer)
    performed_at = untrailed(Instant())


class TraceRow(Base):
    """What a batch is connected with: from a lot, a piece of equipment, a person, place or day to every batch."""

    __tablename__ = "batch_trace"
    also = ("DELETE",)
    __table_args__ = (Index("ix_batch_trace_key", "subject", "key", "at", "batch_id"),)

    batch_id = untrailed(String(32), primary_key=True)
    subject = untrailed(String(20), primary_key=True)
    key = untrailed(Text, primary_key=True)
    words = untrailed(Text)
    at = untrailed(Instant())


class BatchCodeRow(Base):
    """The codes that a batch carries, as they are compared: from whatever was scanned to the batch, by an index."""

    __tablename__ = "batch_code"
    also = ("DELETE",)
    __table_args__ = (Index("ix_batch_code_code", "code", "kind", "batch_id"),)

    batch_id = untrailed(String(32), primary_key=True)
    kind = untrailed(String(20), primary_key=True)
    code = untrailed(Text, primary_key=True)


class VisitDueRow(Base):
    """A follow-up visit that a batch still waits for: from which day it is due, and after which it is overdue."""

    __tablename__ = "visit_due"
    also = ("DELETE",)
    __table_args__ = (Index("ix_visit_due_last", "last_on", "batch_id", "visit"),)

    batch_id = untrailed(String(32), primary_key=True)
    visit = untrailed(Text, primary_key=True)
    due_on = untrailed(Day())
    first_on = untrailed(Day())
    last_on = untrailed(Day())
