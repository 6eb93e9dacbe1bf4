"""Alerts of possible misuse: that somebody failed too often to show who they are, and who looked into it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Session

from labrecords.models.base import Base, Instant, value
from labrecords.models.people import PersonRow


class MisuseRow(Base):
    """Too many failures within the hour: for one account, or from one place."""

    __tablename__ = "misuse"
    trailed = True

    id = value(String(32), primary_key=True)
    about = value(Text)
    """The username, or empty where one place tried many names."""
    asked_for = value(Text)
    """"sign-in" or "signature": the two are counted apart."""
    source = value(Text)
    """Where the last failure came from."""
    failures = value(Integer)
    noticed_at = value(Instant())


class MisuseSeenRow(Base):
    """Somebody looked into an alert, with what they found."""

    __tablename__ = "misuse_seen"
    trailed = True

    id = value(String(32), primary_key=True)
    misuse_id = value(String(32), ForeignKey("misuse.id"), unique=True)
    comment = value(Text)
    seen_by = value(String(32), ForeignKey("person.id"))
    seen_at = value(Instant())


def open_alerts(session: Session) -> list[MisuseRow]:
    """Alerts that nobody looked into yet, the oldest first."""
    query = (
        select(MisuseRow)
        .outerjoin(MisuseSeenRow, MisuseSeenRow.misuse_id == MisuseRow.id)
        .where(MisuseSeenRow.id.is_(None))
        .order_by(MisuseRow.noticed_at)
    )
    return list(session.execute(query.limit(50)).scalars())


def alerts_seen(session: Session) -> list[tuple[MisuseRow, MisuseSeenRow, str]]:
    """The last alerts that somebody looked into, with that and the person's name, the newest first."""
    query = (
        select(MisuseRow, MisuseSeenRow, PersonRow.name)
        .join(MisuseSeenRow, MisuseSeenRow.misuse_id == MisuseRow.id)
        .join(PersonRow, PersonRow.id == MisuseSeenRow.seen_by)
        .order_by(MisuseSeenRow.seen_at.desc())
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query.limit(50))]
