"""Reading people as the administrator and they themselves see them: roles with dates, links, sessions. Never a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from labrecords.models.people import (
    AgreementRow,
    CredentialRow,
    DeactivationRow,
    InvitationRow,
    PersonRow,
    RoleGrantRow,
    RoleRevocationRow,
    RoleTermRow,
    SameHumanRow,
    WebSession,
)

PAGE = 100


@dataclass(frozen=True)
class RoleHeld:
    """One role of a person, from when until when. `given_by` is empty where the set-up gave it."""

    role: str
    given_at: datetime
    given_by: str
    begins_at: datetime | None
    """From when it counts, where that is not from its giving on."""
    ends_at: datetime | None
    """When it ends by itself, if it does."""
    why: str
    """Why it was given."""
    ended_at: datetime | None
    ended_by: str
    reason: str


@dataclass(frozen=True)
class Member:
    """One line of the list of people."""

    id: str
    username: str
    name: str
    roles: tuple[str, ...]
    added_at: datetime
    password_set_at: datetime | None
    link_until: datetime | None
    """Until when the newest one-time link can be used; None when there is none that waits."""
    deactivated_at: datetime | None


@dataclass(frozen=True)
class Link:
    """Another account of the same human, and who said so."""

    username: str
    name: str
    linked_by: str
    linked_at: datetime
    reason: str


@dataclass(frozen=True)
class Profile:
    """Everything about one person's account."""

    member: Member
    added_by: str
    held: tuple[RoleHeld, ...]
    password_by_link_of: str
    """Who made the link by which the present password was set; empty when the person changed it, or the set-up did."""
    agreed_at: datetime | None
    deactivated_by: str
    deactivation_reason: str
    same_human: tuple[Link, ...]


@dataclass(frozen=True)
class OpenSession:
    """A browser in which a person is signed in."""

    token_sha256: str
    started_at: datetime
    seen_at: datetime
    source: str
    device: str
    locked_at: datetime | None
    person_id: str = ""
    name: str = ""


def members(session: Session, after: str = "", size: int = PAGE) -> tuple[tuple[Member, ...], str]:
    """One page of people by name, and the key of the next page or an empty text.

    The key is the id of the last person of the page before.
    """
    query = select(PersonRow).order_by(PersonRow.name, PersonRow.id).limit(size + 1)
    last = session.get(PersonRow, after) if after else None
    if last is not None:
        query = query.where(
            or_(PersonRow.name > last.name, and_(PersonRow.name == last.name, PersonRow.id > last.id))
        )
    rows = list(session.execute(query).scalars())
    return as_members(session, rows[:size]), rows[size - 1].id if len(rows) > size else ""


def profile(session: Session, person_id: str, agreement_version: str) -> Profile | None:
    """One person's account, or None when there is no such person."""
    person = session.get(PersonRow, person_id)
    if person is None:
        return None
    names = _names(session)
    gone = session.execute(select(DeactivationRow).where(DeactivationRow.person_id == person_id)).scalar()
    agreed = select(AgreementRow.agreed_at).where(
        AgreementRow.person_id == person_id, AgreementRow.version == agreement_version
    )
    return Profile(
        member=as_members(session, [person])[0],
        added_by=names.get(person.added_by, ""),
        held=_held(session, person_id),
        password_by_link_of=names.get(_link_maker(session, person_id), ""),
        agreed_at=session.execute(agreed).scalar(),
        deactivated_by=names.get(gone.deactivated_by, "") if gone else "",
        deactivation_reason=gone.reason if gone else "",
        same_human=_links(session, person_id, names),
    )


def _links(session: Session, person_id: str, names: dict[str, str]) -> tuple[Link, ...]:
    """The links of an account, whichever of the two it was made from."""
    query = (
        select(SameHumanRow, PersonRow.username, PersonRow.name)
        .join(
            PersonRow,
            or_(
                and_(SameHumanRow.person_id == person_id, PersonRow.id == SameHumanRow.other_id),
                and_(SameHumanRow.other_id == person_id, PersonRow.id == SameHumanRow.person_id),
            ),
        )
        .order_by(SameHumanRow.linked_at)
    )
    return tuple(
        Link(username, name, names.get(link.linked_by, ""), link.linked_at, link.reason)
        for link, username, name in session.execute(query)
    )


_SHOWN = tuple(
    WebSession.__table__.c[name]
    for name in ("token_sha256", "started_at", "seen_at", "source", "device", "locked_at", "person_id")
)


def open_sessions(
    session: Session, person_id: str, now: datetime, idle: timedelta, age: timedelta
) -> list[OpenSession]:
    """The sessions in which a person is signed in now, the newest first."""
    table = WebSession.__table__
    query = (
        select(*_SHOWN)
        .where(
            table.c.person_id == person_id,
            table.c.ended_at.is_(None),
            table.c.seen_at >= now - idle,
            table.c.started_at >= now - age,
        )
        .order_by(table.c.started_at.desc())
    )
    return [OpenSession(**row._mapping) for row in session.execute(query)]


def sessions_of_all(
    session: Session, now: datetime, age: timedelta, person_id: str = ""
) -> list[OpenSession]:
    """The sessions that can still be used, also after unlocking: of everybody or of one, the last used first."""
    table = WebSession.__table__
    query = (
        select(*_SHOWN, PersonRow.name)
        .join(PersonRow, PersonRow.id == table.c.person_id)
        .where(table.c.ended_at.is_(None), table.c.started_at >= now - age)
        .order_by(table.c.seen_at.desc(), table.c.token_sha256)
        .limit(PAGE * 2)
    )
    if person_id:
        query = query.where(table.c.person_id == person_id)
    return [OpenSession(**row._mapping) for row in session.execute(query)]


