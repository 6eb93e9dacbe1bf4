"""Training on procedures: recorded by quality assurance, withdrawn with a reason, never changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select, union

from labrecords.actions.door import PEOPLE, Invalid, Refused, Tx, action
from labrecords.actions.projections import project_each, project_recent
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.registers.training import Training, standing
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise
from labrecords.models.batch_record import laboratory
from labrecords.models.overview import BatchOverview
from labrecords.models.people import PersonRow, accounts_of
from labrecords.models.records import ENTRY_ROWS, EntryRow
from labrecords.models.training import training_of


@action("training.recorded", needs=Permission.MANAGE_TRAINING, chains=(PEOPLE,))
def record_training(
    tx: Tx,
    *,
    person_id: str,
    sop: str,
    sop_version: str,
    trained_on: date,
    expires_on: date | None,
    assessor: str,
) -> str:
    """Record that a person was trained on a version of a procedure; nobody records their own. Returns its id."""
    _refuse_own(tx, person_id)
    table = PersonRow.__table__
    if tx.session.execute(select(table.c.id).where(table.c.id == person_id)).first() is None:
        raise Refused(Blocker("person", "There is no such person.", "Open the list of training."))
    found = {}
    if not normalise(sop) or "/" in sop:
        found["sop"] = "Enter the code of the procedure, for example SOP-012; its version stands beside it."
    if not sop_version:
        found["sop_version"] = "Enter the version of the procedure."
    if trained_on > times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date():
        found["trained_on"] = "This day is in the future."
    if expires_on and expires_on < trained_on:
        found["expires_on"] = "The training cannot expire before it was given."
    if not assessor:
        found["assessor"] = "Enter who trained or assessed the person."
    if found:
        raise Invalid(found)
    row = Training(
        id=tx.new_id(),
        person_id=person_id,
        sop=sop,
        sop_version=sop_version,
        trained_on=trained_on,
        expires_on=expires_on,
        assessor=assessor,
        withdraws_id=None,
        reason="",
        recorded_by=tx.actor.person_id,
        by_name=tx.actor.name,
        recorded_at=tx.now,
    )
    tx.subject = person_id
    tx.add(row)
    _judge_anew(tx, row)
    return row.id


@action("training.withdrawn", needs=Permission.MANAGE_TRAINING, chains=(PEOPLE,))
def withdraw_training(tx: Tx, *, person_id: str, training_id: str, reason: str) -> str:
    """Withdraw an entry about training with the reason: it counts no more. Returns the id of the withdrawal."""
    _refuse_own(tx, person_id)
    row = next(
        (item for item in standing(training_of(tx.session, {person_id})) if item.id == training_id), None
    )
    if row is None:
        raise Refused(
            Blocker("training", "This training was withdrawn already, or never recorded.", "Read the list.")
        )
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    gone = Training(
        id=tx.new_id(),
        person_id=person_id,
        sop=row.sop,
        sop_version=row.sop_version,
        trained_on=row.trained_on,
        expires_on=row.expires_on,
        assessor=row.assessor,
        withdraws_id=row.id,
        reason=reason,
        recorded_by=tx.actor.person_id,
        by_name=tx.actor.name,
        recorded_at=tx.now,
    )
    tx.subject, tx.reason = person_id, reason
    tx.add(gone)
    project_recent(tx.session, tx.now)
    return gone.id


def _judge_anew(tx: Tx, row: Training) -> None:
    """Training on paper that is recorded later counts for acts since: where something was found, it is judged anew."""
    accounts = accounts_of(tx.session, row.person_id)
    since = datetime.combine(row.trained_on, time(), UTC) - timedelta(
        days=1
    )  # whichever zone the laboratory has
    acts = union(*(_batches_of(kind, accounts, since) for kind in ENTRY_ROWS)).subquery()
    overview = BatchOverview.__table__
    found = or_(overview.c.blocking > 0, overview.c.exceptions > 0)
    by_them = overview.c.batch_id.in_(select(acts.c.batch_id))
    project_each(tx.session, select(overview.c.batch_id).where(found, by_them))


def _batches_of(kind: type[EntryRow], accounts: Collection[str], since: datetime) -> Select[Any]:
    table = kind.__table__
    return select(table.c.batch_id).where(table.c.performed_by.in_(accounts), table.c.performed_at >= since)


def _refuse_own(tx: Tx, person_id: str) -> None:
    if person_id in accounts_of(tx.session, tx.actor.person_id):
        raise Refused(
            Blocker("same person", "Nobody records their own training.", "Another person records it.")
        )
