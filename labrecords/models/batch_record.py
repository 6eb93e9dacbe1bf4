"""Reading a whole batch record: one short query a table, each row straight into its frozen domain object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from labrecords.domain import record as domain
from labrecords.domain.entries import Entry
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.processes.process import AT_ANY_TIME, Problem, Process, ProcessError
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.registers.equipment import PLACES, ROOMS, named_equipment
from labrecords.domain.registers.lots import Lot, key_of
from labrecords.domain.registers.materials import Material
from labrecords.domain.registers.places import place_key, stated_places
from labrecords.domain.rules.begun import materials_so_far
from labrecords.models.attachments import AttachmentRow, TemperatureLogRow, WithdrawalRow
from labrecords.models.barring import MixupLockRow, NoticeRow, RecallMarkRow, ReceiptOfNoticeRow
from labrecords.models.base import RecordRow
from labrecords.models.equipment import newest_pieces
from labrecords.models.laboratory import LaboratoryRow
from labrecords.models.masters import MasterVersionRow, approvals_of
from labrecords.models.people import PersonRow, other_accounts, roles_held
from labrecords.models.recalls import all_recalls, with_recalls
from labrecords.models.records import (
    ENTRY_ROWS,
    BatchOrderRow,
    BatchRow,
    BypassRow,
    ClosureRow,
    ConfirmationRow,
    ContainerIdRow,
    DecisionRow,
    EquipmentRow,
    InvestigationRow,
    IssueEndRow,
    IssueRow,
    LabelActRow,
    LabelPrintRow,
    LotRow,
    NotDoneRow,
    PauseRow,
    ReentryRow,
    SignatureRow,
    TimerEndRow,
    TimerRow,
    VoidRow,
)
from labrecords.models.stored import as_bytes
from labrecords.models.trail import TrailEvent, TrailHead
from labrecords.models.training import training_behind, training_on


def batch_chain(batch_id: str) -> str:
    """Name of a batch's chain."""
    return f"batch/{batch_id}"


def laboratory(session: Session) -> domain.Laboratory:
    """The laboratory as it is named now."""
    row = session.connection().execute(_laboratory_now()).one()
    return domain.Laboratory(row.name, row.site_code, row.zone)


@cache
def _laboratory_now() -> Select[Any]:
    table = LaboratoryRow.__table__
    return select(table.c.name, table.c.site_code, table.c.zone).order_by(table.c.set_at.desc()).limit(1)


def find_batch(session: Session, number: str) -> domain.Batch | None:
    """The batch with this number, or None."""
    row = session.connection().execute(_batch_numbered(), {"number": number}).first()
    return BatchRow.read(row) if row else None


@cache
def _batch_numbered() -> Select[Any]:
    return select(*BatchRow.columns()).where(BatchRow.__table__.c.number == bindparam("number"))


def batch_by_id(session: Session, batch_id: str) -> domain.Batch | None:
    """The batch with this id, or None."""
    row = session.execute(select(*BatchRow.columns()).where(BatchRow.__table__.c.id == batch_id)).first()
    return BatchRow.read(row) if row else None


def record_of(session: Session, batch_id: str) -> domain.BatchRecord:
    """The record of a batch that there is: its id stands in a row about it."""
    batch = batch_by_id(session, batch_id)
    assert batch is not None, "a row about a batch names one that there is"
    return load_record(session, batch)


