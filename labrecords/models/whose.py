"""Whose is this code? Everything that one stands for here, found in one query by indexes or in small registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, and_, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from labrecords.domain.custody.carried import CONTAINER, IDENTITY, LONGEST, NUMBER, ORDER, PATIENT
from labrecords.domain.registers.equipment import PLACES, ROOMS
from labrecords.domain.values.codes import grouped
from labrecords.models.codes import MOST, bare
from labrecords.models.equipment import newest_pieces
from labrecords.models.lots import newest_deliveries
from labrecords.models.overview import BatchCodeRow
from labrecords.models.patients import PatientRow
from labrecords.models.people import PersonRow
from labrecords.models.records import BatchRow, EquipmentRow, LotRow, TherapyOrderRow

REGISTERED_PATIENT, REGISTERED_ORDER = "registered patient", "registered order"
EQUIPMENT, PLACE, LOT, PERSON = "equipment", "place", "lot", "person"
IN_BATCHES = (NUMBER, CONTAINER, ORDER, IDENTITY, PATIENT)
FIRST = (
    NUMBER,
    CONTAINER,
    REGISTERED_PATIENT,
    ORDER,
    REGISTERED_ORDER,
    IDENTITY,
    PATIENT,
    EQUIPMENT,
    PLACE,
    LOT,
    PERSON,
)
"""What a code stands for, in the order in which it is taken where it stands for several."""


@dataclass(frozen=True)
class Found:
    """One thing that a code stands for."""

    kind: str
    key: str
    """Number of a batch, pseudonym, code of an order, id of a version of equipment, of a delivery, or of a person."""
    code: str
    """As it is printed: of a lot its number, of a person the name to sign in with."""
    name: str
    """Name of a person, model of equipment, material of a lot, the patient of an order; or empty."""
    sort: str
    """Category of equipment or of a place; or empty."""


def whose(session: Session, code: str) -> tuple[Found, ...]:
    """Everything that this normalised code stands for, in one query; what comes first by `FIRST` stands first.

    Batches the newest first, and at most 50 of each part; registers as they stand now.
    """
    if not code or not code.isprintable() or len(code) > LONGEST:
        return ()
    parts = (part.limit(MOST).subquery() for part in _parts(code))
    rows = session.connection().execute(union_all(*(select(part) for part in parts)))
    found = [Found(*row[:5]) for row in sorted(rows, key=lambda row: row.at, reverse=True)]
    return tuple(sorted(found, key=lambda item: FIRST.index(item.kind)))


def _parts(code: str) -> Iterator[Select[Any]]:
    carried, batch = BatchCodeRow.__table__, BatchRow.__table__
    yield (
        _part(carried.c.kind, batch.c.number, carried.c.code, at=batch.c.opened_at)
        .join_from(carried, batch, batch.c.id == carried.c.batch_id)
        .where(carried.c.code == code)
        .order_by(batch.c.opened_at.desc())
    )
    patient, order = PatientRow.__table__, TherapyOrderRow.__table__
    # Both are given out here, and stored as they are printed.
    printed = grouped(code)
    yield _part(REGISTERED_PATIENT, patient.c.pseudonym, patient.c.pseudonym).where(
        or_(patient.c.pseudonym == printed, patient.c.identity_code == printed)
    )
    yield (
        _part(REGISTERED_ORDER, order.c.code, order.c.code, patient.c.pseudonym)
        .join_from(order, patient, patient.c.id == order.c.patient_id)
        .where(order.c.code == printed)
    )
    piece, lot, person = EquipmentRow.__table__, LotRow.__table__, PersonRow.__table__
    called = or_(bare(piece.c.code) == code, and_(piece.c.category.in_(ROOMS), bare(piece.c.model) == code))
    pieces = newest_pieces().where(called)
    for kind, places in ((EQUIPMENT, False), (PLACE, True)):
        of_kind = piece.c.category.in_(PLACES) if places else piece.c.category.not_in(PLACES)
        yield pieces.where(of_kind).with_only_columns(
            *_columns(kind, piece.c.id, piece.c.code, piece.c.model, piece.c.category)
        )
    yield (
        newest_deliveries()
        .where(lot.c.lot_key == code)
        .with_only_columns(
            *_columns(LOT, lot.c.delivery_id, lot.c.lot, lot.c.material, at=lot.c.registered_at)
        )
    )
    yield _part(PERSON, person.c.id, person.c.username, person.c.name).where(bare(person.c.username) == code)


def _part(kind: Any, key: Any, code: Any, name: Any = "", sort: Any = "", at: Any = "") -> Select[Any]:
    return select(*_columns(kind, key, code, name, sort, at))


def _columns(kind: Any, key: Any, code: Any, name: Any = "", sort: Any = "", at: Any = "") -> list[Any]:
    given = {"kind": kind, "key": key, "code": code, "name": name, "sort": sort, "at": at}
    return [
        (literal(item, Text) if isinstance(item, str) else type_coerce(item, Text)).label(label)
        for label, item in given.items()
    ]
