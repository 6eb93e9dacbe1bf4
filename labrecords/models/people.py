"""People, their credentials and rights. Rows are only added: a right that ends has a row that ends it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from labrecords.models.base import Base, Instant, commitment, untrailed, value


class PersonRow(Base):
    """One human. Usernames are never used again (21 CFR 11.100(a))."""

    __tablename__ = "person"
    trailed = True

    id = value(String(32), primary_key=True)
    username = value(Text, unique=True)
    name = value(Text)
    added_by = value(String(32), ForeignKey("person.id"), nullable=True)
    added_at = value(Instant())


class InvitationRow(Base):
    """A one-time link by which a person sets a password. Only a hash of its secret is kept."""

    __tablename__ = "invitation"
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"), index=True)
    secret_sha256 = value(String(64), unique=True)
    invited_by = value(String(32), ForeignKey("person.id"), nullable=True)
    invited_at = value(Instant())
    expires_at = value(Instant())


class CredentialRow(Base):
    """A password of a person; the newest counts. The trail commits to the hash without showing it."""

    __tablename__ = "credential"
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"), index=True)
    invitation_id = value(String(32), ForeignKey("invitation.id"), nullable=True, unique=True)
    password_hash = commitment(Text)
    salt = untrailed(String(32))
    set_at = value(Instant())


class RoleGrantRow(Base):
    __tablename__ = "role_grant"
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"), index=True)
    role = value(Text)
    granted_by = value(String(32), ForeignKey("person.id"), nullable=True)
    granted_at = value(Instant())


class RoleTermRow(Base):
    """From when and until when a grant counts, and why it was given. A grant without one counts until it is taken."""

    __tablename__ = "role_term"
    trailed = True

    id = value(String(32), primary_key=True)
    grant_id = value(String(32), ForeignKey("role_grant.id"), unique=True)
    begins_at = value(Instant(), nullable=True)
    ends_at = value(Instant(), nullable=True)
    reason = value(Text)


class RoleRevocationRow(Base):
    __tablename__ = "role_revocation"
    trailed = True

    id = value(String(32), primary_key=True)
    grant_id = value(String(32), ForeignKey("role_grant.id"), unique=True)
    reason = value(Text)
    revoked_by = value(String(32), ForeignKey("person.id"))
    revoked_at = value(Instant())


class DeactivationRow(Base):
    """A person who may no longer sign in; the account is never used again."""

    __tablename__ = "deactivation"
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"), unique=True)
    reason = value(Text)
    deactivated_by = value(String(32), ForeignKey("person.id"))
    deactivated_at = value(Instant())


class SameHumanRow(Base):
    """Two accounts that belong to one human: what one of them did, the other cannot verify (MHRA GxP DI 6.16)."""

    __tablename__ = "same_human"
    __table_args__ = (Index("uq_same_human", "person_id", "other_id", unique=True),)
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"))
    other_id = value(String(32), ForeignKey("person.id"))
    reason = value(Text)
    linked_by = value(String(32), ForeignKey("person.id"))
    linked_at = value(Instant())


class AgreementRow(Base):
    """The statement that electronic signatures bind, accepted by a person (21 CFR 11.10(j))."""

    __tablename__ = "agreement"
    __table_args__ = (Index("uq_agreement", "person_id", "version", unique=True),)
    trailed = True

    id = value(String(32), primary_key=True)
    person_id = value(String(32), ForeignKey("person.id"))
    version = value(Text)
    statement = value(Text)
    agreed_at = value(Instant())


class WebSession(Base):
    """A signed-in browser. Only a hash of its token is kept. No record."""

    __tablename__ = "web_session"
    also = ("UPDATE", "DELETE")

    token_sha256 = untrailed(String(64), primary_key=True)
    person_id = untrailed(String(32), ForeignKey("person.id"), index=True)
    started_at = untrailed(Instant())
    seen_at = untrailed(Instant())
    source = untrailed(Text)
    ended_at = untrailed(Instant(), nullable=True)
    locked_at = untrailed(Instant(), nullable=True)
    device = untrailed(Text, server_default=text("''"))
    """What the browser says it is, as it says it."""
    device_sha256 = untrailed(String(64), nullable=True, index=True)
    """Hash of the random mark that this browser keeps; with it a tablet is known again."""
    strange = untrailed(Integer, server_default=text("0"))
    """1 while the person was not told that this was a device they had not used before."""


class SignInFailure(Base):
    """Failed proofs of identity of late, for the throttle. No record; each is also an access event."""

    __tablename__ = "sign_in_failure"
    also = ("DELETE",)

    id = untrailed(Integer, primary_key=True)
    account = untrailed(Text, index=True)
    source = untrailed(Text, index=True)
    asked_for = untrailed(Text, server_default=text("'sign-in'"))
    at = untrailed(Instant())


class IdempotencyKey(Base):
    """The result of a form that was submitted, so that a repeat gets the same answer. No record."""

    __tablename__ = "idempotency_key"

    key = untrailed(String(64), primary_key=True)
    person_id = untrailed(String(32), primary_key=True)
    act = untrailed(Text)
    result = untrailed(Text, server_default=text("'null'"))
    at = untrailed(Instant())


def roles_held() -> Select[Any]:
    """Everybody's roles that were given and not taken away, whatever their dates: columns person_id and role."""
    grant, ended = RoleGrantRow.__table__, RoleRevocationRow.__table__
    return (
        select(grant.c.person_id, grant.c.role)
        .outerjoin(ended, ended.c.grant_id == grant.c.id)
        .where(ended.c.id.is_(None))
    )


