"""Canonical bytes: one and only one byte string for one meaning (RFC 8785, a subset).

What is hashed in the trail and in a document is first written in this form. The subset has no floating point
numbers, because their text form is what implementations disagree about: values are stored as strings.
"""

from __future__ import annotations

import hashlib
import json

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8785 section 3.2.2.3, I-JSON)."""

DEEPEST_NESTING = 64
"""Records are a few levels deep; a deeper structure is a mistake, and would exhaust readers that recurse."""


class NotCanonical(ValueError):
    """The object has no canonical form in our subset; the text names the place and the reason."""


def canonical_bytes(obj: object) -> bytes:
    """Write `obj` as RFC 8785 JSON in UTF-8: keys sorted, no spaces, shortest escapes.

    Allowed are dict with ASCII string keys, list and tuple, str, int with an absolute value below 2**53, bool
    and None. Raises `NotCanonical` for anything else: float, Decimal, bytes, lone surrogates, nesting deeper
    than 64 levels. Sorting ASCII keys by code point is the order that RFC 8785 asks for (UTF-16 code units).
    """
    _check(obj, "the object", 0)
    return json.dumps(obj, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def _check(value: object, place: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if depth > DEEPEST_NESTING:
        raise NotCanonical(f"{place} is nested deeper than {DEEPEST_NESTING} levels")
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(f"{place} is an integer of 2**53 or more: write it as a string")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{place} has the key {key!r}: keys are ASCII strings")
            _check(item, f"{place}[{key!r}]", depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check(item, f"{place}[{index}]", depth + 1)
    else:
        raise NotCanonical(f"{place} is a {type(value).__name__}: only text, integers, true, false and null")


def _check_text(text: str, place: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical(f"{place} holds a lone surrogate, which is no character") from error
