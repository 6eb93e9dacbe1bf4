"""What differs between two versions of a process, value by value. Comments and layout of the texts are not compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from labrecords.domain.processes.process import Process
from labrecords.domain.values.numbers import plain

_PARTS = ("steps", "results", "time_limits", "follow_up")
"""Parts that are lists of tables: compared by what names each."""
_OF_THE_TEXT = ("text", "digest")
_LONG_TEXTS = ("sources",)
"""Lists of sentences, which nobody can compare as one cell."""
PLACE, THERE = "place", "is there"
"""Names of what is no value of the text: where a step or result stands, and that it is there at all."""


@dataclass(frozen=True)
class Difference:
    """One value that is not the same. Empty where a version has none."""

    where: str
    """"process", "step harvest", "result viable_dose", "time limit harvest to receipt", "visit 1 year", or "yield"."""
    label: str
    """The name of the value as the text has it: "limits.total_volume_ml.soft"."""
    before: str
    after: str


def differences(old: Process, new: Process) -> tuple[Difference, ...]:
    """Every difference: head, steps by their key and their place, results, time limits, visits, yields, lists."""
    before, after = _values(old), _values(new)
    found = [
        Difference(*place, *pair)
        for place in [*before, *(place for place in after if place not in before)]
        if _compared(before.get(place)) != _compared(after.get(place))
        for pair in _pairs(place[1], before.get(place), after.get(place))
    ]
    steps = [step.key for step in old.steps], [step.key for step in new.steps]
    results = [spec.key for spec in old.results], [spec.key for spec in new.results]
    for name, (was, now) in (("step", steps), ("result", results)):
        found += [
            Difference(f"{name} {key}", PLACE, str(was.index(key) + 1), str(now.index(key) + 1))
            for key in _moved(was, now)
        ]
    return tuple(found)


def _values(process: Process) -> dict[tuple[str, str], Any]:
    """Every value of a process, by its place and name."""
    found: dict[tuple[str, str], Any] = {}
    for item in fields(process):
        if item.name not in (*_OF_THE_TEXT, *_PARTS):
            where, name = ("yield", "") if item.name == "yields" else ("process", item.name)
            found |= {(where, label): value for label, value in _flat(name, getattr(process, item.name))}
    for where, part in _named(process):
        found[where, THERE] = True
        found |= {(where, label): value for label, value in _flat("", part) if label != "number"}
    return found


def _named(process: Process) -> Iterator[tuple[str, Any]]:
    yield from ((f"step {step.key}", step) for step in process.steps)
    yield from ((f"result {spec.key}", spec) for spec in process.results)
    yield from ((f"time limit {limit.start} to {limit.end}", limit) for limit in process.time_limits)
    yield from ((f"visit {visit.name}", visit) for visit in process.follow_up)


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values within a value, each by its dotted name. Nothing is left out."""
    inner = f"{name}." if name else ""
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from _flat(inner + item.name, getattr(value, item.name))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield f"{inner}{key}", True
            yield from _flat(inner + str(key), part)
    else:
        yield name, value


def _compared(value: Any) -> tuple[Any, str]:
    """Numbers differ also in their decimals, as 1.0 and 1; lists also where their words are the same."""
    return value, _words(value)


def _pairs(name: str, before: Any, after: Any) -> list[tuple[str, str]]:
    """A value before and after in words. Of long texts in a list only those that left or came, each by itself."""
    if name in _LONG_TEXTS and before and after:
        left, came = (
            [item for item in before if item not in after],
            [item for item in after if item not in before],
        )
        stayed = [item for item in before if item in after]
        if (left or came) and stayed == [item for item in after if item in before]:
            return [*((item, "") for item in left), *(("", item) for item in came)]
    return [(_words(before), _words(after))]


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, (set, frozenset)):
        return ", ".join(sorted(value))
    if (
        isinstance(value, tuple)
        and len(value) == 2
        and all(item is None or isinstance(item, Decimal) for item in value)
    ):
        ends = [_words(item) or "open" for item in value]
        return " to ".join(ends) if ends != ["open", "open"] else ""
    if isinstance(value, tuple):
        return " | ".join(map(_words, value))
    return str(value)


def _moved(old: list[str], new: list[str]) -> list[str]:
    """The fewest steps of both versions that must be taken elsewhere to turn one order into the other."""
    places = {key: index for index, key in enumerate(new)}
    common = [key for key in old if key in places]
    longest: list[list[str]] = []
    for index, key in enumerate(common):
        before = [longest[other] for other in range(index) if places[common[other]] < places[key]]
        longest.append([*_longest(before), key])
    kept = set(_longest(longest))
    return [key for key in common if key not in kept]


def _longest(lists: list[list[str]]) -> list[str]:
    return max(lists, key=lambda one: len(one)) if lists else []