def load_record(session: Session, batch: domain.Batch) -> domain.BatchRecord:
    """The frozen record of a batch as it stands in this session's transaction.

    Its head is read first: where somebody writes meanwhile, a form made from the record is stale, never blind.
    """
    chain, connection = batch_chain(batch.id), session.connection()
    head, step_heads = head_of(session, chain), _step_heads(connection, chain)
    process = process_of(session, batch.process_digest)
    kinds = {step.kind for step in process.steps} | AT_ANY_TIME.keys()
    asked = (row for row in ENTRY_ROWS if row.__tablename__ in kinds)
    entries = [entry for row in asked for entry in _of_batch(connection, row, batch.id)]
    entries.sort(key=lambda entry: entry.recorded_at)
    parts: dict[str, Any] = {
        "not_done": _of_batch(connection, NotDoneRow, batch.id, "recorded_at"),
        "timers": _of_batch(connection, TimerRow, batch.id, "started_at"),
        "timer_ends": _of_batch(connection, TimerEndRow, batch.id, "ended_at"),
        "pauses": _of_batch(connection, PauseRow, batch.id, "recorded_at"),
        "confirmations": _of_batch(connection, ConfirmationRow, batch.id, "recorded_at"),
        "bypasses": _of_batch(connection, BypassRow, batch.id, "granted_at"),
        "investigations": _of_batch(connection, InvestigationRow, batch.id, "recorded_at"),
        "reentries": _of_batch(connection, ReentryRow, batch.id, "recorded_at"),
        "attachments": _of_batch(connection, AttachmentRow, batch.id, "added_at"),
        "withdrawals": _of_batch(connection, WithdrawalRow, batch.id, "withdrawn_at"),
        "temperature_logs": _of_batch(connection, TemperatureLogRow, batch.id, "recorded_at"),
        "container_ids": _of_batch(connection, ContainerIdRow, batch.id, "given_at"),
        "locks": _of_batch(connection, MixupLockRow, batch.id, "locked_at"),
        "recall_marks": _of_batch(connection, RecallMarkRow, batch.id, "marked_at"),
        "notices": _of_batch(connection, NoticeRow, batch.id, "recorded_at"),
        "receipts": _of_batch(connection, ReceiptOfNoticeRow, batch.id, "recorded_at"),
        "label_prints": _of_batch(connection, LabelPrintRow, batch.id, "printed_at"),
        "label_acts": _of_batch(connection, LabelActRow, batch.id, "recorded_at"),
        "orders": _of_batch(connection, BatchOrderRow, batch.id),
        "signatures": _of_batch(connection, SignatureRow, batch.id, "signed_at"),
        "decisions": _of_batch(connection, DecisionRow, batch.id, "decided_at"),
        "voids": _of_batch(connection, VoidRow, batch.id),
        "closures": _of_batch(connection, ClosureRow, batch.id, "closed_at"),
        "issues": _of_batch(connection, IssueRow, batch.id, "requested_at"),
        "issue_ends": _of_batch(connection, IssueEndRow, batch.id, "ended_at"),
    }
    record = domain.BatchRecord(
        laboratory=laboratory(session),
        batch=batch,
        process=process,
        people=_people(session, batch, entries, parts),
        equipment=_equipment(session, entries),
        entries=tuple(entries),
        head=head,
        step_heads=step_heads,
        lots=_lots(session, _materials(entries)),
        training=training_behind(session, process, entries),
        approvals=approvals_of(session, batch.process_digest),
        **parts,
    )
    return with_recalls(session, record)


def with_entry(session: Session, record: domain.BatchRecord, entry: Entry) -> domain.BatchRecord:
    """The record as it stands with one more entry, with the people and equipment that the entry names."""
    known = {person.id for person in record.people}
    newcomers = people(session, set(entry.people()) - known) if entry.people() - known else ()
    entries = [*record.entries, entry]
    after = replace(
        record,
        entries=tuple(entries),
        people=(*record.people, *newcomers),
        equipment=_equipment(session, entries),
        lots=_lots(session, _materials(entries)),
        training=training_behind(session, record.process, entries),
    )
    return with_recalls(session, after)


def with_act(session: Session, record: domain.BatchRecord, act: Entry) -> domain.BatchRecord:
    """The record with what the registers hold of an act that is only begun. The act is no entry of it.

    Of training it holds no more than what the performer of the act has on the procedure of its step; of recalls all.
    """
    known = {person.id for person in record.people}
    named_here = {who for who in act.people() if who} - known
    newcomers = people(session, named_here) if named_here else ()
    here = (*record.people, *newcomers)
    entries, materials = [*record.entries, act], materials_so_far(act)
    named = named_equipment(act) or stated_places(act)
    sop = record.process.step(act.step_key).sop
    return replace(
        record,
        people=here,
        equipment=_equipment(session, entries) if named else record.equipment,
        lots=_lots(session, [*_materials(record.entries), *materials]) if materials else record.lots,
        training=training_on(session, sop, [one for one in here if one.id == act.performed_by])
        if sop
        else record.training,
        recalls=all_recalls(session),
    )


