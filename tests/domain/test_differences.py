"""What differs between two versions: any single change is found, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.processes.differences import Difference, differences
from labrecords.domain.processes.process import Process, Question, TimeLimit
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.processes.visits import Visit
from labrecords.domain.values.limits import Limit
from tests.support.clean import process_text

PLAIN = read_process(process_text())
OLD = replace(
    PLAIN,
    time_limits=(TimeLimit("harvest", "receipt", "To the laboratory", Decimal(60), Decimal(1)),),
    follow_up=(Visit("1 month", 30, 7),),
    additives=("albumin",),
    label_set=("syringe",),
    identity_checks=("release",),
    steps=(
        replace(PLAIN.steps[0], asks=Question("choice", "Colour", choices=("red", "yellow"))),
        *PLAIN.steps[1:],
    ),
)


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, Decimal)):
        return value + 1
    if isinstance(value, str):
        return "half-even" if value == "half-up" else value + "x"
    if isinstance(value, frozenset):
        return value | {"x"}
    if isinstance(value, tuple):
        return (*value, "x")
    return Decimal(7)


def changes(value: Any) -> Iterator[Any]:
    """Every version of a value in which one value within it is another."""
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            if item.name in ("text", "digest", "number"):
                continue
            for part in changes(getattr(value, item.name)):
                yield replace(value, **{item.name: part})
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: changed} for changed in changes(part))
            yield {name: held for name, held in value.items() if name != key}
        yield {**value, "new": Limit()}
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for index, part in enumerate(value):
            yield from ((*value[:index], changed, *value[index + 1 :]) for changed in changes(part))
            yield (*value[:index], *value[index + 1 :])
    elif isinstance(value, tuple) and len(value) == 2 and not any(isinstance(end, str) for end in value):
        low, high = value
        yield (Decimal(-1) if low is None else low - 1, high)
        yield (low, Decimal(10**12) if high is None else high + 1)
    elif value is None:
        yield Decimal(7)
    else:
        yield other(value)


EVERY: list[Process] = list(changes(OLD))


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == ()
    assert differences(OLD, replace(OLD, text="# another comment\n" + OLD.text, digest="0")) == ()


def test_any_single_change_is_found() -> None:
    unseen = [changed for changed in EVERY if not differences(OLD, changed) or not differences(changed, OLD)]
    assert unseen == []


def test_there_are_enough_changes_to_find() -> None:
    assert len(EVERY) > 600


@given(st.permutations(range(6)))
def test_any_other_order_is_found_and_none_is_invented(order: list[int]) -> None:
    steps = (
        tuple(replace(OLD.steps[old], number=new) for new, old in enumerate(order, start=1)) + OLD.steps[6:]
    )
    found = differences(OLD, replace(OLD, steps=steps))
    assert bool(found) == (order != sorted(order))
    assert {item.label for item in found} <= {"place"}


def test_a_step_that_was_moved_is_named_once() -> None:
    steps = (OLD.steps[1], OLD.steps[2], OLD.steps[0], *OLD.steps[3:])
    assert differences(OLD, replace(OLD, steps=steps)) == (Difference("step order", "place", "1", "3"),)


def test_a_limit_is_named_by_its_range() -> None:
    new = read_process(
        process_text(('alert = ["80", ""], acceptance = ["70", "100"]', 'acceptance = ["75", "100"]'))
    )
    assert differences(PLAIN, new) == (
        Difference("result viability_percent", "limit.alert", "80 to open", ""),
        Difference("result viability_percent", "limit.acceptance", "70 to 100", "75 to 100"),
    )


@pytest.mark.parametrize(("before", "after"), [(("a | b",), ("a", "b")), (("1",), ("1.0",))])
def test_lists_that_read_alike_still_differ(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    assert differences(replace(OLD, additives=before), replace(OLD, additives=after))


def test_of_the_sources_only_those_that_left_or_came_are_told_each_by_itself() -> None:
    found = differences(
        replace(OLD, sources=("Kept", "Left", "Kept too")), replace(OLD, sources=("Kept", "Kept too", "Came"))
    )
    assert found == (
        Difference("process", "sources", "Left", ""),
        Difference("process", "sources", "", "Came"),
    )


def test_sources_in_another_order_are_told_as_a_whole() -> None:
    found = differences(replace(OLD, sources=("A", "B")), replace(OLD, sources=("B", "A", "C")))
    assert found == (Difference("process", "sources", "A | B", "B | A | C"),)


def test_decimals_of_a_number_are_a_difference() -> None:
    found = differences(replace(OLD, max_age_h=Decimal("4")), replace(OLD, max_age_h=Decimal("4.0")))
    assert found == (Difference("process", "max_age_h", "4", "4.0"),)
