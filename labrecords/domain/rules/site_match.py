"""Places on the body: which of them no body has, and which are not what was ordered (domain 2.7, B1, B20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING, Protocol, TypeVar

from labrecords.domain.entries import Stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.steps.order import Order, Target
from labrecords.domain.values.spine import compared_name, is_transitional, sides_of

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

WRONG_SITE = "wrong site"
Part = tuple[str, str, str, str]
"""Structure, its name where there are many, level, side."""


class Place(Protocol):
    """Anything that names a place: a target, what is to be injected at the bedside, an injected site."""

    @property
    def structure(self) -> str: ...
    @property
    def named(self) -> str | None: ...
    @property
    def level(self) -> str: ...
    @property
    def side(self) -> str: ...
    def words(self) -> str: ...


Sited = TypeVar("Sited", bound=Place)


def ordered_targets(record: BatchRecord) -> tuple[Target, ...]:
    """What was ordered: of the order that the batch was opened from, else as the order check states it."""
    given = [target for order in record.orders for target in order.targets]
    stated = [target for order in record.of_kind(Order) for target in order.targets]
    return tuple(given or stated)


def site_stops(record: BatchRecord, places: Iterable[Place]) -> tuple[Stop, ...]:
    """A critical stop for each place that was not ordered: which side, level or name was, where that is what differs.

    Of ligaments, muscles and other joints there are many: the name is compared too. An order from before names were
    asked has none, and says nothing of it.
    """
    targets = ordered_targets(record)
    ordered = parts_of(*targets)
    return tuple(
        _stop(place, targets) for place in places if targets and not covers(ordered, parts_of(place))
    )


def transitional_remarks(places: Iterable[Place]) -> tuple[Remark, ...]:
    """A transitional level is counted differently by different people: whoever injects counts again."""
    levels = dict.fromkeys(place.level for place in places if is_transitional(place.level))
    return tuple(
        Remark(
            "transitional level",
            f"{level}: vertebrae can be counted in two ways here.",
            "Count them again on the images, as whoever ordered it did.",
        )
        for level in levels
    )


def not_injected(record: BatchRecord, places: Iterable[Place]) -> tuple[Target, ...]:
    """The ordered targets of which a side was not injected."""
    given = parts_of(*places)
    return tuple(
        target
        for target in ordered_targets(record)
        if not parts_of(target) <= (given if target.named else {_nameless(part) for part in given})
    )


def compared(
    targets: Iterable[Target], places: Sequence[Sited]
) -> tuple[tuple[tuple[Target, ...], tuple[Sited, ...]], ...]:
    """The ordered targets with what was injected there. Those that one injected place covers together stay together."""
    targets = tuple(targets)
    groups: list[set[Part]] = []
    everywhere: list[Place] = [*targets, *places]
    for place in everywhere:
        mine = parts_of(place)
        touched = [group for group in groups if group & mine]
        groups = [group for group in groups if not group & mine] + [mine.union(*touched)]
    return tuple(
        (
            tuple(target for target in targets if parts_of(target) <= group),
            tuple(place for place in places if parts_of(place) <= group),
        )
        for group in groups
    )


def unchecked_places(injected: Iterable[Place], checked: Iterable[Place]) -> tuple[str, ...]:
    """The injected places, in words, that are none of those which were checked."""
    known = parts_of(*checked)
    return tuple(dict.fromkeys(place.words() for place in injected if not covers(known, parts_of(place))))


def place_of(place: Place) -> Part:
    """The place with its word for a side, as two places are compared."""
    return (place.structure, compared_name(place.structure, place.named), place.level, place.side)


def parts_of(*places: Place) -> set[Part]:
    """The single places that places with their words for a side mean: both sides are two."""
    return {(*place_of(place)[:3], side) for place in places for side in sides_of(place.side)}


def covers(known: Set[Part], parts: Iterable[Part]) -> bool:
    """Whether all of these are among the known places. One that is known without a name is it by any name."""
    return all(part in known or _nameless(part) in known for part in parts)


def _nameless(part: Part) -> Part:
    structure, _, level, side = part
    return (structure, "", level, side)


def _stop(place: Place, targets: tuple[Target, ...]) -> Stop:
    alike = [target for target in targets if target.structure == place.structure]
    mine = compared_name(place.structure, place.named)
    here = [one for one in alike if compared_name(one.structure, one.named) in ("", mine)]
    near = [target for target in here if target.level == place.level]
    if alike and not here:
        names = dict.fromkeys(target.named for target in alike if target.named)
        wrong = f"Wrong {place.structure.split()[-1]} ({' or '.join(names)} is ordered)"
        here = alike
    elif near:
        wrong = f"Wrong side ({' or '.join(target.side for target in near)} is ordered there)"
    elif here:
        levels = dict.fromkeys(target.level for target in here)
        wrong = f"Wrong level ({' or '.join(levels)} is ordered)"
    else:
        wrong = "Wrong structure"
    return Stop(
        rule=WRONG_SITE,
        sentence=f"{wrong}: {place.words()} is not among the ordered targets.",
        way_out="Stop. Compare with the order, the consent and the mark on the skin.",
        critical=True,
        expected="; ".join(target.words() for target in near or here or targets),
        found=place.words(),
    )
