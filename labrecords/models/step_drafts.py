"""What a person has typed in the form of a step and not recorded: kept for that person, and no record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Integer, Select, String, Text, bindparam, select
from sqlalchemy.orm import Session

from labrecords.models.base import Base, Instant, untrailed

KEPT_FOR = timedelta(days=7)
"""After that nobody remembers what was typed: it is no longer offered, and taken away."""


class StepDraft(Base):
    """What stands unsent in one form of one step, of one person. Overwritten as they type. No record."""

    __tablename__ = "step_draft"
    also = ("DELETE",)

    batch_id = untrailed(String(32), ForeignKey("batch.id"), primary_key=True)
    step_key = untrailed(Text, primary_key=True)
    person_id = untrailed(String(32), ForeignKey("person.id"), primary_key=True)
    form = untrailed(String(16), primary_key=True)
    """What sending it would make of the step: recorded, corrected, repeated or reported."""
    seen = untrailed(Integer)
    """The version of the step that the form was rendered with."""
    replaces = untrailed(String(32))
    """Id of the entry that it corrects, repeats or reports on; empty for a first one."""
    typed = untrailed(Text)
    """A JSON object: text as typed, by the name of its entry."""
    kept_at = untrailed(Instant(), index=True)


@dataclass(frozen=True)
class Draft:
    """What a person had typed in a form; see StepDraft."""

    form: str
    seen: int
    replaces: str
    typed: Mapping[str, str]
    kept_at: datetime


def drafts_of(
    session: Session, *, batch_id: str, step_key: str, person_id: str, now: datetime
) -> tuple[Draft, ...]:
    """What this person has typed in the forms of a step, and neither recorded nor forgotten since."""
    given = {"batch_id": batch_id, "step_key": step_key, "person_id": person_id, "since": now - KEPT_FOR}
    rows = session.connection().execute(_of_person(), given)
    return tuple(Draft(row.form, row.seen, row.replaces, json.loads(row.typed), row.kept_at) for row in rows)


@cache
def _of_person() -> Select[Any]:
    """The statement is built once: building takes longer than running it."""
    table = StepDraft.__table__
    return (
        select(table.c.form, table.c.seen, table.c.replaces, table.c.typed, table.c.kept_at)
        .where(
            table.c.batch_id == bindparam("batch_id"),
            table.c.step_key == bindparam("step_key"),
            table.c.person_id == bindparam("person_id"),
            table.c.kept_at > bindparam("since", type_=table.c.kept_at.type),
        )
        .order_by(table.c.form)
    )
