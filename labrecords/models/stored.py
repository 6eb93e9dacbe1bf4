"""Values as they stand in the database, past every conversion that a changed value might break."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Label, type_coerce
from sqlalchemy.types import NullType


def raw(column: ColumnElement[Any]) -> Label[Any]:
    """A column as it is stored, under its own name."""
    return type_coerce(column, NullType()).label(str(column.key))


def as_bytes(stored: Any) -> bytes:
    """Bytes as stored; of anything else that stands in their place, the bytes that show it."""
    if type(stored) is bytes:
        return stored
    if isinstance(stored, (bytearray, memoryview)):
        return bytes(stored)
    return str(stored).encode("utf-8", "surrogateescape")


def shown(stored: Any) -> str:
    """A stored value as text that can be printed, whatever stands there."""
    return str(stored).encode("utf-8", "backslashreplace").decode()
