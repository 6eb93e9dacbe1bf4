"""The plain form of a record's parts: there and back nothing changes, and what is no such part is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.evidence.serial import NotReadable, from_plain, to_plain
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain


@dataclass(frozen=True)
class Part:
    amount: Decimal
    at: datetime | None = None


@dataclass(frozen=True)
class Whole:
    name: str
    count: int
    sure: bool
    day: date
    amount: Decimal | None
    parts: tuple[Part, ...]
    words: Mapping[str, str]
    remark: str | None = None


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
instants = st.datetimes(datetime(1980, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
wholes = st.builds(
    Whole,
    name=text,
    count=st.integers(-(2**53) + 1, 2**53 - 1),
    sure=st.booleans(),
    day=st.dates(date(1980, 1, 1), date(2199, 12, 31)),
    amount=st.none() | amounts,
    parts=st.lists(st.builds(Part, amount=amounts, at=st.none() | instants), max_size=3).map(tuple),
    words=st.dictionaries(st.text("abc_", min_size=1, max_size=5), text, max_size=3),
    remark=st.none() | text,
)
ONE = Whole("Łódź", 3, True, date(2026, 3, 29), Decimal("1.50"), (Part(Decimal(2)),), {"a": "b"})


@given(wholes)
@settings(max_examples=60)
def test_there_and_back_nothing_changes(whole: Whole) -> None:
    form = to_plain(whole)
    back = from_plain(Whole, form)
    assert back == whole
    assert canonical_bytes(to_plain(back)) == canonical_bytes(form)


@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 200))
@settings(max_examples=60)
def test_a_number_keeps_its_value_and_has_one_form(number: Decimal) -> None:
    form = to_plain(number)
    assert from_plain(Decimal, form) == number
    assert to_plain(from_plain(Decimal, form)) == form == plain(number)


def test_decimals_and_instants_become_text() -> None:
    assert to_plain(Decimal("1.50")) == "1.50"
    assert to_plain(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "2026-03-29T01:00:00.000000Z"
    assert to_plain(date(2026, 3, 29)) == "2026-03-29"
    assert to_plain((True, 1, None, "x")) == [True, 1, None, "x"]


@pytest.mark.parametrize("value", [1.5, b"bytes", {1, 2}, object()])
def test_anything_else_has_no_plain_form(value: Any) -> None:
    with pytest.raises(TypeError, match="has no plain form"):
        to_plain(value)


def test_a_part_with_a_default_may_be_left_out() -> None:
    form = to_plain(ONE)
    del form["remark"]
    assert from_plain(Whole, form) == ONE


@pytest.mark.parametrize(
    "change",
    [
        {"name": 7}, {"name": None}, {"name": ["x"]},
        {"count": "3"}, {"count": 3.0}, {"count": True},
        {"sure": 1}, {"sure": "true"},
        {"day": "29.03.2026"}, {"day": "2026-02-30"}, {"day": 7},
        {"amount": 1}, {"amount": "1e3"}, {"amount": "NaN"}, {"amount": "Infinity"}, {"amount": "-0"},
        {"amount": "1,5"}, {"amount": " 1"}, {"amount": "١"}, {"amount": "sNaN"}, {"amount": "1_000"},
        {"parts": None}, {"parts": 7}, {"parts": [7]}, {"parts": [{}]},
        {"parts": [{"amount": "1", "at": "2026-03-29 01:00"}]},
        {"words": []}, {"words": {"a": 7}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_such_part_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NotReadable):
        from_plain(Whole, {**to_plain(ONE), **change})


@pytest.mark.parametrize("name", ["name", "count", "sure", "day", "amount", "parts", "words"])
def test_a_missing_part_is_refused(name: str) -> None:
    form = to_plain(ONE)
    del form[name]
    with pytest.raises(NotReadable, match=name):
        from_plain(Whole, form)


@pytest.mark.parametrize("form", [None, 7, "text", [], {}])
def test_what_is_no_object_at_all_is_refused(form: Any) -> None:
    with pytest.raises(NotReadable):
        from_plain(Whole, form)


def test_an_instant_has_only_one_stored_form() -> None:
    assert from_plain(datetime, "2026-03-29T01:00:00.000000Z") == times.from_text(
        "2026-03-29T01:00:00.000000Z"
    )
    with pytest.raises(NotReadable):
        from_plain(datetime, "2026-03-29T01:00:00Z")
