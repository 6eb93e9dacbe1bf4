"""Facts: everything that forms, tables and pages need is declared beside the fact."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain import facts
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, FactType, fact_named, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.registers.equipment import CATEGORIES
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.steps.reading import Observation

ALL = [
    pytest.param(fact, within, id=f"{kind.kind}.{fact.name}")
    for kind in KINDS.values()
    if kind is not Observation
    for top in facts_of(kind)
    for fact, within in ((top, kind), *((cell, top.row) for cell in (facts_of(top.row) if top.row else ())))
]
"""What a reading asks, with unit and choices, stands in the process definition."""


@dataclass(frozen=True)
class Cell:
    cells: int = facts.whole("Cells")


@dataclass(frozen=True)
class Sheet:
    outside: str
    mass: Decimal = facts.number("Mass", "g", signed=True)
    remark: str | None = facts.note("Remark", required=False)
    cells: tuple[Cell, ...] = facts.rows("Cells counted", Cell)


def test_facts_are_listed_in_the_order_of_their_declaration() -> None:
    assert [fact.name for fact in facts_of(Sheet)] == ["mass", "remark", "cells"]


def test_a_field_without_a_declaration_is_no_fact() -> None:
    assert "outside" not in {fact.name for fact in facts_of(Sheet)}
    assert facts_of(Entry) == ()


def test_a_required_fact_must_be_given() -> None:
    with pytest.raises(TypeError, match="mass"):
        Sheet(outside="x")


def test_an_optional_fact_is_none_and_rows_are_empty_when_not_given() -> None:
    sheet = Sheet(outside="x", mass=Decimal(1))
    assert (sheet.remark, sheet.cells) == (None, ())


def test_a_fact_carries_its_type_label_unit_and_row() -> None:
    mass, cells = fact_named(Sheet, "mass"), fact_named(Sheet, "cells")
    assert mass == Fact("mass", FactType.NUMBER, "Mass", unit="g", signed=True)
    assert (cells.type, cells.row) == (FactType.ROWS, Cell)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (facts.number("N", "mL"), FactType.NUMBER),
        (facts.whole("N"), FactType.WHOLE),
        (facts.choice("N", ("a", "b")), FactType.CHOICE),
        (facts.text("N"), FactType.TEXT),
        (facts.note("N"), FactType.NOTE),
        (facts.code("N"), FactType.CODE),
        (facts.moment("N"), FactType.MOMENT),
        (facts.day("N"), FactType.DATE),
        (facts.yesno("N"), FactType.YESNO),
        (facts.person("N"), FactType.PERSON),
        (facts.equipment("N", "rotor"), FactType.EQUIPMENT),
        (facts.rows("N", Cell), FactType.ROWS),
    ],
)
def test_each_helper_declares_its_type(made: Any, expected: FactType) -> None:
    assert made.metadata["fact"]["type_"] is expected


@pytest.mark.parametrize(("fact", "within"), ALL)
def test_every_fact_has_a_label_and_what_its_type_needs(fact: Fact, within: type) -> None:
    assert fact.label
    assert fact.type is not FactType.NUMBER or fact.unit or fact_named(within, f"{fact.name}_unit").required
    assert (fact.type is FactType.CHOICE) == bool(fact.choices)
    assert (fact.type is FactType.ROWS) == (fact.row is not None)
    assert fact.type is not FactType.EQUIPMENT or fact.register in CATEGORIES
    assert not fact.signed or fact.type is FactType.NUMBER


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_that_a_kind_adds_is_a_fact(kind: type[Entry]) -> None:
    added = {item.name for item in fields(kind)} - {item.name for item in fields(Entry)}
    assert {fact.name for fact in facts_of(kind)} == added


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_two_facts_of_a_kind_have_the_same_label(kind: type[Entry]) -> None:
    labels = [fact.label for fact in facts_of(kind)]
    assert len(set(labels)) == len(labels)


def test_speed_and_force_are_one_fact_entered_in_one_of_two_ways() -> None:
    group = [fact for fact in facts_of(CentrifugationRun) if fact.one_of]
    assert [fact.name for fact in group] == ["speed_rpm", "rcf_g"]
    assert not any(fact.required for fact in group)