def roles_counting() -> Select[Any]:
    """Everybody's roles that count at the instant given as `now`: columns person_id and role."""
    grant, term = RoleGrantRow.__table__, RoleTermRow.__table__
    query = roles_held().outerjoin(term, term.c.grant_id == grant.c.id)
    return query.where(in_term(bindparam("now", type_=term.c.begins_at.type)))


def in_term(instant: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a grant, joined with its term, counts at an instant: from its begin on, and before its end."""
    term = RoleTermRow.__table__
    return and_(
        or_(term.c.begins_at.is_(None), term.c.begins_at <= instant),
        or_(term.c.ends_at.is_(None), term.c.ends_at > instant),
    )


def other_accounts(session: Session) -> dict[str, tuple[str, ...]]:
    """For each account that shares its human with others: their ids, also over several links."""
    groups: dict[str, frozenset[str]] = {}
    for row in session.connection().execute(_links()):
        together = frozenset({row.person_id, row.other_id})
        for one in (row.person_id, row.other_id):
            together |= groups.get(one, frozenset())
        groups |= dict.fromkeys(together, together)
    return {one: tuple(sorted(together - {one})) for one, together in groups.items()}


def accounts_of(session: Session, person_id: str) -> frozenset[str]:
    """Ids of all accounts of the human who has this one."""
    return frozenset({person_id, *other_accounts(session).get(person_id, ())})


def left_before(session: Session, instant: datetime) -> frozenset[str]:
    """Ids of the people whose account had ended before an instant."""
    return frozenset(session.connection().execute(_ended_before(), {"instant": instant}).scalars())


@cache
def _ended_before() -> Select[Any]:
    table = DeactivationRow.__table__
    return select(table.c.person_id).where(
        table.c.deactivated_at < bindparam("instant", type_=table.c.deactivated_at.type)
    )


@cache
def _links() -> Select[Any]:
    return select(SameHumanRow.__table__.c.person_id, SameHumanRow.__table__.c.other_id)


def person_called(session: Session, username: str) -> str | None:
    """Id of the person with this username, however it is capitalised; None where there is none."""
    table = PersonRow.__table__
    found = session.execute(select(table.c.id).where(table.c.username == username.lower())).scalar()
    return None if found is None else str(found)


def everybody(session: Session) -> list[Any]:
    """Id, name and username of every account there ever was, by name."""
    table = PersonRow.__table__
    query = select(table.c.id, table.c.name, table.c.username).order_by(table.c.name, table.c.username)
    return list(session.execute(query))
