"""Which roles somebody holds, now or at an instant: what rights are judged by."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from labrecords.domain.permissions import Role
from labrecords.models.people import (
    DeactivationRow,
    RoleGrantRow,
    RoleRevocationRow,
    RoleTermRow,
    in_term,
    roles_counting,
)


def roles_of(session: Any, person_id: str, now: datetime) -> frozenset[Role]:
    """The roles of a person that count now; none for somebody deactivated or unknown."""
    rows = session.connection().execute(_live_roles(), {"person_id": person_id, "now": now})
    return frozenset(Role(role) for role in rows.scalars())


def roles_at(session: Any, person_id: str, instant: datetime) -> frozenset[Role]:
    """The roles a person held at an instant: what somebody did then counts, also when they have left since."""
    rows = session.execute(_roles_then(), {"person_id": person_id, "instant": instant})
    return frozenset(Role(role) for role in rows.scalars())


@cache
def _roles_then() -> Select[Any]:
    grant, ended, gone = RoleGrantRow.__table__, RoleRevocationRow.__table__, DeactivationRow.__table__
    term = RoleTermRow.__table__
    instant = bindparam("instant", type_=grant.c.granted_at.type)
    return (
        select(grant.c.role)
        .outerjoin(ended, ended.c.grant_id == grant.c.id)
        .outerjoin(term, term.c.grant_id == grant.c.id)
        .outerjoin(gone, gone.c.person_id == grant.c.person_id)
        .where(
            grant.c.person_id == bindparam("person_id"),
            grant.c.granted_at <= instant,
            in_term(instant),
            or_(ended.c.id.is_(None), ended.c.revoked_at > instant),
            or_(gone.c.id.is_(None), gone.c.deactivated_at > instant),
        )
    )


@cache
def _live_roles() -> Select[Any]:
    """The statement is built once: building takes longer than running it."""
    grant, gone = RoleGrantRow.__table__, DeactivationRow.__table__
    return (
        roles_counting()
        .with_only_columns(grant.c.role)
        .outerjoin(gone, gone.c.person_id == grant.c.person_id)
        .where(grant.c.person_id == bindparam("person_id"), gone.c.id.is_(None))
    )
