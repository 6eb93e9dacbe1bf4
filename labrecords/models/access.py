"""Rights with their dates, checks of identity, and reviews of who has access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, func, select
from sqlalchemy.orm import Session

from labrecords.domain.access_review import Account
from labrecords.models.base import Base, Day, Instant, PlainJson, value
from labrecords.models.people import (
    DeactivationRow,
    PersonRow,
    RoleGrantRow,
    RoleRevocationRow,
    RoleTermRow,
    WebSession,
)


class IdentityProofRow(Base):
    """That somebody's identity was checked, by whom, how and when; the newest counts."""

    __tablename__ = "identity_proof"
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"), index=True)
    checked_by = value(Text)
    how = value(Text)
    checked_on = value(Day())
    noted_by = value(String(32), ForeignKey("person.id"), nullable=True)
    noted_at = value(Instant())


class AccessReviewRow(Base):
    """A signed review of every account that may sign in, with what was signed of each."""

    __tablename__ = "access_review"
    trailed = True

    id = value(String(32), primary_key=True)
    accounts = value(Integer)
    idle = value(Integer)
    listed = value(PlainJson(tuple[tuple[str, str, str], ...]))
    comment = value(Text)
    person_id = value(String(32), ForeignKey("person.id"))
    signature_id = value(String(32), ForeignKey("signature.id"))
    reviewed_at = value(Instant())


@dataclass(frozen=True)
class Proofed:
    """A check of identity as a page shows it."""

    checked_by: str
    how: str
    checked_on: date
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True)
class Ending:
    """A right that ends by itself."""

    person_id: str
    name: str
    role: str
    ends_at: datetime


@dataclass(frozen=True)
class Reviewed:
    """A review of access that was signed."""

    by_name: str
    reviewed_at: datetime
    accounts: int
    idle: int
    comment: str


def proof_of(session: Session, person_id: str) -> Proofed | None:
    """How somebody's identity was checked last; None where nobody recorded it."""
    query = (
        select(IdentityProofRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == IdentityProofRow.noted_by)
        .where(IdentityProofRow.person_id == person_id)
        .order_by(IdentityProofRow.noted_at.desc(), IdentityProofRow.id)
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, name = found
    return Proofed(row.checked_by, row.how, row.checked_on, name or "", row.noted_at)


def rights_ending(session: Session, now: datetime, until: datetime) -> list[Ending]:
    """Roles of active people that end by themselves up to an instant, the first to end first."""
    query = (
        select(PersonRow.id, PersonRow.name, RoleGrantRow.role, RoleTermRow.ends_at)
        .join(RoleGrantRow, RoleGrantRow.person_id == PersonRow.id)
        .join(RoleTermRow, RoleTermRow.grant_id == RoleGrantRow.id)
        .outerjoin(RoleRevocationRow, RoleRevocationRow.grant_id == RoleGrantRow.id)
        .outerjoin(DeactivationRow, DeactivationRow.person_id == PersonRow.id)
        .where(
            RoleRevocationRow.id.is_(None),
            DeactivationRow.id.is_(None),
            RoleTermRow.ends_at > now,
            RoleTermRow.ends_at <= until,
        )
        .order_by(RoleTermRow.ends_at, PersonRow.name)
    )
    return [Ending(*row) for row in session.execute(query)]


def accounts_now(session: Session, now: datetime) -> tuple[Account, ...]:
    """Every account that may sign in, with the roles that count now or will, and when it last did; by name."""
    roles: dict[str, set[str]] = {}
    for person_id, role in session.execute(_roles_listed(now)):
        roles.setdefault(person_id, set()).add(role)
    last: dict[str, Any] = {
        row[0]: row[1]
        for row in session.execute(
            select(WebSession.person_id, func.max(WebSession.started_at)).group_by(WebSession.person_id)
        )
    }
    query = (
        select(PersonRow)
        .outerjoin(DeactivationRow, DeactivationRow.person_id == PersonRow.id)
        .where(DeactivationRow.id.is_(None))
        .order_by(PersonRow.name, PersonRow.id)
    )
    return tuple(
        Account(
            item.id,
            item.username,
            item.name,
            tuple(sorted(roles.get(item.id, ()))),
            item.added_at,
            last.get(item.id),
        )
        for item in session.execute(query).scalars()
    )


def _roles_listed(now: datetime) -> Any:
    return (
        select(RoleGrantRow.person_id, RoleGrantRow.role)
        .outerjoin(RoleRevocationRow, RoleRevocationRow.grant_id == RoleGrantRow.id)
        .outerjoin(RoleTermRow, RoleTermRow.grant_id == RoleGrantRow.id)
        .where(RoleRevocationRow.id.is_(None), RoleTermRow.ends_at.is_(None) | (RoleTermRow.ends_at > now))
    )


def reviews(session: Session, size: int = 20) -> list[Reviewed]:
    """The newest reviews of access, the last first."""
    query = (
        select(AccessReviewRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == AccessReviewRow.person_id)
        .order_by(AccessReviewRow.reviewed_at.desc())
        .limit(size)
    )
    return [
        Reviewed(name, row.reviewed_at, row.accounts, row.idle, row.comment)
        for row, name in session.execute(query)
    ]


def review_times(session: Session) -> tuple[datetime | None, datetime | None]:
    """When access was last reviewed, and when the first account was made."""
    last = session.execute(select(func.max(AccessReviewRow.reviewed_at))).scalar()
    return last, session.execute(select(func.min(PersonRow.added_at))).scalar()
