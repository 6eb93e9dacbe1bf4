"""The overview of batches for lists: computed from the record, written with it, rebuilt and compared on demand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from labrecords.actions.door import transaction
from labrecords.domain.assay_results import assay_standings
from labrecords.domain.collection import collections
from labrecords.domain.disposition import late_tests
from labrecords.domain.expiry import use_before
from labrecords.domain.finding import Severity
from labrecords.domain.findings import findings
from labrecords.domain.record import BatchRecord
from labrecords.domain.status import status
from labrecords.models.batch_record import load_record
from labrecords.models.overview import BatchOverview
from labrecords.models.records import BatchRow
from labrecords.models.store import Store


def overview_of(record: BatchRecord) -> dict[str, Any]:
    """The row of the overview for a record."""
    following, limit, found = record.next_step(), use_before(record), findings(record)
    harvests = collections(record)
    awaited = {
        wanted.person_id or wanted.act
        for entry in record.current_entries()
        for wanted in record.outstanding(entry)
    }
    return {
        "batch_id": record.batch.id,
        "number": record.batch.number,
        "patient_code": record.batch.patient_code,
        "identity_code": record.batch.identity_code,
        "product": record.process.product,
        "status": status(record).value,
        "next_step": following.key if following else "",
        "next_title": following.title if following else "",
        "harvested_at": harvests[0].performed_at if harvests else None,
        "use_before": limit.until if limit else None,
        "opened_at": record.batch.opened_at,
        "exceptions": sum(1 for finding in found if finding.severity is Severity.EXCEPTION),
        "blocking": sum(1 for finding in found if finding.severity is not Severity.EXCEPTION),
        "late_tests": late_tests(record),
        "tests_due": min(
            (item.due_at for item in assay_standings(record) if item.open and item.due_at), default=None
        ),
        "outstanding": f" {' '.join(sorted(awaited))} " if awaited else "",
    }


def project(session: Session, record: BatchRecord) -> None:
    """Write the overview of one batch anew, in the transaction that changed its record."""
    table = BatchOverview.__table__
    session.execute(delete(table).where(table.c.batch_id == record.batch.id))
    session.execute(insert(table).values(overview_of(record)))


def differences(session: Session) -> list[str]:
    """Numbers of batches whose overview differs from what their record gives."""
    table, batches = BatchOverview.__table__, BatchRow.__table__
    stored = {row.batch_id: dict(row._mapping) for row in session.execute(select(table))}
    found = []
    for row in session.execute(select(*BatchRow.columns()).order_by(batches.c.number)).all():
        record = load_record(session, BatchRow.read(row))
        if stored.pop(record.batch.id, None) != overview_of(record):
            found.append(record.batch.number)
    return found + sorted(row["number"] for row in stored.values())


def rebuild(store: Store) -> int:
    """Compute the overview of every batch anew. Returns how many there are."""
    with transaction(store) as session:
        session.execute(delete(BatchOverview.__table__))
        batches = session.execute(select(*BatchRow.columns())).all()
        for row in batches:
            project(session, load_record(session, BatchRow.read(row)))
    return len(batches)