def process_of(session: Session, digest: str) -> Process:
    """The process definition with this digest. A definition never changes, so it is read once.

    Raises ProcessError when the stored text is not the one that the batch was opened with.
    """
    if digest not in _PROCESSES:
        table = MasterVersionRow.__table__
        query = select(table.c.text).where(table.c.digest == digest)
        process = read_process(session.execute(query).scalar_one())
        if process.digest != digest:
            sentence = (
                "The master record of this batch was changed in the database. Run `labrecords trail verify`."
            )
            raise ProcessError(Problem("", None, sentence))
        _PROCESSES[digest] = process
    return _PROCESSES[digest]


_PROCESSES: dict[str, Process] = {}


def equipment_now(session: Session) -> tuple[domain.Equipment, ...]:
    """The newest version of every registered piece, by code."""
    rows = session.connection().execute(_pieces_now())
    return tuple(EquipmentRow.read(row) for row in rows)


@cache
def _pieces_now() -> Select[Any]:
    return newest_pieces().order_by(EquipmentRow.__table__.c.code)


def events_of(session: Session, chain: str, until: int | None = None) -> list[bytes]:
    """The bytes of a chain's events in order, up to a number."""
    table = TrailEvent.__table__
    query = select(table.c.payload).where(table.c.chain == chain).order_by(table.c.seq)
    if until is not None:
        query = query.where(table.c.seq <= until)
    return [as_bytes(payload) for payload in session.execute(query).scalars()]


def _of_batch(
    connection: Connection, row: type[RecordRow], batch_id: str, order: str = ""
) -> tuple[Any, ...]:
    rows = connection.execute(_rows_of_batch(row, order), {"batch_id": batch_id})
    return tuple(row.read(found) for found in rows)


@cache
def _rows_of_batch(row: type[RecordRow], order: str) -> Select[Any]:
    """The statement is built once: building takes longer than running it."""
    query = select(*row.columns()).where(row.__table__.c.batch_id == bindparam("batch_id"))
    return query.order_by(row.__table__.c[order]) if order else query


def _people(
    session: Session, batch: domain.Batch, entries: list[Any], parts: dict[str, Any]
) -> tuple[domain.Person, ...]:
    ids = {batch.opened_by}
    for entry in entries:
        ids |= entry.people()
    acts = (
        "confirmations",
        "reentries",
        "attachments",
        "withdrawals",
        "signatures",
        "decisions",
        "voids",
        "closures",
        "pauses",
        "investigations",
        "temperature_logs",
        "container_ids",
        "locks",
        "recall_marks",
        "notices",
        "receipts",
        "label_prints",
        "label_acts",
    )
    for name in acts:
        ids |= {item.person_id for item in parts[name]}
    ids |= {order.ordered_by for order in parts["orders"]}
    ids |= {timer.started_by for timer in parts["timers"]} | {end.ended_by for end in parts["timer_ends"]}
    ids |= {item.requested_by for item in parts["bypasses"]} | {item.person_id for item in parts["bypasses"]}
    ids |= {item.recorded_by for item in parts["not_done"]} | {item.requested_by for item in parts["issues"]}
    return people(session, ids)


@cache
def _people_with_roles(named: bool) -> Select[Any]:
    person, live = PersonRow.__table__, roles_held().subquery()
    query = (
        select(person.c.id, person.c.username, person.c.name, live.c.role)
        .outerjoin(live, live.c.person_id == person.c.id)
        .order_by(person.c.name, person.c.id)
    )
    return query.where(person.c.id.in_(bindparam("ids", expanding=True))) if named else query


def people(session: Session, ids: set[str] | None = None) -> tuple[domain.Person, ...]:
    """These people (all, when none are named) with the roles they hold now, by name."""
    query, given = _people_with_roles(ids is not None), {"ids": sorted(ids)} if ids is not None else {}
    found: dict[str, domain.Person] = {}
    others = other_accounts(session)
    for row in session.connection().execute(query, given):
        roles = {row.role} - {None} | set(found[row.id].roles if row.id in found else ())
        found[row.id] = domain.Person(
            row.id, row.username, row.name, tuple(sorted(roles)), others.get(row.id, ())
        )
    return tuple(found.values())


