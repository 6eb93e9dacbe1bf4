"""The register of training: who has training that has run out or soon will, before everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from labrecords.models.directory import PAGE, Member, as_members
from labrecords.models.due import lapsing
from labrecords.models.people import PersonRow


@dataclass(frozen=True)
class Trained:
    """One line of the register. `until` is the last day of the training that ends first; None where none is due."""

    member: Member
    until: date | None


def trained_people(
    session: Session, until: date, *, due_only: bool = False, after: str = "", size: int = PAGE
) -> tuple[tuple[Trained, ...], str]:
    """One page of people, those first whose training runs out first by a day; and the key of the next page or "".

    The key is the id of the last person of the page before. People without training that is due come by name.
    """
    ending, person = lapsing(until).subquery(), PersonRow
    first = (
        select(ending.c.person_id, func.min(ending.c.expires_on, type_=ending.c.expires_on.type).label("day"))
        .group_by(ending.c.person_id)
        .subquery()
    )
    day = first.c.day
    query = select(person, day).outerjoin(first, first.c.person_id == person.id)
    if due_only:
        query = query.where(day.is_not(None))
    last = session.execute(query.where(person.id == after)).first() if after else None
    if last is not None:
        by_name = or_(person.name > last[0].name, and_(person.name == last[0].name, person.id > last[0].id))
        later = and_(day.is_(None), by_name)
        if last.day is not None:
            later = or_(day.is_(None), day > last.day, and_(day == last.day, by_name))
        query = query.where(later)
    ordered = query.order_by(day.is_(None), day, person.name, person.id).limit(size + 1)
    rows = list(session.execute(ordered))
    members = as_members(session, [row[0] for row in rows[:size]])
    found = tuple(Trained(member, row.day) for member, row in zip(members, rows, strict=False))
    return found, rows[size - 1][0].id if len(rows) > size else ""
