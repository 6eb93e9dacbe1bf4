"""The declarative base, the column types, and how a table is made from a domain dataclass.

Stored forms are the same on SQLite and PostgreSQL: text or integers, instants and decimals as text. So the trail
can hold exactly what stands in the database.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Sequence
from dataclasses import Field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Select, String, Text, and_, or_, select
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.evidence.serial import from_plain, hints_of, to_plain
from labrecords.domain.facts import FactType
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain

VALUE, COMMITMENT, DIGEST, NEVER = "value", "commitment", "digest", "never"
"""Trail policies: the value itself; a salted hash of it; the SHA-256 of bytes; nothing (not a record)."""


class DecimalText(TypeDecorator[Decimal]):
    """A Decimal as plain text, with the decimals it was entered with."""

    impl, cache_ok = Text, True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else plain(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """A UTC instant as text that sorts by time."""

    impl, cache_ok = Text, True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else times.to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else times.from_text(value)


class Day(TypeDecorator[date]):
    """A calendar day as ISO text."""

    impl, cache_ok = Text, True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class YesNo(TypeDecorator[bool]):
    """A boolean as 0 or 1."""

    impl, cache_ok = Integer, True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class PlainJson(TypeDecorator[Any]):
    """Rows or a mapping of a record, as canonical JSON text."""

    impl, cache_ok = Text, True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_bytes(to_plain(value)).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None or value == "{}":
            return None if value is None else {}
        return from_plain(self.shape, json.loads(value))


def value(type_: Any, *references: ForeignKey, **more: Any) -> Any:
    """A column whose value stands in the trail."""
    return Column(type_, *references, info={"trail": VALUE}, nullable=more.pop("nullable", False), **more)


def commitment(type_: Any, *references: ForeignKey, **more: Any) -> Any:
    """A column of which the trail holds only a salted hash; the table has a `salt` column."""
    return Column(
        type_, *references, info={"trail": COMMITMENT}, nullable=more.pop("nullable", False), **more
    )


def contents(**more: Any) -> Any:
    """A column of bytes of which the trail holds the SHA-256."""
    return Column(LargeBinary, info={"trail": DIGEST}, nullable=False, **more)


def untrailed(type_: Any, *references: ForeignKey, **more: Any) -> Any:
    """A column that is no record: sessions, projections, counters, and the salt that a commitment binds."""
    return Column(type_, *references, info={"trail": NEVER}, nullable=more.pop("nullable", False), **more)


class Base(DeclarativeBase):
    if TYPE_CHECKING:
        __table__: ClassVar[Any]

    trailed: ClassVar[bool] = False
    """Whether rows of this table are records: inserted once, held by the trail, guarded by triggers."""
    also: ClassVar[tuple[str, ...]] = ()
    """What the application may do with rows of this table on PostgreSQL, beside SELECT and INSERT."""


_TYPES: dict[Any, TypeEngine[Any]] = {
    str: Text(),
    int: Integer(),
    bool: YesNo(),
    Decimal: DecimalText(),
    datetime: Instant(),
    date: Day(),
}

_REFERENCES = {
    "batch_id": "batch.id",
    "signature_id": "signature.id",
    "issue_id": "issue.id",
    "person_id": "person.id",
    "performed_by": "person.id",
    "recorded_by": "person.id",
    "opened_by": "person.id",
    "requested_by": "person.id",
    "started_by": "person.id",
    "ended_by": "person.id",
    "timer_id": "timer.id",
    "giver": "person.id",
    "receiver": "person.id",
    "attachment_id": "attachment.id",
}


_NAMED_BY = {FactType.EQUIPMENT: "equipment.id"}
"""What a fact of a type refers to, whatever its name."""


def _column(item: Field[Any], hint: Any) -> Any:
    name = item.name
    origin, inner, nullable = typing.get_origin(hint), hint, False
    if origin in (typing.Union, types.UnionType):
        inner = next(part for part in typing.get_args(hint) if part is not type(None))
        nullable = True
    if name == "id":
        return value(String(32), primary_key=True)
    kind = _TYPES.get(inner) or PlainJson(inner)
    named = _REFERENCES.get(name) or _NAMED_BY.get(item.metadata.get("fact", {}).get("type_"))
    references = [ForeignKey(named)] if named else []
    return Column(name, kind, *references, nullable=nullable, info={"trail": VALUE}, index=name == "batch_id")


class RecordRow(Base):
    """A table made from a frozen domain dataclass: `class BatchRow(RecordRow, record=Batch)`.

    Columns, types and nullability follow the dataclass, so that the two cannot differ.
    """

    __abstract__ = True
    trailed = True
    record: ClassVar[type]
    names: ClassVar[tuple[str, ...]]
    """Names of the domain object's fields, in its order."""

    def __init_subclass__(cls, record: type | None = None, **more: Any) -> None:
        if record is not None:
            cls.record = record
            cls.names = tuple(item.name for item in fields(record))
            hints = hints_of(record)
            for item in fields(record):
                if item.init and not hasattr(cls, item.name):
                    setattr(cls, item.name, _column(item, hints[item.name]))
        super().__init_subclass__(**more)

    @classmethod
    def of(cls, item: Any) -> RecordRow:
        """The row that stores a domain object."""
        return cls(**{name: getattr(item, name) for name in cls.names})

    @classmethod
    def columns(cls) -> list[Column[Any]]:
        """The columns of the domain object, in its order."""
        return [cls.__table__.c[name] for name in cls.names]

    @classmethod
    @cache
    def newest(cls, of: str) -> Select[Any]:
        """Of each thing in a register, named by this column, the version after which none was registered.

        Built once: building takes longer than running.
        """
        table, later = cls.__table__, cls.__table__.alias("later")
        newer = or_(
            later.c.registered_at > table.c.registered_at,
            and_(later.c.registered_at == table.c.registered_at, later.c.id > table.c.id),
        )
        superseded = select(later.c.id).where(later.c[of] == table.c[of], newer).exists()
        return select(*cls.columns()).where(~superseded)

    @classmethod
    def read(cls, row: Sequence[Any]) -> Any:
        """The domain object of a row selected with `columns()`."""
        return cls.record(**dict(zip(cls.names, row, strict=True)))
