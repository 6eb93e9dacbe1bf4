"""Every category of equipment is named by a step: what is overdue stops the act, and one name for a piece is enough."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labrecords.domain.entries import Entry, left_empty, problems
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.equipment import equipment_stops, named_equipment
from tests.support.assays import sampled
from tests.support.clean import entry_of
from tests.support.fat_record import digested, emulsified
from tests.support.shipped import processed

ONE_SPIN = "bone_marrow_concentrate_one_spin"
NAMED = [
    ("area_before", "registered_cabinet", "cabinet"),
    ("receipt", "balance", "balance"),
    ("wash_fat", "balance", "balance"),
    ("wash_fat", "centrifuge", "centrifuge"),
    ("digest", "balance", "balance"),
    ("digest", "incubator", "incubator"),
    ("emulsify", "registered_device", "device"),
    ("analyser_after", "registered_analyser", "analyser"),
    ("gram", "registered_instrument", "instrument"),
    ("endotoxin", "registered_instrument", "instrument"),
    ("sterility", "registered_instrument", "instrument"),
]


def record_with(key: str) -> BatchRecord:
    """A clean record that has the step."""
    if key == "emulsify":
        return emulsified()
    if key in ("gram", "endotoxin", "sterility"):
        return sampled().record
    return processed(ONE_SPIN) if key in ("area_before", "receipt", "analyser_after") else digested()


def naming(key: str, fact: str, category: str, **changes: Any) -> tuple[BatchRecord, Entry]:
    """The record, and its step naming one more piece of the category."""
    record = record_with(key)
    piece = replace(
        record.equipment[0], id="p", code="XX-01", category=category, next_check="2099-01-01", **changes
    )
    named: dict[str, Any] = {fact: piece.id}
    entry: Entry = replace(entry_of(record, key), **named)
    return replace(record, equipment=(*record.equipment, piece)), entry


@pytest.mark.req("GMP-68a", "GMP-105")
@pytest.mark.parametrize(("key", "fact", "category"), NAMED)
def test_a_step_names_the_piece_and_an_overdue_one_stops_it(key: str, fact: str, category: str) -> None:
    record, entry = naming(key, fact, category)
    (asked,) = (item for item in facts_of(type(entry)) if item.name == fact)
    assert (asked.register, asked.required) == (category, False)
    assert "p" in named_equipment(entry)
    assert equipment_stops(record, entry) == ()
    record, entry = naming(key, fact, category, in_service=False)
    (stop,) = equipment_stops(record, entry)
    assert stop.sentence == "XX-01 is out of service."


def test_every_kind_of_test_names_its_instrument() -> None:
    tests = ("gram_stain", "endotoxin", "sterility", "mycoplasma", "cfu_f", "flow_panel")
    assert all("registered_instrument" in {fact.name for fact in facts_of(KINDS[kind])} for kind in tests)


@pytest.mark.parametrize(
    ("key", "registered", "text"),
    [
        ("area_before", "registered_cabinet", "cabinet"),
        ("analyser_after", "registered_analyser", "analyser"),
        ("gram", "registered_instrument", "instrument"),
    ],
)
def test_who_names_a_registered_piece_or_describes_another_leaves_nothing_out(
    key: str, registered: str, text: str
) -> None:
    record = record_with(key)
    entry, step = entry_of(record, key), record.process.step(key)
    stated = {fact.name: getattr(entry, fact.name) for fact in facts_of(type(entry))}
    for names in ({registered: "p", text: None}, {registered: None, text: "Something else"}):
        given = stated | names
        assert problems(type(entry), given, step) == {}
        assert not {registered, text} & {fact.name for fact in left_empty(type(entry), given, step)}
    neither = stated | {registered: None, text: None}
    empty = {fact.name for fact in left_empty(type(entry), neither, step)}
    assert {registered, text} & (empty | set(problems(type(entry), neither, step))) == {registered, text}


def test_a_cleared_line_says_which_cabinet() -> None:
    record, entry = naming("area_before", "registered_cabinet", "cabinet")
    assert replace(entry, cabinet=None).summary(record) == "Room 2, XX-01, before this batch: clear"  # type: ignore[call-arg]
