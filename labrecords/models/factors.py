"""Second factors: what a person has besides the password, what each role asks, and steps of signing in under way.

What a factor proves with lies in tables that are no record: seeds sealed by a key outside the database, counters that
move, hashes of recovery codes. That a factor was added or ended, and what a role asks, stands in the trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text, func, select
from sqlalchemy.orm import Session

from labrecords.domain.factors import CODES, PASSKEY, RECOVERY, Rule
from labrecords.models.base import Base, Instant, untrailed, value
from labrecords.models.people import DeactivationRow, PersonRow, roles_held


class FactorRow(Base):
    """One thing by which a person shows who they are besides the password. Of a passkey the public part stands here."""

    __tablename__ = "factor"
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"), index=True)
    kind = value(Text)
    label = value(Text)
    passkey_id = value(Text, nullable=True, unique=True)
    public_key = value(Text, nullable=True)
    added_at = value(Instant())


class FactorEndRow(Base):
    """A factor that counts no longer, and who ended it; nobody where it was done from the command line."""

    __tablename__ = "factor_end"
    trailed = True

    id = value(String(32), primary_key=True)
    factor_id = value(String(32), ForeignKey("factor.id"), unique=True)
    reason = value(Text)
    ended_by = value(String(32), ForeignKey("person.id"), nullable=True)
    ended_at = value(Instant())


class FactorRuleRow(Base):
    """What a role asks at sign-in from an instant on; of a role the newest row counts."""

    __tablename__ = "factor_rule"
    trailed = True

    id = value(String(32), primary_key=True)
    role = value(Text)
    rule = value(Text)
    begins_at = value(Instant())
    reason = value(Text)
    set_by = value(String(32), ForeignKey("person.id"), nullable=True)
    set_at = value(Instant())


class FactorState(Base):
    """What moves or is secret in a factor. No record: each use is an access event."""

    __tablename__ = "factor_state"
    also = ("UPDATE", "DELETE")

    factor_id = untrailed(String(32), ForeignKey("factor.id"), primary_key=True)
    key_id = untrailed(Text, nullable=True)
    sealed_seed = untrailed(LargeBinary, nullable=True)
    counter = untrailed(Integer)
    """The last step whose code was used, or the number of signatures that a passkey last told."""
    used_at = untrailed(Instant(), nullable=True)


class RecoveryCode(Base):
    """One recovery code, as a hash. No record: its use is an access event."""

    __tablename__ = "recovery_code"
    also = ("UPDATE", "DELETE")

    code_sha256 = untrailed(String(64), primary_key=True)
    factor_id = untrailed(String(32), ForeignKey("factor.id"), index=True)
    used_at = untrailed(Instant(), nullable=True)


class Ceremony(Base):
    """Something begun that one more step finishes: a sign-in, or a factor to be added. Short-lived, and no record."""

    __tablename__ = "ceremony"
    also = ("UPDATE", "DELETE")

    token_sha256 = untrailed(String(64), primary_key=True)
    purpose = untrailed(Text)
    person_id = untrailed(String(32), ForeignKey("person.id"), nullable=True)
    credential_id = untrailed(Text)
    challenge = untrailed(LargeBinary)
    key_id = untrailed(Text, nullable=True)
    sealed_seed = untrailed(LargeBinary, nullable=True)
    source = untrailed(Text)
    ends_at = untrailed(Instant())


@dataclass(frozen=True)
class Factor:
    """A factor that counts, as its person and the administrator see it."""

    id: str
    kind: str
    label: str
    added_at: datetime
    used_at: datetime | None
    codes_left: int
    """Recovery codes not used yet; 0 for other kinds."""


@dataclass(frozen=True)
class RuleSet:
    """What a role asks, from when, and who said so."""

    role: str
    rule: Rule
    begins_at: datetime
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Without:
    """Somebody of a role who has no factor that would do."""

    person_id: str
    name: str
    username: str


def factors_of(session: Session, person_id: str) -> tuple[Factor, ...]:
    """The factors of a person that count, the oldest first."""
    left = (
        select(RecoveryCode.factor_id, func.count().label("left"))
        .where(RecoveryCode.used_at.is_(None))
        .group_by(RecoveryCode.factor_id)
        .subquery()
    )
    query = (
        select(FactorRow, FactorState.used_at, left.c.left)
        .outerjoin(FactorEndRow, FactorEndRow.factor_id == FactorRow.id)
        .outerjoin(FactorState, FactorState.factor_id == FactorRow.id)
        .outerjoin(left, left.c.factor_id == FactorRow.id)
        .where(FactorRow.person_id == person_id, FactorEndRow.id.is_(None))
        .order_by(FactorRow.added_at, FactorRow.id)
    )
    return tuple(
        Factor(row.id, row.kind, row.label, row.added_at, used_at, left or 0)
        for row, used_at, left in session.execute(query)
    )


def kinds_of(session: Session, person_id: str) -> frozenset[str]:
    """The kinds of factor by which a person can finish a sign-in now."""
    return frozenset(
        item.kind for item in factors_of(session, person_id) if item.kind != RECOVERY or item.codes_left
    )


def rules_now(session: Session) -> dict[str, RuleSet]:
    """For each role that ever asked something: what it asks now or from its day on."""
    query = (
        select(FactorRuleRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == FactorRuleRow.set_by)
        .order_by(FactorRuleRow.set_at, FactorRuleRow.id)
    )
    return {
        row.role: RuleSet(row.role, Rule(row.rule), row.begins_at, row.reason, name or "", row.set_at)
        for row, name in session.execute(query)
    }


def people_without(session: Session, role: str, rule: Rule) -> list[Without]:
    """Who holds a role and has no factor that its rule accepts, by name."""
    held = roles_held().subquery()
    live: Any = (
        select(FactorRow.person_id)
        .outerjoin(FactorEndRow, FactorEndRow.factor_id == FactorRow.id)
        .where(
            FactorEndRow.id.is_(None),
            FactorRow.kind.in_([PASSKEY] if rule is Rule.PASSKEY else [PASSKEY, CODES]),
        )
    )
    query = (
        select(PersonRow.id, PersonRow.name, PersonRow.username)
        .join(held, held.c.person_id == PersonRow.id)
        .outerjoin(DeactivationRow, DeactivationRow.person_id == PersonRow.id)
        .where(held.c.role == role, DeactivationRow.id.is_(None), PersonRow.id.not_in(live))
        .order_by(PersonRow.name)
    )
    return [Without(*row) for row in session.execute(query)]
