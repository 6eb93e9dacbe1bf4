"""Master records: their tables, and reading the versions with everything that was done with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Session

from labrecords.domain.evidence.signatures import APPROVED, PREPARED
from labrecords.domain.processes import masters as domain
from labrecords.domain.record import Approval
from labrecords.models.base import RecordRow, value
from labrecords.models.people import PersonRow, other_accounts
from labrecords.models.records import SignatureRow

SYSTEM_NAME = "labrecords"
"""Who saved what came with the system."""
MASTERS_ON_A_PAGE = 20
"""Master records, each with its versions."""


class MasterVersionRow(RecordRow, record=domain.MasterText):
    """The text of a version, by its digest."""

    __tablename__ = "master_version"

    digest = value(String(64), primary_key=True)


class MasterSaveRow(RecordRow, record=domain.MasterSave):
    """That somebody saved a text as a draft; the newest draft of a version counts."""

    __tablename__ = "master_save"

    digest = value(String(64), ForeignKey("master_version.digest"), index=True)
    saved_by = value(String(32), ForeignKey("person.id"), nullable=True)


class MasterActRow(RecordRow, record=domain.MasterAct):
    """A version is prepared, approved, withdrawn or retired once."""

    __tablename__ = "master_act"
    __table_args__ = (UniqueConstraint("digest", "act"),)

    digest = value(String(64), ForeignKey("master_version.digest"))


def master_keys(
    session: Session, after: str = "", size: int = MASTERS_ON_A_PAGE
) -> tuple[tuple[str, ...], str]:
    """One page of the keys of master records in their order, and the key after which the next one begins, or ""."""
    table = MasterVersionRow.__table__
    query = select(table.c.key).distinct().where(table.c.key > after).order_by(table.c.key).limit(size + 1)
    keys = tuple(session.execute(query).scalars())
    return keys[:size], keys[size - 1] if len(keys) > size else ""


def unsigned_keys(session: Session) -> tuple[str, ...]:
    """The keys of master records that have a version which nobody approved or withdrew."""
    table, act = MasterVersionRow.__table__, MasterActRow.__table__
    ended = select(act.c.digest).where(act.c.act.in_((APPROVED, domain.WITHDRAWN)))
    query = select(table.c.key).distinct().where(table.c.digest.not_in(ended)).order_by(table.c.key)
    return tuple(session.execute(query).scalars())


def versions(session: Session, keys: Collection[str] | None = None) -> tuple[domain.MasterVersion, ...]:
    """All versions of all master records, or of those with these keys, the one saved last first.

    Their texts are read with `process_of`.
    """
    table, query, chosen = MasterVersionRow.__table__, _heads(), None
    if keys is not None:
        query = query.where(table.c.key.in_(keys))
        chosen = select(table.c.digest).where(table.c.key.in_(keys))
    acts, saves = _acts(session, chosen), _saves(session, chosen)
    others = other_accounts(session)
    found = []
    for row in session.connection().execute(query):
        last, name = saves[row.digest][-1]
        found.append(
            domain.MasterVersion(
                digest=row.digest,
                key=row.key,
                version=row.version,
                title=row.title,
                origin=last.origin,
                note=last.note,
                saved_by=last.saved_by,
                saved_by_name=name,
                saved_at=last.saved_at,
                acts=tuple(acts[row.digest]),
                writers=_humans(others, (save.saved_by for save, _ in saves[row.digest])),
                preparers=_humans(
                    others, (act.made.person_id for act in acts[row.digest] if act.made.act == PREPARED)
                ),
            )
        )
    return tuple(sorted(found, key=lambda item: item.saved_at, reverse=True))


@cache
def _heads() -> Select[Any]:
    """This and the two below are built once: building takes longer than running."""
    table = MasterVersionRow.__table__
    return select(table.c.digest, table.c.key, table.c.version, table.c.title)


def _humans(others: Mapping[str, tuple[str, ...]], ids: Iterable[str | None]) -> frozenset[str]:
    """These accounts, and every other account of the same people."""
    return frozenset(account for one in ids if one for account in (one, *others.get(one, ())))


def version(session: Session, digest: str) -> domain.MasterVersion | None:
    """The version with this digest, or None."""
    return next((item for item in versions(session) if item.digest == digest), None)


def effective_masters(session: Session, today: date) -> tuple[domain.MasterVersion, ...]:
    """The versions that a batch can be opened with on this day, by title."""
    return tuple(sorted(domain.effective(versions(session), today), key=lambda item: (item.title, item.key)))


def approved_beside(session: Session, digest: str, key: str) -> bool:
    """Whether any other version of the master with this key was ever approved."""
    given = {"digest": digest, "key": key}
    return session.connection().execute(_approved_beside(), given).first() is not None


@cache
def _approved_beside() -> Select[Any]:
    table, act = MasterVersionRow.__table__, MasterActRow.__table__
    return (
        select(act.c.digest)
        .join(table, table.c.digest == act.c.digest)
        .where(table.c.key == bindparam("key"), act.c.digest != bindparam("digest"), act.c.act == APPROVED)
        .limit(1)
    )


def approvals_of(session: Session, digest: str) -> tuple[Approval, ...]:
    """The signatures by which a version became effective: prepared, then approved."""
    rows = session.connection().execute(_approvals(), {"digest": digest})
    return tuple(Approval(row[0], row[1], SignatureRow.read(row[2:])) for row in rows)


@cache
def _approvals() -> Select[Any]:
    """The statement is built once: building takes longer than running it."""
    act, signature = MasterActRow.__table__, SignatureRow.__table__
    return (
        select(act.c.act, act.c.effective_from, *SignatureRow.columns())
        .join(signature, signature.c.id == act.c.signature_id)
        .where(act.c.digest == bindparam("digest"), act.c.act.in_((PREPARED, APPROVED)))
        .order_by(act.c.acted_at, act.c.act.desc())
    )


def _saves(session: Session, chosen: Select[Any] | None) -> dict[str, list[tuple[domain.MasterSave, str]]]:
    query, found = _saves_with_names(), defaultdict(list)
    if chosen is not None:
        query = query.where(MasterSaveRow.__table__.c.digest.in_(chosen))
    for row in session.connection().execute(query):
        save: domain.MasterSave = MasterSaveRow.read(row[:-1])
        found[save.digest].append((save, row[-1] or SYSTEM_NAME))
    return found


@cache
def _saves_with_names() -> Select[Any]:
    table, person = MasterSaveRow.__table__, PersonRow.__table__
    return (
        select(*MasterSaveRow.columns(), person.c.name)
        .outerjoin(person, person.c.id == table.c.saved_by)
        .order_by(table.c.saved_at)
    )


def _acts(session: Session, chosen: Select[Any] | None) -> dict[str, list[domain.Act]]:
    query, found, own = _acts_signed(), defaultdict(list), len(MasterActRow.names)
    if chosen is not None:
        query = query.where(MasterActRow.__table__.c.digest.in_(chosen))
    for row in session.connection().execute(query):
        made: domain.MasterAct = MasterActRow.read(row[:own])
        signature = SignatureRow.read(row[own + 1 :]) if made.signature_id else None
        found[made.digest].append(domain.Act(made, row[own], signature))
    return found


@cache
def _acts_signed() -> Select[Any]:
    """Each act, the name of who did it, and its signature."""
    table, person, signature = MasterActRow.__table__, PersonRow.__table__, SignatureRow.__table__
    signed = (item.label(f"signed_{item.name}") for item in SignatureRow.columns())
    return (
        select(*MasterActRow.columns(), person.c.name.label("person_name"), *signed)
        .join(person, person.c.id == table.c.person_id)
        .outerjoin(signature, signature.c.id == table.c.signature_id)
        .order_by(table.c.acted_at)
    )
