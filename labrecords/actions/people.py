"""What the administrator does: invite people, give and take roles, deactivate. Never a password, never a record."""

from __future__ import annotations

import re
import secrets
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select, union

from labrecords.actions.accounts import end_sessions, token_digest
from labrecords.actions.door import PEOPLE, SYSTEM_ACTOR, Invalid, Refused, Tx, action
from labrecords.actions.projections import project_each
from labrecords.domain.permissions import Permission, Role, conflicting
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import laboratory
from labrecords.models.people import (
    DeactivationRow,
    InvitationRow,
    PersonRow,
    RoleGrantRow,
    RoleRevocationRow,
    RoleTermRow,
    SameHumanRow,
    other_accounts,
)
from labrecords.models.records import ConfirmationRow, DecisionRow

INVITATION_LASTS = timedelta(hours=48)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_SHARED = frozenset(
    {"lab", "admin", "administrator", "user", "test", "guest", "root", "system", "technician", "qa"}
)
"""Names of nobody: a login belongs to one human (FDA Q5)."""


@action("person.added", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def add_person(tx: Tx, *, username: str, name: str, roles: tuple[str, ...]) -> dict[str, str]:
    """Add a person with roles. Returns the person's id and the secret of a one-time link to set a password.

    The secret is told once: it is kept nowhere, and a repeat of the form gets an empty one.
    """
    problems = {}
    if not _USERNAME.fullmatch(username):
        problems["username"] = "2 to 40 of a-z, 0-9, dot, hyphen and underscore, beginning with a letter."
    elif username in _SHARED:
        problems["username"] = "A login belongs to one person: use a name that tells who it is."
    elif tx.session.execute(select(PersonRow.id).where(PersonRow.username == username)).first():
        problems["username"] = "This username is or was in use. Usernames are never used again."
    if len(name.strip()) < 2:
        problems["name"] = "Enter the full name as it is to be printed."
    elif same := _named(tx, name):
        problems["name"] = (
            f"{same} is called so already, and printed names must tell people apart. Add a middle name or an initial."
        )
    unknown = [role for role in roles if role not in {item.value for item in Role}]
    conflict = None if unknown else conflicting(frozenset(Role(role) for role in roles))
    if unknown or not roles:
        problems["roles"] = "Choose at least one role."
    elif conflict:
        problems["roles"] = conflict
    if problems:
        raise Invalid(problems)
    person = PersonRow(
        id=tx.new_id(),
        username=username,
        name=name.strip(),
        added_by=tx.actor.person_id or None,
        added_at=tx.now,
    )
    tx.add(person)
    for role in roles:
        tx.add(_grant(tx, person.id, role))
    tx.detail = {"person": username}
    tx.repeat = {"person_id": str(person.id), "secret": ""}
    return {"person_id": str(person.id), "secret": _invite(tx, person.id)}


@action("person.invited", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def invite_again(tx: Tx, *, person_id: str) -> str:
    """Make a new one-time link, for somebody whose link expired or whose password is lost. Returns its secret.

    The old password counts until the link is used; earlier links no longer do. The secret is told once, as in
    `add_person`.
    """
    person = _person(tx, person_id)
    tx.detail, tx.repeat = {"person": person.username}, ""
    return _invite(tx, person_id)


@action("role.granted", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def grant_role(
    tx: Tx,
    *,
    person_id: str,
    role: str,
    reason: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
) -> str:
    """Give a person a role, with the reason if one is stated. Returns the grant's id.

    It counts at once, or from the first day on, and to the end of the last day, both by the laboratory's calendar.
    """
    person, held = _person(tx, person_id), _given(tx, person_id)
    _not_oneself(tx, person_id)
    zone = ZoneInfo(laboratory(tx.session).zone)
    today = times.local(tx.now, zone).date()
    if first_day and first_day < today:
        raise Invalid({"first_day": "A role is not given for days that are over."})
    if last_day and last_day < (first_day or today):
        raise Invalid({"last_day": "The role would end before it begins."})
    try:
        wanted = Role(role)
    except ValueError:
        raise Invalid({"role": "Choose a role."}) from None
    if wanted in held:
        raise Invalid({"role": f"{person.name} holds this role already."})
    conflict = conflicting(held | {wanted})
    if conflict:
        raise Invalid({"role": conflict})
    grant = _grant(tx, person_id, role)
    tx.reason, tx.detail = reason or None, {"person": person.username, "role": role}
    tx.add(grant)
    if reason or first_day or last_day:
        begins = times.days_between(first_day, first_day, zone)[0] if first_day else None
        ends = times.days_between(last_day, last_day, zone)[1] if last_day else None
        tx.add(RoleTermRow(id=tx.new_id(), grant_id=grant.id, begins_at=begins, ends_at=ends, reason=reason))
    return str(grant.id)


@action("role.revoked", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def revoke_role(tx: Tx, *, person_id: str, role: str, reason: str) -> str:
    """Take a role from a person, with the reason. It counts at once."""
    person = _person(tx, person_id)
    _not_oneself(tx, person_id)
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    grant_id = tx.session.execute(_grants(tx, person_id).where(RoleGrantRow.role == role)).scalar()
    if grant_id is None:
        raise Invalid({"role": f"{person.name} does not hold this role."})
    row = RoleRevocationRow(
        id=tx.new_id(), grant_id=grant_id, reason=reason, revoked_by=tx.actor.person_id, revoked_at=tx.now
    )
    tx.reason, tx.detail = reason, {"person": person.username, "role": role}
    tx.add(row)
    return str(row.id)


@action("person.linked", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def link_accounts(tx: Tx, *, person_id: str, other_username: str, reason: str) -> str:
    """State that two accounts belong to one human, with the reason. From then on they count as one. Returns its id."""
    person = _person(tx, person_id)
    other = tx.session.execute(select(PersonRow).where(PersonRow.username == other_username)).scalar()
    problems = {}
    if other is None:
        problems["other"] = "There is no account with this username."
    elif other.id == person_id:
        problems["other"] = "This is the same account."
    elif other.id in other_accounts(tx.session).get(person_id, ()):
        problems["other"] = f"{person.username} and {other_username} are linked already."
    if wrong := reason_problem(reason):
        problems["reason"] = wrong
    if problems or other is None:
        raise Invalid(problems)
    row = SameHumanRow(
        id=tx.new_id(),
        person_id=person_id,
        other_id=other.id,
        reason=reason,
        linked_by=tx.actor.person_id,
        linked_at=tx.now,
    )
    tx.reason, tx.detail = reason, {"person": person.username, "other": other_username}
    tx.add(row)
    _judge_anew(tx, (person_id, *other_accounts(tx.session)[person_id]))
    return str(row.id)


def _judge_anew(tx: Tx, accounts: tuple[str, ...]) -> None:
    """What these accounts verified or decided may by now be one person's own work: the lists show it at once."""
    confirmed, decided = ConfirmationRow.__table__, DecisionRow.__table__
    touched = union(
        select(confirmed.c.batch_id).where(confirmed.c.person_id.in_(accounts)),
        select(decided.c.batch_id).where(decided.c.person_id.in_(accounts)),
    )
    project_each(tx.session, touched)


@action("person.deactivated", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def deactivate(tx: Tx, *, person_id: str, reason: str) -> str:
    """Deactivate a person for good: sessions end at once, the username is never used again."""
    person = _person(tx, person_id)
    _not_oneself(tx, person_id)
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    row = DeactivationRow(
        id=tx.new_id(),
        person_id=person_id,
        reason=reason,
        deactivated_by=tx.actor.person_id,
        deactivated_at=tx.now,
    )
    tx.reason, tx.detail = reason, {"person": person.username}
    tx.add(row)
    end_sessions(tx.session, person_id, tx.now)
    return str(row.id)


@action("person.signed_out", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def sign_person_out(tx: Tx, *, person_id: str, reason: str) -> str:
    """End every session of a person, for example when a tablet was lost. Returns the person's id."""
    person = _person(tx, person_id)
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    tx.reason, tx.detail = reason, {"person": person.username}
    end_sessions(tx.session, person_id, tx.now)
    return person_id


def _person(tx: Tx, person_id: str) -> PersonRow:
    person = tx.session.get(PersonRow, person_id)
    gone = tx.session.execute(
        select(DeactivationRow.id).where(DeactivationRow.person_id == person_id)
    ).first()
    if person is None or gone:
        raise Refused(Blocker("person", "There is no such active person.", "Choose somebody from the list."))
    return person


def _named(tx: Tx, name: str) -> str | None:
    """Username of somebody who may sign in and has this printed name."""
    query = (
        select(PersonRow.username, PersonRow.name)
        .outerjoin(DeactivationRow, DeactivationRow.person_id == PersonRow.id)
        .where(DeactivationRow.id.is_(None))
    )
    wanted = name.casefold().split()
    found = (row.username for row in tx.session.execute(query) if row.name.casefold().split() == wanted)
    return next(found, None)


def _grants(tx: Tx, person_id: str) -> Select[Any]:
    """A person's grants that count now or will: neither taken away nor over."""
    return (
        select(RoleGrantRow.id, RoleGrantRow.role)
        .outerjoin(RoleRevocationRow, RoleRevocationRow.grant_id == RoleGrantRow.id)
        .outerjoin(RoleTermRow, RoleTermRow.grant_id == RoleGrantRow.id)
        .where(
            RoleGrantRow.person_id == person_id,
            RoleRevocationRow.id.is_(None),
            or_(RoleTermRow.ends_at.is_(None), RoleTermRow.ends_at > tx.now),
        )
    )


def _given(tx: Tx, person_id: str) -> frozenset[Role]:
    return frozenset(Role(row.role) for row in tx.session.execute(_grants(tx, person_id)))


def _not_oneself(tx: Tx, person_id: str) -> None:
    if tx.actor is not SYSTEM_ACTOR and person_id == tx.actor.person_id:
        raise Refused(
            Blocker(
                "oneself",
                "Nobody changes the own rights.",
                "Another administrator does.",
            )
        )


def _grant(tx: Tx, person_id: str, role: str) -> RoleGrantRow:
    return RoleGrantRow(
        id=tx.new_id(),
        person_id=person_id,
        role=role,
        granted_by=tx.actor.person_id or None,
        granted_at=tx.now,
    )


def _invite(tx: Tx, person_id: str) -> str:
    secret = secrets.token_urlsafe(32)
    tx.add(
        InvitationRow(
            id=tx.new_id(),
            person_id=person_id,
            secret_sha256=token_digest(secret),
            invited_by=tx.actor.person_id or None,
            invited_at=tx.now,
            expires_at=tx.now + INVITATION_LASTS,
        )
    )
    return secret
