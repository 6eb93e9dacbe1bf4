"""Places in places: site, room, fridge, shelf, box, position. Each version of a place says in which other one it is.

What a place does not state of its temperature holds as the place says in which it stands (21 CFR 1271.260(a), (e)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.excursions import Range, range_or_none
from labrecords.domain.registers.equipment import CATEGORY, PLACES
from labrecords.domain.registers.places import called, is_called, place_key
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import Equipment

POSITION = "position"
"""The category that takes one container, where nothing else is stated."""
DEEPEST = 12
"""Places stand in each other no deeper than this: further up nothing is looked for."""


def up_from(register: Sequence[Equipment], text: str) -> Iterator[Equipment]:
    """The place that is called so, the one in which it stands, and so on. `register` has one version of each."""
    for _ in range(DEEPEST):
        found = next((item for item in register if is_called(item, text)), None)
        if found is None:
            return
        yield found
        text = found.place
        if not text:
            return


def stands_in_itself(register: Sequence[Equipment], item: Equipment) -> bool:
    """Whether a version of a place would stand, by way of others, in the place itself."""
    others = [other for other in register if other.code != item.code]
    return any(
        is_called(item, item.place) or is_called(item, above.place) for above in up_from(others, item.place)
    ) or (bool(item.place) and is_called(item, item.place))


def at_instant(register: Sequence[Equipment], at: datetime) -> list[Equipment]:
    """Of each place the version that was registered at an instant."""
    codes, end = {item.code for item in register if item.category in PLACES}, times.end_of_minute(at)
    # One pass for all of them: a batch that was put away often asks for each time.
    newest = {item.code: item for item in register if item.code in codes and item.registered_at <= end}
    return [newest[code] for code in sorted(newest)]


def range_kept(register: Sequence[Equipment], text: str, at: datetime) -> Range | None:
    """Between which temperatures a place kept what lay in it at an instant; None where nobody stated it."""
    for item in up_from(at_instant(register, at), text):
        if found := range_or_none(_number(item.low_c), _number(item.high_c)):
            return found
    return None


def kept_alike(register: Sequence[Equipment], text: str, at: datetime) -> frozenset[str]:
    """Codes and names, as `place_key` compares them, of a place and of all in it that keep at its temperatures.

    What states temperatures of its own, a fridge in a room, is another store, with what stands in it.
    """
    alike = [
        item
        for item in at_instant(register, at)
        if is_called(item, text) or (item.low_c is None and item.high_c is None)
    ]
    return inside(alike, text)


def owner_of(register: Sequence[Equipment], text: str, at: datetime) -> str:
    """Who answered for what a place kept at an instant: its own owner, or that of the place around it; or empty."""
    return next((item.owner for item in up_from(at_instant(register, at), text) if item.owner), "")


def known_as(register: Sequence[Equipment], text: str) -> frozenset[str]:
    """Every code and name, as `place_key` compares them, of the places that were ever called so; and the text."""
    codes = {item.code for item in register if is_called(item, text)}
    return _names(text, (item for item in register if item.code in codes))


def inside(register: Sequence[Equipment], text: str) -> frozenset[str]:
    """Codes and names, as `place_key` compares them, of a place and of all that stands in it. `register` has one
    version of each."""
    found = [item for item in register if is_called(item, text)]
    for _ in range(DEEPEST):
        found += [
            item
            for item in register
            if item.category in PLACES
            and item not in found
            and any(is_called(above, item.place) for above in found)
        ]
    return _names(text, found)


def _names(text: str, places: Iterable[Equipment]) -> frozenset[str]:
    """This text, and code and name of each of these places, as `place_key` compares them."""
    return frozenset(map(place_key, (text, *(name for item in places for name in (item.code, called(item))))))


def registered_within(
    register: Sequence[Equipment], start: datetime, end: datetime | None
) -> tuple[datetime, ...]:
    """When a place was registered, or registered anew, after one instant and before the other (None: it lasts)."""
    found = {item.registered_at for item in register if item.category in PLACES}
    return tuple(at for at in sorted(found) if start < at and (not end or at < end))


def takes(item: Equipment) -> int | None:
    """How many containers a place takes; None where there is no limit."""
    return item.capacity if item.capacity is not None else 1 if item.category == POSITION else None


def levels(register: Sequence[Equipment]) -> Iterator[tuple[int, Equipment]]:
    """The places in use as a tree, written down from the top: how deep each stands, and the place."""
    places = sorted((item for item in register if item.category in PLACES), key=lambda item: item.code)
    within: dict[str, list[Equipment]] = {}
    for item in places:
        above = next((other for other in places if other is not item and is_called(other, item.place)), None)
        within.setdefault(above.code if above else "", []).append(item)

    def below(code: str, deep: int) -> Iterator[tuple[int, Equipment]]:
        for item in within.get(code, ()):
            yield deep, item
            if deep < DEEPEST:
                yield from below(item.code, deep + 1)

    return below("", 0)


def words(item: Equipment) -> str:
    """What a place is: "fridge FR-1"."""
    name = called(item)
    return f"{CATEGORY[item.category].word} {item.code}" + (f", {name}" if name != item.code else "")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
