"""Reading training: of people, of those who performed the steps of a batch, on one procedure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from labrecords.domain.processes.process import Process
from labrecords.domain.record import Person
from labrecords.domain.registers.training import Training, procedure
from labrecords.domain.values.codes import normalise
from labrecords.models.people import other_accounts
from labrecords.models.records import TrainingRow


def training_behind(session: Session, process: Process, entries: list[Any]) -> tuple[Training, ...]:
    """The training of those who performed a step that names a procedure, whichever of their accounts has it."""
    sops = {step.key for step in process.steps if step.sop}
    performers = {entry.performed_by for entry in entries if entry.step_key in sops}
    if not performers:
        return ()
    others = other_accounts(session)
    ids = performers.union(*(others.get(one, ()) for one in performers))
    return training_of(session, ids)


def training_on(session: Session, sop: str, performers: Iterable[Person]) -> tuple[Training, ...]:
    """The training of these people on one procedure, whichever of their accounts has it."""
    code = normalise(procedure(sop)[0])
    ids = [one for who in performers for one in (who.id, *who.other_accounts)]
    # Whatever reads as this code has its characters in this order: somebody has training on a hundred procedures.
    like = "%".join(f"/{one}" if one in ("%", "_", "/") else one for one in ("", *code, ""))
    rows = session.connection().execute(_training_with_code(), {"ids": ids, "code": like})
    return tuple(TrainingRow.read(row) for row in rows if normalise(row.sop) == code)


def training_of(session: Session, person_ids: Collection[str]) -> tuple[Training, ...]:
    """Every entry about the training of these people, the oldest first."""
    given = {"ids": sorted(person_ids)}
    return tuple(TrainingRow.read(row) for row in session.connection().execute(_training_of_people(), given))


@cache
def _training_of_people() -> Select[Any]:
    table = TrainingRow.__table__
    return (
        select(*TrainingRow.columns())
        .where(table.c.person_id.in_(bindparam("ids", expanding=True)))
        .order_by(table.c.recorded_at, table.c.id)
    )


@cache
def _training_with_code() -> Select[Any]:
    return _training_of_people().where(TrainingRow.__table__.c.sop.ilike(bindparam("code"), escape="/"))
