"""The stored trail: events, chain heads, checkpoints."""

from __future__ import annotations

from sqlalchemy import Index, Integer, LargeBinary, String, Text, text

from labrecords.models.base import Base, Instant, untrailed


class TrailEvent(Base):
    """One event: the canonical bytes that were hashed, and what is needed to find it. Guarded like a record.

    What stands beside the bytes only finds the event; verification compares it with them.
    """

    __tablename__ = "trail_event"
    __table_args__ = (
        Index("ix_trail_event_subject", "chain", "subject", "seq"),
        Index("ix_trail_event_at", "at", "chain", "seq"),
        Index("ix_trail_event_chain", "chain", "at", "seq"),
        Index("ix_trail_event_actor", "actor", "at", "chain", "seq"),
        Index("ix_trail_event_act", "act", "at", "chain", "seq"),
        Index(
            "ix_trail_event_reason",
            "at",
            "chain",
            "seq",
            sqlite_where=text("reason <> ''"),
        ),
    )

    chain = untrailed(String(64), primary_key=True)
    seq = untrailed(Integer, primary_key=True, autoincrement=False)
    subject = untrailed(Text)
    payload = untrailed(LargeBinary)
    digest = untrailed(String(64))
    at = untrailed(Text, server_default="")
    actor = untrailed(Text, server_default="")
    """Id of the person; empty for the system, and for somebody who was not signed in."""
    act = untrailed(Text, server_default="")
    reason = untrailed(Text, server_default="")
    """Empty where none was given."""


class TrailHead(Base):
    """The last event of each chain; locked while an event is added. Compared with the events at verification."""

    __tablename__ = "trail_head"
    also = ("UPDATE",)

    chain = untrailed(String(64), primary_key=True)
    seq = untrailed(Integer)
    digest = untrailed(String(64))
    at = untrailed(Text)


class CheckpointRow(Base):
    """A signed Merkle root over all chain heads. Guarded like a record; also appended to a file outside."""

    __tablename__ = "checkpoint"

    number = untrailed(Integer, primary_key=True, autoincrement=False)
    made_at = untrailed(Instant())
    statement = untrailed(LargeBinary)
    signature = untrailed(LargeBinary)
    certificate_sha256 = untrailed(String(64))


class CheckpointHead(Base):
    """A chain head that changed since the checkpoint before: together they give all leaves of any checkpoint."""

    __tablename__ = "checkpoint_head"

    number = untrailed(Integer, primary_key=True, autoincrement=False)
    chain = untrailed(String(64), primary_key=True)
    seq = untrailed(Integer)
    digest = untrailed(String(64))
