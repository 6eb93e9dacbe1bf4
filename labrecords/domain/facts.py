"""How a fact of a step is asked, stored and printed: declared once, beside the fact.

A step kind is a frozen dataclass; each of its fields carries a `Fact`. The table columns, the form, the page,
the printed record and the comparison of corrections are all made from these declarations.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from enum import Enum
from typing import Any

PLACE = "place"
"""The register of a text that names a place."""


class FactType(Enum):
    NUMBER = "number"  # Decimal, entered with a comma or a point
    WHOLE = "whole"  # a count: int, never negative
    CHOICE = "choice"  # one of `choices`
    TEXT = "text"  # one line
    NOTE = "note"  # several lines
    CODE = "code"  # a code that is scanned or typed
    MOMENT = "moment"  # an instant, stated in the laboratory's zone
    DATE = "date"  # a calendar day
    YESNO = "yesno"
    PERSON = "person"  # the id of a person
    EQUIPMENT = "equipment"  # the id of one registered version of a piece of equipment
    ROWS = "rows"  # several rows of facts of their own


@dataclass(frozen=True)
class Fact:
    name: str
    type: FactType
    label: str
    unit: str = ""
    """For numbers. Empty only where the unit is entered too, as the fact `NAME_unit`."""
    hint: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True
    past: bool = False
    """For days: whether it cannot lie in the future."""
    signed: bool = False
    """Whether a negative number is a possible fact (temperatures)."""
    register: str = ""
    """For equipment: its category. For a person: the role they must hold, or nothing. For a text: PLACE, or nothing."""
    row: builtins.type | None = None
    """For rows: the dataclass of one row."""
    new: bool = False
    """For codes: whether this step puts the code on a new container or sample, which must then tell it apart."""
    in_line: bool = False
    """For rows: whether rows of which a single column is answered are written in one line: the counts of squares."""
    one_of: str = ""
    """Name of a group of facts of which exactly one is entered."""
    private: bool = False
    """Whether what is typed may tell who the patient is: it is compared in the action, and its text is kept nowhere.
    What came of it is the fact."""
    both: bool = False
    """For such a group: whether all of it may be entered, so that one can be compared with the other."""


def _fact(type_: FactType, label: str, **more: Any) -> Any:
    required = more.get("required", True)
    spec = {"type_": type_, "label": label, **more}
    if type_ is FactType.ROWS:
        return field(default=(), metadata={"fact": spec})
    return field(metadata={"fact": spec}) if required else field(default=None, metadata={"fact": spec})


def number(label: str, unit: str, **more: Any) -> Any:
    return _fact(FactType.NUMBER, label, unit=unit, **more)


def whole(label: str, unit: str = "", **more: Any) -> Any:
    return _fact(FactType.WHOLE, label, unit=unit, **more)


def choice(label: str, choices: tuple[str, ...], **more: Any) -> Any:
    return _fact(FactType.CHOICE, label, choices=choices, **more)


def text(label: str, **more: Any) -> Any:
    return _fact(FactType.TEXT, label, **more)


def place(label: str, **more: Any) -> Any:
    """A place as it is called; the registered ones are offered, and any other can be stated."""
    return _fact(FactType.TEXT, label, register=PLACE, **more)


def note(label: str, **more: Any) -> Any:
    return _fact(FactType.NOTE, label, **more)


def code(label: str, **more: Any) -> Any:
    return _fact(FactType.CODE, label, **more)


def moment(label: str, **more: Any) -> Any:
    return _fact(FactType.MOMENT, label, **more)


def day(label: str, **more: Any) -> Any:
    return _fact(FactType.DATE, label, **more)


def yesno(label: str, **more: Any) -> Any:
    return _fact(FactType.YESNO, label, **more)


def person(label: str, role: str = "", **more: Any) -> Any:
    return _fact(FactType.PERSON, label, register=role, **more)


def equipment(label: str, category: str, **more: Any) -> Any:
    return _fact(FactType.EQUIPMENT, label, register=category, **more)


def rows(label: str, row: type, **more: Any) -> Any:
    return _fact(FactType.ROWS, label, row=row, **more)


def _declared(item: Field[Any]) -> Fact:
    spec = dict(item.metadata["fact"])
    return Fact(name=item.name, type=spec.pop("type_"), **spec)


_FACTS: dict[type, tuple[Fact, ...]] = {}


def facts_of(kind: type) -> tuple[Fact, ...]:
    """The facts of a step kind or of a row, in the order in which they are asked."""
    if kind not in _FACTS:
        _FACTS[kind] = tuple(_declared(item) for item in fields(kind) if "fact" in item.metadata)
    return _FACTS[kind]


def fact_at(kind: type, entry: str) -> Fact | None:
    """The fact, or the column of its rows, that an entry of a form takes: "harvest_ml", "sites-0-named"; else None."""
    first, *rest = entry.split("-")
    fact = next((one for one in facts_of(kind) if one.name == first), None)
    if fact is None or not rest:
        return fact
    return fact_at(fact.row, rest[-1]) if fact.row is not None and len(rest) == 2 else None


def stated_in(act: object) -> Iterator[tuple[Fact, Any]]:
    """Every fact of an act, or of a row of it, with its value; what stands in rows comes after the fact they are of."""
    for fact in facts_of(type(act)):
        value = getattr(act, fact.name)
        yield fact, value
        if fact.row is not None:
            for row in value or ():
                yield from stated_in(row)


def fact_named(kind: type, name: str) -> Fact:
    return next(fact for fact in facts_of(kind) if fact.name == name)
