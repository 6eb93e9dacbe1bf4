"""The overview of batches and the uses of lots: computed from the record, written with it, rebuilt and compared."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Executable, Table, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from labrecords.actions.door import transaction
from labrecords.domain.custody.batch_chain import offers
from labrecords.domain.custody.carried import NUMBER, carried_codes
from labrecords.domain.custody.collection import collections
from labrecords.domain.custody.traces import PATIENT, traces_of
from labrecords.domain.entries import REPEATED
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.lots import key_of
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.assay_results import assay_standings
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.visits import open_visits
from labrecords.domain.review.decisions import expired_word
from labrecords.domain.review.disposition import late_tests
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import status
from labrecords.domain.steps.anticoagulant import AnticoagulantPreparation
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.values import times
from labrecords.models.batch_record import batch_chain, load_record, record_of
from labrecords.models.overview import BatchCodeRow, BatchOverview, LotUseRow, TraceRow, VisitDueRow
from labrecords.models.records import BatchRow
from labrecords.models.store import Store
from labrecords.models.trail import TrailHead

log = logging.getLogger(__name__)


def overview_of(record: BatchRecord) -> dict[str, Any]:
    """The row of the overview for a record."""
    following, limit, found = record.next_step(), use_before(record), findings(record)
    harvests = collections(record)
    awaited = {
        wanted.person_id or wanted.act
        for entry in record.current_entries()
        for wanted in record.outstanding(entry)
    } | {offer.receiver for offer in offers(record)}
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
        "use_before": limit.until if limit and not expired_word(record) else None,
        "opened_at": record.batch.opened_at,
        "exceptions": sum(1 for finding in found if finding.severity is Severity.EXCEPTION),
        "blocking": sum(1 for finding in found if finding.severity is not Severity.EXCEPTION),
        "late_tests": late_tests(record),
        "tests_due": min(
            (item.due_at for item in assay_standings(record) if item.open and item.due_at), default=None
        ),
        "outstanding": f" {' '.join(sorted(awaited))} " if awaited else "",
    }


def uses_of_lots(record: BatchRecord) -> list[dict[str, Any]]:
    """What each entry that counts used of each lot. A run that was repeated used its lots all the same.

    What was drawn up before the harvest left the stock then: the harvest that names the same lot takes nothing more.
    """
    drawn_up = {
        key_of(material.lot)
        for prepared in record.of_kind(AnticoagulantPreparation)
        for material in prepared.materials()
        if material.lot
    }
    found = []
    corrected = {entry.replaces_id for entry in record.entries if entry.follows_as != REPEATED}
    for entry in record.entries:
        if entry.id in corrected:
            continue
        by_lot: dict[str, list[Material]] = {}
        for material in entry.materials():
            if not material.lot or not (key := key_of(material.lot)):
                continue
            if not (isinstance(entry, Harvest) and key in drawn_up):
                by_lot.setdefault(key, []).append(material)
        for key, materials in by_lot.items():
            volumes = [material.volume_ml for material in materials]
            found.append(
                {
                    "entry_id": entry.id,
                    "lot_key": key,
                    "batch_id": record.batch.id,
                    "step_key": entry.step_key,
                    "material": ", ".join(dict.fromkeys(material.name for material in materials)),
                    "volume_ml": None if None in volumes else sum(filter(None, volumes), Decimal(0)),
                    "pieces": len(materials),
                    "performed_at": entry.performed_at,
                }
            )
    return found


def _traced(record: BatchRecord) -> list[dict[str, Any]]:
    return [{"batch_id": record.batch.id, **asdict(trace)} for trace in traces_of(record)]


def _carried(record: BatchRecord) -> list[dict[str, Any]]:
    return [
        {"batch_id": record.batch.id, "kind": kind, "code": code}
        for kind, code in sorted(carried_codes(record))
    ]


def _visits(record: BatchRecord) -> list[dict[str, Any]]:
    return [
        {
            "batch_id": record.batch.id,
            "visit": item.visit.name,
            "due_on": item.due_on,
            "first_on": item.first_on,
            "last_on": item.last_on,
        }
        for item in open_visits(record)
    ]


PROJECTED: tuple[tuple[Table, Callable[[BatchRecord], list[dict[str, Any]]]], ...] = (
    (BatchOverview.__table__, lambda record: [overview_of(record)]),
    (LotUseRow.__table__, uses_of_lots),
    (TraceRow.__table__, _traced),
    (BatchCodeRow.__table__, _carried),
    (VisitDueRow.__table__, _visits),
)
"""Each table that is computed from records, and the rows that one batch has in it."""


def project(session: Session, record: BatchRecord) -> None:
    """Write what lists and traces read of one batch anew, in the transaction that changed its record."""
    for table, rows in [(table, rows_of(record)) for table, rows_of in PROJECTED]:
        session.execute(delete(table).where(table.c.batch_id == record.batch.id))
        if rows:
            session.execute(insert(table), rows)


def project_each(session: Session, batch_ids: Executable) -> int:
    """Write the overviews of these batches anew, where an act about something else changed how they are judged.

    Returns how many batches there were.
    """
    found = session.execute(batch_ids).scalars().all()
    for batch_id in found:
        project(session, record_of(session, batch_id))
    return len(found)


def project_missing(store: Store, at_once: int = 200) -> tuple[int, tuple[str, ...]]:
    """Write what a new table of this kind lacks, some batches at a time, so that others can record meanwhile.

    Every batch has at least its patient in its trace, and its number among its codes. Returns how many batches were
    written, and the numbers of those whose record cannot be judged: they stay out of lists and traces.
    """
    batch, trace, code = BatchRow.__table__, TraceRow.__table__, BatchCodeRow.__table__
    traced = select(trace.c.batch_id).where(trace.c.batch_id == batch.c.id, trace.c.subject == PATIENT)
    coded = select(code.c.batch_id).where(code.c.batch_id == batch.c.id, code.c.kind == NUMBER)
    lacks, last = ~traced.exists() | ~coded.exists(), ""
    written, failed = 0, list[str]()
    while True:
        with transaction(store) as session:
            query = select(batch.c.id, batch.c.number).where(lacks, batch.c.number > last)
            rows = session.execute(query.order_by(batch.c.number).limit(at_once)).all()
            failed += [row.number for row in rows if not _projected(session, row.id)]
        if not rows:
            return written - len(failed), tuple(failed)
        written, last = written + len(rows), rows[-1].number


def _projected(session: Session, batch_id: str) -> bool:
    """Whether the overview of a batch could be written. What its record raises, whatever it is, stops no other batch:
    nothing was written of this one by then, and its number is told."""
    try:
        project(session, record_of(session, batch_id))
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("The lists lack batch %s: its record cannot be judged.", batch_id)
        return False
    return True


def project_recent(session: Session, now: datetime) -> None:
    """Write the overviews of the batches of this minute anew: what is registered in a minute counts for its acts."""
    batch, head = BatchRow.__table__, TrailHead.__table__
    since = times.to_text(times.minute(now))
    written = select(batch.c.id).join(head, head.c.chain == batch_chain("") + batch.c.id)
    project_each(session, written.where(head.c.at >= since))


def differences(session: Session) -> list[str]:
    """Numbers of batches of which lists and traces say something else than their record gives."""
    batches = BatchRow.__table__
    stored: list[dict[str, list[Any]]] = []
    for table, _ in PROJECTED:
        by_batch: dict[str, list[Any]] = {}
        for row in session.execute(select(table)):
            by_batch.setdefault(row.batch_id, []).append(dict(row._mapping))
        stored.append(by_batch)
    found = []
    for row in session.execute(select(*BatchRow.columns()).order_by(batches.c.number)).all():
        record = load_record(session, BatchRow.read(row))
        pairs = [
            (kept.pop(record.batch.id, []), rows_of(record))
            for kept, (_, rows_of) in zip(stored, PROJECTED, strict=True)
        ]
        if any(sorted(map(_text, kept)) != sorted(map(_text, rows)) for kept, rows in pairs):
            found.append(record.batch.number)
    overviews = stored[0]
    return found + sorted(row["number"] for rows in overviews.values() for row in rows)


def _text(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


def rebuild(store: Store) -> tuple[int, tuple[str, ...]]:
    """Compute the overview of every batch anew. Returns how many there are, and the numbers of those whose record
    cannot be judged: they stay out of lists and traces."""
    with transaction(store) as session:
        for table, _ in PROJECTED:
            session.execute(delete(table))
        table = BatchRow.__table__
        batches = session.execute(select(table.c.id, table.c.number).order_by(table.c.number)).all()
        failed = tuple(row.number for row in batches if not _projected(session, row.id))
    return len(batches) - len(failed), failed
