"""Dataclasses to plain canonical values and back: the form in which a record travels and is hashed.

Decimals and instants become text, so that the bytes are the same everywhere and no digit is lost.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain


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
        return _reader(target)(value)
    except (KeyError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        raise NotReadable(f"not a {getattr(target, '__name__', target)}: {error}") from error


@cache
def _reader(target: Any) -> Callable[[Any], Any]:
    """How a plain form of this type is read. Found out once for each type: a record has hundreds of values."""
    origin, inner = typing.get_origin(target), typing.get_args(target)
    if origin in (typing.Union, types.UnionType):
        some = _reader(next(part for part in inner if part is not type(None)))
        return lambda value: None if value is None else some(value)
    if origin is tuple:
        item = _reader(inner[0])
        return lambda value: tuple(item(part) for part in value)
    if origin is not None and issubclass(origin, Mapping):
        item = _reader(inner[1])
        return lambda value: {key: item(part) for key, part in value.items()}
    if is_dataclass(target):
        return _reader_of_dataclass(typing.cast(type, target))
    simple = {Decimal: _finite, datetime: times.from_text, date: date.fromisoformat}
    return simple.get(target) or (lambda value: _exactly(target, value))


@cache
def hints_of(target: type) -> Mapping[str, Any]:
    """The types of a class's fields. Those of a base are worked out once, and not again for each class under it."""
    found: dict[str, Any] = {}
    for base in reversed(target.__bases__):
        found |= hints_of(base)
    own = {"__annotations__": inspect.get_annotations(target), "__module__": target.__module__}
    return found | typing.get_type_hints(type(target.__name__, (), own))


def _reader_of_dataclass(target: type) -> Callable[[Any], Any]:
    hints = hints_of(target)
    parts = [
        (item.name, _reader(hints[item.name]), item.default is MISSING)
        for item in fields(target)
        if item.init
    ]

    def read(value: Any) -> Any:
        given = {name: part(value[name]) for name, part, needed in parts if needed or name in value}
        return target(**given)

    return read


def _exactly(target: Any, value: Any) -> Any:
    # True is an int to Python, and no number in a record.
    if target in (str, int, bool) and type(value) is not target:
        raise TypeError(f"{value!r} is not {target.__name__}")
    return value


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or plain(number) != text:
        raise ValueError(f"{text!r} is not a number in plain form")
    return number