def _equipment(session: Session, entries: list[Any]) -> tuple[domain.Equipment, ...]:
    ids = {
        getattr(entry, fact.name)
        for entry in entries
        for fact in facts_of(type(entry))
        if fact.type is FactType.EQUIPMENT
    } - {None}
    places = {place_key(text) for entry in entries for text in stated_places(entry)}
    if not ids and not places:
        return ()
    given = {"ids": sorted(ids), "places": sorted(places)}
    found = _pieces(session, given)
    while further := {place_key(item.place) for item in found if item.category in PLACES} - {*places, ""}:
        places |= further
        found = _pieces(session, {"ids": sorted(ids), "places": sorted(places)})
    return found


def _pieces(session: Session, given: dict[str, list[str]]) -> tuple[domain.Equipment, ...]:
    rows = session.connection().execute(_pieces_named(), given)
    return tuple(EquipmentRow.read(row) for row in rows)


@cache
def _pieces_named() -> Select[Any]:
    """Every version of the pieces and places that are named, and of the first room there ever was the first."""
    table, place = EquipmentRow.__table__, EquipmentRow.__table__.alias("place")
    stated: BindParameter[Any] = bindparam("places", expanding=True)
    named = select(place.c.code).where(
        or_(
            place.c.id.in_(bindparam("ids", expanding=True)),
            and_(
                place.c.category.in_(PLACES),
                or_(func.lower(place.c.code).in_(stated), func.lower(place.c.model).in_(stated)),
            ),
        )
    )
    first = (
        select(place.c.id)
        .where(place.c.category.in_(ROOMS))
        .order_by(place.c.registered_at, place.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(*EquipmentRow.columns())
        .where(or_(table.c.code.in_(named), table.c.id == first))
        .order_by(table.c.code, table.c.registered_at)
    )


def _materials(entries: Iterable[Any]) -> list[Material]:
    return [material for entry in entries for material in entry.materials()]


def _lots(session: Session, materials: list[Material]) -> tuple[Lot, ...]:
    """Every version of the lots that entries name, and of each material named the first lot there ever was."""
    named = [(material.name, material.lot) for material in materials if material.lot]
    if not named:
        return ()
    given = {
        "lots": sorted({key_of(lot) for _, lot in named}),
        "materials": sorted({key_of(name) for name, _ in named}),
    }
    return tuple(LotRow.read(row) for row in session.connection().execute(_lots_named(), given))


@cache
def _lots_named() -> Select[Any]:
    table, earlier = LotRow.__table__, LotRow.__table__.alias("earlier")
    first = (
        select(func.min(earlier.c.registered_at))
        .where(earlier.c.material_key == table.c.material_key)
        .scalar_subquery()
    )
    return (
        select(*LotRow.columns())
        .where(
            or_(
                table.c.lot_key.in_(bindparam("lots", expanding=True)),
                and_(
                    table.c.material_key.in_(bindparam("materials", expanding=True)),
                    table.c.registered_at == first,
                ),
            )
        )
        .order_by(table.c.registered_at, table.c.id)
    )


def head_of(session: Session, chain: str) -> domain.Head:
    """Where a chain stands now; number 0 before its first event."""
    row = session.connection().execute(_head_of_chain(), {"chain": chain}).first()
    return domain.Head(chain, row.seq if row else 0, row.digest if row else "")


def heads_of(session: Session, one: str, other: str) -> tuple[domain.Head, domain.Head]:
    """Where two chains stand now, asked at once."""
    rows = session.connection().execute(_heads_of_two(), {"one": one, "other": other})
    found = {row.chain: domain.Head(*row) for row in rows}
    return found.get(one, domain.Head(one, 0, "")), found.get(other, domain.Head(other, 0, ""))


@cache
def _heads_of_two() -> Select[Any]:
    table = TrailHead.__table__
    named = table.c.chain.in_([bindparam("one"), bindparam("other")])
    return select(table.c.chain, table.c.seq, table.c.digest).where(named)


@cache
def _head_of_chain() -> Select[Any]:
    table = TrailHead.__table__
    return select(table.c.seq, table.c.digest).where(table.c.chain == bindparam("chain"))


def _step_heads(connection: Connection, chain: str) -> dict[str, int]:
    rows = connection.execute(_last_event_of_subjects(), {"chain": chain})
    return {row.subject: row.seq for row in rows}


@cache
def _last_event_of_subjects() -> Select[Any]:
    table = TrailEvent.__table__
    return (
        select(table.c.subject, func.max(table.c.seq).label("seq"))
        .where(table.c.chain == bindparam("chain"), table.c.subject != "")
        .group_by(table.c.subject)
    )
