"""Facts are always recordable: whatever a step accepts, every rule and every result can still be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.batch_chain import breaks, segments
from labrecords.domain.entries import Entry, problems
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.balance import balance
from labrecords.domain.results.cell_balance import cell_balances
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.results import judged_results, judged_values
from labrecords.domain.rules.findings import findings
from tests.support.clean import altered, clean
from tests.support.fat_record import digested, emulsified

RECORDS = {"marrow": clean, "digested": digested, "emulsified": emulsified}
NUMBERS = (Decimal(0), Decimal("0.001"), Decimal(99_999_999))
COUNTS = (0, 1, 1_000_000)
LONG = timedelta(days=400)


def others(fact: Fact, value: Any) -> Iterator[Any]:
    """Other values of a fact: none, the ends of its range, another choice, fewer or more rows, another day."""
    if not fact.required:
        yield () if fact.type is FactType.ROWS else None
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, datetime):
        yield from (value - LONG, value + LONG)
    elif fact.type is FactType.NUMBER:
        yield from NUMBERS
    elif fact.type is FactType.WHOLE:
        yield from COUNTS
    elif fact.type is FactType.ROWS and value:
        yield from (value[:1], value * 3)
        for column in facts_of(type(value[0])):
            for cell in others(column, getattr(value[0], column.name)):
                yield tuple(replace(row, **{column.name: cell}) for row in value)
    yield from (choice for choice in fact.choices if choice != value)


def variants(record: BatchRecord) -> Iterator[tuple[str, Entry, str, Any]]:
    """Every entry with one fact stated otherwise, where the step takes it so."""
    for entry in record.current_entries():
        stated = {fact.name: getattr(entry, fact.name) for fact in facts_of(type(entry))}
        for fact in facts_of(type(entry)):
            for value in others(fact, stated[fact.name]):
                if not problems(
                    type(entry), {**stated, fact.name: value}, record.process.step(entry.step_key)
                ):
                    yield entry.step_key, entry, fact.name, value


def ask_everything(record: BatchRecord) -> None:
    for question in (findings, judged_results, cell_balances, balance, segments, breaks, use_before):
        question(record)
    for entry in record.current_entries():
        assert entry.kind
        entry.summary(record)
        entry.stops(record)
        entry.derived(record)
        judged_values(record, entry)


@pytest.mark.parametrize("name", list(RECORDS))
def test_every_rule_answers_whatever_one_step_says(name: str) -> None:
    record = RECORDS[name]()
    tried = 0
    for key, entry, fact, value in variants(record):
        tried += 1
        try:
            ask_everything(altered(record, key, **{fact: value}))
        except Exception as error:
            raise AssertionError(f"{entry.kind}.{fact} = {value!r}") from error
    assert tried > 100
