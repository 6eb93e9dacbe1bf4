"""Patients: pseudonyms and the acts on them as records; identities apart, sealed, in a table that can forget."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, Select, String, Text, bindparam, or_, select
from sqlalchemy.orm import Session

from labrecords.domain.registers.patients import Patient
from labrecords.models.base import Base, Instant, untrailed, value
from labrecords.models.codes import bare
from labrecords.models.lists import PAGE, beyond, cut
from labrecords.models.people import PersonRow


class PatientRow(Base):
    """A patient: a random pseudonym and the chain-of-identity code, both given once."""

    __tablename__ = "patient"
    trailed = True

    id = value(String(32), primary_key=True)
    pseudonym = value(Text, unique=True)
    identity_code = value(Text, unique=True)
    registered_by = value(String(32), ForeignKey("person.id"))
    registered_at = value(Instant(), index=True)


class PatientIdentityRow(Base):
    """That an identity was registered or corrected: by whom, when, why, and the salted hash of it."""

    __tablename__ = "patient_identity"
    trailed = True

    id = value(String(32), primary_key=True)
    patient_id = value(String(32), ForeignKey("patient.id"), index=True)
    commitment = value(String(64))
    reason = value(Text)
    recorded_by = value(String(32), ForeignKey("person.id"))
    recorded_at = value(Instant())


class PatientErasureRow(Base):
    """That the identity of a patient was erased: by whom, when and why."""

    __tablename__ = "patient_erasure"
    trailed = True

    id = value(String(32), primary_key=True)
    patient_id = value(String(32), ForeignKey("patient.id"), unique=True)
    reason = value(Text)
    erased_by = value(String(32), ForeignKey("person.id"))
    erased_at = value(Instant())


class IdentityVaultRow(Base):
    """The sealed identity and salt of one version. No record: it is deleted when the identity is erased.

    The keyed hashes serve exact search; a version that was corrected since has none, so that nobody is found by it.
    """

    __tablename__ = "identity_vault"
    also = ("UPDATE", "DELETE")

    version_id = untrailed(String(32), ForeignKey("patient_identity.id"), primary_key=True)
    patient_id = untrailed(String(32), ForeignKey("patient.id"), index=True)
    key_id = untrailed(String(16))
    sealed = untrailed(LargeBinary)
    record_mac = untrailed(String(64), nullable=True, index=True)
    person_mac = untrailed(String(64), nullable=True, index=True)


@dataclass(frozen=True)
class PatientPage:
    patients: tuple[Patient, ...]
    next: str
    """Key of the next page, or empty."""


@dataclass(frozen=True)
class IdentityAct:
    """A line of a patient's history: what was done, by whom, when and why."""

    what: str
    by: str
    at: datetime
    reason: str


def list_patients(session: Session, before: str = "") -> PatientPage:
    """Patients by their pseudonyms, those registered last first."""
    query = _patients()
    table = PatientRow.__table__
    if before:
        query = query.where(beyond(table.c.registered_at, table.c.id, before))
    ordered = query.order_by(table.c.registered_at.desc(), table.c.id.desc())
    rows = [Patient(*row) for row in session.execute(ordered.limit(PAGE + 1))]
    return PatientPage(*cut(rows, PAGE, lambda patient: (patient.registered_at, patient.id)))


def find_patient(session: Session, pseudonym: str) -> Patient | None:
    """The patient with this pseudonym, or None."""
    row = session.execute(_patient_named(), {"pseudonym": pseudonym}).first()
    return Patient(*row) if row else None


def patient_carrying(session: Session, code: str) -> Patient | None:
    """The patient with this normalised code as pseudonym or chain of identity, or None."""
    table = PatientRow.__table__
    query = _patients().where(or_(bare(table.c.pseudonym) == code, bare(table.c.identity_code) == code))
    row = session.execute(query.limit(1)).first()
    return Patient(*row) if row else None


def patients_with(session: Session, ids: Collection[str]) -> list[Patient]:
    """These patients, by their pseudonyms."""
    table = PatientRow.__table__
    query = _patients().where(table.c.id.in_(sorted(ids))).order_by(table.c.pseudonym)
    return [Patient(*row) for row in session.execute(query)]


def _patients() -> Select[Any]:
    table, erased = PatientRow.__table__, PatientErasureRow.__table__
    return select(
        table.c.id,
        table.c.pseudonym,
        table.c.identity_code,
        table.c.registered_by,
        table.c.registered_at,
        erased.c.erased_at,
    ).outerjoin(erased, erased.c.patient_id == table.c.id)


@cache
def _patient_named() -> Select[Any]:
    return _patients().where(PatientRow.__table__.c.pseudonym == bindparam("pseudonym"))


def newest_version(session: Session, patient_id: str) -> Any:
    """Row of the version of an identity that counts: its id and commitment."""
    table = PatientIdentityRow.__table__
    query = select(table.c.id, table.c.commitment).where(table.c.patient_id == patient_id)
    return session.execute(query.order_by(table.c.recorded_at.desc(), table.c.id).limit(1)).one()


def acts_on(session: Session, patient_id: str) -> list[IdentityAct]:
    """What was done with the identity of a patient, the newest first. No identity is in it."""
    version, erasure, person = (
        PatientIdentityRow.__table__,
        PatientErasureRow.__table__,
        PersonRow.__table__,
    )
    versions = session.execute(
        select(person.c.name, version.c.recorded_at, version.c.reason)
        .join(person, person.c.id == version.c.recorded_by)
        .where(version.c.patient_id == patient_id)
        .order_by(version.c.recorded_at, version.c.id)
    ).all()
    acts = [
        IdentityAct("Registered" if number == 0 else "Corrected", *row) for number, row in enumerate(versions)
    ]
    erased = session.execute(
        select(person.c.name, erasure.c.erased_at, erasure.c.reason)
        .join(person, person.c.id == erasure.c.erased_by)
        .where(erasure.c.patient_id == patient_id)
    )
    acts += [IdentityAct("Erased", *row) for row in erased]
    return acts[::-1]