def strange_sign_ins(
    session: Session, person_id: str, device_sha256: str | None, since: datetime
) -> list[OpenSession]:
    """Sign-ins of a person on devices new to them, that they were not told of; none on the device in hand."""
    table = WebSession.__table__
    query = (
        select(*_SHOWN)
        .where(table.c.person_id == person_id, table.c.strange == 1, table.c.started_at >= since)
        .order_by(table.c.started_at.desc())
    )
    if device_sha256:
        query = query.where(table.c.device_sha256 != device_sha256)
    return [OpenSession(**row._mapping) for row in session.execute(query.limit(5))]


def as_members(session: Session, people: list[PersonRow]) -> tuple[Member, ...]:
    """These people as lines of a list, in the order given."""
    ids = [person.id for person in people]
    set_at = _newest(session, CredentialRow.person_id, CredentialRow.set_at, ids)
    gone = _newest(session, DeactivationRow.person_id, DeactivationRow.deactivated_at, ids)
    links, roles = _waiting_links(session, ids), _roles(session, ids)
    return tuple(
        Member(
            id=person.id,
            username=person.username,
            name=person.name,
            roles=tuple(sorted(roles.get(person.id, ()))),
            added_at=person.added_at,
            password_set_at=set_at.get(person.id),
            link_until=links.get(person.id),
            deactivated_at=gone.get(person.id),
        )
        for person in people
    )


def _newest(session: Session, key: Any, value: Any, ids: list[str]) -> dict[str, datetime]:
    query = select(key, func.max(value)).where(key.in_(ids)).group_by(key)
    return {row[0]: row[1] for row in session.execute(query)}


def _waiting_links(session: Session, ids: list[str]) -> dict[str, datetime]:
    """For each person whose newest link was not used: until when it can be."""
    query = (
        select(InvitationRow.person_id, InvitationRow.expires_at, CredentialRow.id)
        .outerjoin(CredentialRow, CredentialRow.invitation_id == InvitationRow.id)
        .where(InvitationRow.person_id.in_(ids))
        .order_by(InvitationRow.invited_at)
    )
    newest = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    return {person_id: until for person_id, (until, used) in newest.items() if used is None}


def _roles(session: Session, ids: list[str]) -> dict[str, set[str]]:
    query = (
        select(RoleGrantRow.person_id, RoleGrantRow.role)
        .outerjoin(RoleRevocationRow, RoleRevocationRow.grant_id == RoleGrantRow.id)
        .where(RoleGrantRow.person_id.in_(ids), RoleRevocationRow.id.is_(None))
    )
    found: dict[str, set[str]] = {}
    for person_id, role in session.execute(query):
        found.setdefault(person_id, set()).add(role)
    return found


def _held(session: Session, person_id: str) -> tuple[RoleHeld, ...]:
    giver, ender = aliased(PersonRow), aliased(PersonRow)
    query = (
        select(RoleGrantRow, RoleRevocationRow, giver.name, ender.name, RoleTermRow)
        .outerjoin(RoleRevocationRow, RoleRevocationRow.grant_id == RoleGrantRow.id)
        .outerjoin(RoleTermRow, RoleTermRow.grant_id == RoleGrantRow.id)
        .outerjoin(giver, giver.id == RoleGrantRow.granted_by)
        .outerjoin(ender, ender.id == RoleRevocationRow.revoked_by)
        .where(RoleGrantRow.person_id == person_id)
        .order_by(RoleGrantRow.granted_at, RoleGrantRow.role)
    )
    return tuple(
        RoleHeld(
            role=grant.role,
            given_at=grant.granted_at,
            given_by=given_by or "",
            begins_at=term.begins_at if term else None,
            ends_at=term.ends_at if term else None,
            why=term.reason if term else "",
            ended_at=end.revoked_at if end else None,
            ended_by=ended_by or "",
            reason=end.reason if end else "",
        )
        for grant, end, given_by, ended_by, term in session.execute(query)
    )


@dataclass(frozen=True)
class NewPassword:
    """A password that replaced an earlier one, set by a one-time link that somebody made."""

    person_id: str
    name: str
    username: str
    set_at: datetime
    link_by: str


def passwords_by_link(session: Session, since: datetime) -> list[NewPassword]:
    """Passwords set since then by a link, of people who had one before: the newest first.

    Who makes such a link could use it. That cannot be prevented without a second way to reach the person, so it is
    shown to those who would notice.
    """
    earlier, maker = aliased(CredentialRow), aliased(PersonRow)
    had_one = select(earlier.id).where(
        earlier.person_id == CredentialRow.person_id, earlier.set_at < CredentialRow.set_at
    )
    query = (
        select(PersonRow.id, PersonRow.name, PersonRow.username, CredentialRow.set_at, maker.name)
        .join(InvitationRow, InvitationRow.id == CredentialRow.invitation_id)
        .join(PersonRow, PersonRow.id == CredentialRow.person_id)
        .outerjoin(maker, maker.id == InvitationRow.invited_by)
        .where(CredentialRow.set_at >= since, had_one.exists())
        .order_by(CredentialRow.set_at.desc())
    )
    return [NewPassword(*row[:4], row[4] or "") for row in session.execute(query)]


def _link_maker(session: Session, person_id: str) -> str:
    """Id of the person who made the link by which the present password was set."""
    query = (
        select(InvitationRow.invited_by)
        .select_from(CredentialRow)
        .outerjoin(InvitationRow, InvitationRow.id == CredentialRow.invitation_id)
        .where(CredentialRow.person_id == person_id)
        .order_by(CredentialRow.set_at.desc(), CredentialRow.id)
        .limit(1)
    )
    return session.execute(query).scalar() or ""


def _names(session: Session) -> dict[str, str]:
    return {row[0]: row[1] for row in session.execute(select(PersonRow.id, PersonRow.name))}
