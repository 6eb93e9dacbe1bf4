"""Dataclasses to plain canonical values and back: the form in which a record travels and is hashed.

Decimals and instants become text, so that the bytes are the same everywhere and no digit is lost.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from labrecords.domain import times
from labrecords.domain.numbers import plain


class NotReadable(ValueError):
    """The plain form does not describe such an object."""


def to_plain(value: Any) -> Any:
    """Text, integers, booleans, None, lists and dicts only. Raises TypeError for anything else."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return times.to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(target: Any, value: Any) -> Any:
    """Build an object of the given type from its plain form. Raises NotReadable."""
    try:
        return _read(target, value)
    except (KeyError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        raise NotReadable(f"not a {getattr(target, '__name__', target)}: {error}") from error


@cache
def _hints(target: type) -> dict[str, Any]:
    return typing.get_type_hints(target)


def _read(target: Any, value: Any) -> Any:
    origin = typing.get_origin(target)
    if origin in (typing.Union, types.UnionType):
        inner = [part for part in typing.get_args(target) if part is not type(None)]
        return None if value is None else _read(inner[0], value)
    if origin is tuple:
        return tuple(_read(typing.get_args(target)[0], item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(typing.get_args(target)[1], item) for key, item in value.items()}
    if target is Decimal:
        return _finite(value)
    if target is datetime:
        return times.from_text(value)
    if target is date:
        return date.fromisoformat(value)
    if is_dataclass(target):
        hints = _hints(typing.cast(type, target))
        return typing.cast(Any, target)(
            **{
                item.name: _read(hints[item.name], value[item.name])
                for item in fields(target)
                if item.init and (item.name in value or item.default is MISSING)
            }
        )
    if target in (str, int, bool) and not isinstance(value, target):
        raise TypeError(f"{value!r} is not {target.__name__}")
    return value


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or plain(number) != text:
        raise ValueError(f"{text!r} is not a number in plain form")
    return number
