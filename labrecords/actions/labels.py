"""Ids of containers: given out here and nowhere else, without holes, and never twice."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from labrecords.actions.door import LABORATORY, BatchRef, Refused, Tx, action
from labrecords.actions.steps import open_record
from labrecords.domain.custody.container_ids import MOST_A_YEAR, ContainerId, beginning, new_code
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import being_sealed
from labrecords.domain.review.release import Blocker, state_blockers
from labrecords.domain.values import times
from labrecords.models.records import ContainerIdRow


@action("container.numbered", needs=Permission.RECORD_PROCESSING, chains=(LABORATORY,))
def give_container_id(tx: Tx, *, batch: BatchRef) -> str:
    """Give out the next id of the laboratory for a container of this batch. Returns its code of 14 characters.

    Refused for a batch that is void or being sealed, and when the ids of the year are used up.
    """
    record = labelled_batch(tx, batch)
    given = next_id(tx, record)
    tx.detail = {"container": given.code}
    tx.add(given)
    return given.code


def labelled_batch(tx: Tx, batch: BatchRef) -> BatchRecord:
    """The record of a batch that labels can be made for now."""
    record = open_record(tx, batch.batch_id)
    if record.voids or being_sealed(record, tx.now):
        raise Refused(*state_blockers(record))
    return record


def next_id(tx: Tx, record: BatchRecord) -> ContainerId:
    """The next id in the sequence of the laboratory's year. The lock on its chain keeps two from taking one."""
    site = record.laboratory
    year = times.local(tx.now, ZoneInfo(site.zone)).year
    table, begun = ContainerIdRow.__table__, beginning(site.site_code, year)
    query = select(func.count()).select_from(table).where(table.c.code.startswith(begun, autoescape=True))
    sequence = (tx.session.execute(query).scalar() or 0) + 1
    if sequence > MOST_A_YEAR:
        raise Refused(Blocker("ids", "All ids of this year are given out.", "Use the maker's codes."))
    code = new_code(site.site_code, year, sequence)
    return ContainerId(tx.new_id(), record.batch.id, code, tx.actor.person_id, tx.now)
