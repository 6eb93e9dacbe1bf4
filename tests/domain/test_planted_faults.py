"""Long sound runs with one fault planted in each: the walk names that fault, once, and nothing else before or after."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from labrecords.domain.custody import holders
from labrecords.domain.custody.chain import walk
from labrecords.domain.custody.events import (
    Collected,
    CustodyEvent,
    Declined,
    Discarded,
    Drawn,
    Filled,
    HandedOver,
    Injected,
    LabelledOver,
    Offered,
    Pooled,
    PutAway,
    TakenOut,
)
from labrecords.domain.custody.holders import CustodyBreak

BEGIN = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
"""The night in which clocks are set back in Europe."""
TOLERANCE = timedelta(minutes=5)
PEOPLE, PLACES = ("ana", "bo", "cy", "di"), ("theatre", "lab", "hatch")
LENGTH, RUNS = 40, 15


@dataclass
class Held:
    """Where one container really is."""

    holder: str
    place: str
    seal: str
    since: datetime
    left_ml: Decimal
    stored: bool = False
    offered_to: str = ""


@dataclass
class Bench:
    """People who do everything right, and what they record of it."""

    chance: random.Random
    at: datetime = BEGIN
    held: dict[str, Held] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    events: list[CustodyEvent] = field(default_factory=list)

    @property
    def source(self) -> str:
        return f"act-{len(self.events)}"

    def code(self) -> str:
        return f"C-{len(self.held) + len(self.over)}"

    def one(self, *, stored: bool = False) -> str:
        """A container that somebody holds, or that is in store; a new one where there is none."""
        there = [code for code, item in self.held.items() if item.stored is stored]
        if not there:
            code = self.collect()
            if stored:
                self.put(code)
            return code
        return self.chance.choice(there)

    def other(self, *than: str) -> str:
        return self.chance.choice([name for name in PEOPLE if name not in than])

    def tick(self, minutes: int = 0) -> None:
        self.at += timedelta(minutes=minutes or self.chance.choice((10, 25, 300)))

    def collect(self) -> str:
        code, person = self.code(), self.chance.choice(PEOPLE)
        self.tick()
        self.events.append(
            Collected(
                at=self.at,
                container=code,
                person=person,
                source=self.source,
                place="theatre",
                seal=f"S{code}",
            )
        )
        self.held[code] = Held(person, "theatre", f"S{code}", self.at, Decimal(100))
        return code

    def give(
        self, code: str, *, giver: str = "", to: str = "", given: float = 1, place: str = "", seal: str | None = None,
        whole: bool = True, after: int = 0,
    ) -> None:  # fmt: skip
        item = self.held[code]
        giver, place = giver or item.holder, place or item.place
        to = to or item.offered_to or self.other(giver)
        self.tick(after)
        where = self.chance.choice(PLACES)
        seal = item.seal if seal is None else seal
        self.events.append(
            HandedOver(
                at=self.at,
                container=code,
                person=to,
                source=self.source,
                giver=giver,
                given_at=self.at - timedelta(minutes=given),
                place_from=place,
                place_to=where,
                seal=seal,
                seal_whole=whole,
            )
        )
        self.held[code] = Held(to, where, seal, self.at, item.left_ml)

    def offer(self, code: str, *, by: str = "") -> None:
        item = self.held[code]
        item.holder, item.offered_to = by or item.holder, self.other(by or item.holder)
        item.place = self.chance.choice(PLACES)
        self.tick()
        self.events.append(
            Offered(
                at=self.at,
                container=code,
                person=item.holder,
                source=self.source,
                receiver=item.offered_to,
                place=item.place,
                seal=item.seal,
            )
        )

    def refuse(self, code: str) -> None:
        item = self.held[code]
        self.tick()
        self.events.append(
            Declined(
                at=self.at,
                container=code,
                person=item.offered_to,
                source=self.source,
                giver=item.holder,
                why="Warm.",
            )
        )
        item.offered_to = ""

    def put(self, code: str, *, by: str = "") -> None:
        item = self.held[code]
        self.tick()
        by = by or item.holder
        self.events.append(PutAway(at=self.at, container=code, person=by, source=self.source, place="fridge"))
        self.held[code] = Held(by, "fridge", item.seal, self.at, item.left_ml, stored=True)

    def take(self, code: str, *, place: str = "fridge") -> None:
        item, person = self.held[code], self.chance.choice(PEOPLE)
        self.tick()
        self.events.append(
            TakenOut(at=self.at, container=code, person=person, source=self.source, place=place)
        )
        self.held[code] = Held(person, place, item.seal, self.at, item.left_ml)

    def fill(self, code: str, *, into: str = "", volume: Decimal = Decimal(5), emptied: bool = False) -> None:
        item = self.held[code]
        self.tick()
        person = self.chance.choice(PEOPLE) if item.stored else item.holder
        into = into or self.code()
        self.events.append(
            Filled(
                at=self.at,
                container=into,
                person=person,
                source=self.source,
                origin=code,
                emptied=emptied,
                volume_ml=volume,
            )
        )
        item.holder, item.stored = person, False
        item.left_ml -= volume
        self.held[into] = Held(person, item.place, "", self.at, volume)
        if emptied:
            self.end(code)

    def pour(self, *out_of: str, into: str = "", volume: Decimal = Decimal(5)) -> None:
        """All of them held by the first one's holder, in its place; what is drained to the last drop has ended."""
        self.tick()
        first = self.held[out_of[0]]
        person = self.chance.choice(PEOPLE) if first.stored else first.holder
        drawn = tuple(
            Drawn(code, volume, max(self.held[code].left_ml - volume, Decimal(0))) for code in out_of
        )
        into = into or self.code()
        self.events.append(
            Pooled(
                at=self.at,
                container=into,
                person=person,
                source=self.source,
                out_of=drawn,
                volume_ml=volume * len(out_of),
            )
        )
        for one in drawn:
            self.held[one.container].left_ml -= volume
            self.held[one.container].stored = False
            if one.emptied:
                self.end(one.container)
        self.held[into] = Held(person, first.place, "", self.at, volume * len(out_of))

    def label(self, code: str, *, new: str = "") -> None:
        """The same container, under another code."""
        self.tick()
        new = new or self.code()
        person = self.held[code].holder
        self.events.append(
            LabelledOver(at=self.at, container=code, person=person, source=self.source, code=new)
        )
        self.held[new] = self.held[code]
        self.end(code)

    def pair(self) -> tuple[str, str]:
        """Two containers in one hand and one place: two parts of one."""
        code = self.collect()
        self.fill(code, volume=Decimal(10))
        one = next(reversed(self.held))
        self.fill(code, volume=Decimal(5))
        return one, next(reversed(self.held))

    def end(self, code: str) -> None:
        del self.held[code]
        self.over.append(code)

    def finish(self, code: str, *, injected: bool) -> None:
        item = self.held[code]
        self.tick()
        act = (self.at, code, item.holder, self.source)
        self.events.append(
            Injected(at=act[0], container=act[1], person=act[2], source=act[3])
            if injected
            else Discarded(at=act[0], container=act[1], person=act[2], source=act[3])
        )
        self.end(code)

    def anything(self) -> None:
        """One act that is sound."""
        kind = self.chance.choice(
            ("give", "give", "offer", "put", "take", "fill", "fill", "pour", "label", "finish", "collect")
        )
        code = self.one(stored=kind == "take")
        if kind == "give":
            self.give(code)
        elif kind == "offer":
            self.offer(code)
        elif kind == "put":
            self.put(code)
        elif kind == "take":
            self.take(code)
        elif kind == "fill" and self.held[code].left_ml >= 5:
            self.fill(code, emptied=self.chance.random() < 0.3)
        elif kind == "pour":
            self.pour(*self.pair())
        elif kind == "label":
            self.label(code)
        elif kind == "finish":
            self.finish(code, injected=self.chance.random() < 0.5)
        else:
            self.collect()

    def breaks(self) -> tuple[CustodyBreak, ...]:
        return walk(self.events, tolerance=TOLERANCE, name=str.capitalize, same_person=str.__eq__).breaks


def _known_volume(bench: Bench) -> str:
    code = bench.collect()
    bench.fill(code)
    return next(reversed(bench.held))


def _poured_apart(bench: Bench) -> None:
    one, other = bench.pair()
    bench.give(other)
    if bench.held[other].holder == bench.held[one].holder:
        bench.give(other)
    bench.pour(one, other)


def _poured_in_two_places(bench: Bench) -> None:
    """The giver offers one of two: it waits elsewhere, and is still theirs."""
    one, other = bench.pair()
    bench.offer(other)
    while bench.held[other].place == bench.held[one].place:
        bench.offer(other)
    bench.pour(one, other)


def _poured_in_store(bench: Bench) -> None:
    one, other = bench.pair()
    bench.put(other)
    bench.pour(one, other)


def _poured_after_the_end(bench: Bench) -> None:
    one, other = bench.pair()
    item = bench.held[other]
    bench.finish(other, injected=False)
    bench.over.remove(other)
    bench.held[other] = item
    bench.pour(one, other)


def _old_code(bench: Bench) -> None:
    """Given away by the label that was there before."""
    code = bench.collect()
    bench.label(code)
    new = next(reversed(bench.held))
    bench.held[code] = bench.held[new]
    bench.over.remove(code)
    bench.give(code)
    bench.held[new] = bench.held[code]
    bench.end(code)


def _label_in_use(bench: Bench) -> None:
    """Labelled over with a code that another container has: each goes on under its own."""
    one, other = bench.collect(), bench.collect()
    kept = bench.held[other]
    bench.label(one, new=other)
    bench.held[one], bench.held[other] = bench.held[other], kept
    bench.over.remove(one)


def _offered(bench: Bench) -> str:
    code = bench.collect()
    bench.offer(code)
    return code


def _ended(bench: Bench) -> None:
    code = bench.collect()
    item = bench.held[code]
    bench.finish(code, injected=True)
    bench.over.remove(code)
    bench.held[code] = item
    bench.put(code)


def _never_filled(bench: Bench) -> None:
    code = bench.code()
    bench.held[code] = Held("ana", "", "", bench.at, Decimal(100))
    bench.put(code)


FAULTS: dict[str, tuple[str, Callable[[Bench], object]]] = {
    "given by another than its holder": (
        holders.HOLDER,
        lambda b: b.give(code := b.collect(), giver=b.other(b.held[code].holder)),
    ),
    "put away by another": (
        holders.HOLDER,
        lambda b: b.put(code := b.collect(), by=b.other(b.held[code].holder)),
    ),
    "offered by another": (
        holders.HOLDER,
        lambda b: b.offer(code := b.collect(), by=b.other(b.held[code].holder)),
    ),
    "held by nobody for nine minutes": (holders.GAP, lambda b: b.give(b.collect(), given=9)),
    "received before it was given": (holders.BACKWARD, lambda b: b.give(b.collect(), given=-2)),
    "given before its giver had it": (holders.OVERLAP, lambda b: b.give(b.collect(), after=1, given=3)),
    "given in another place": (holders.PLACE, lambda b: b.give(b.collect(), place="street")),
    "its seal broken": (holders.SEAL, lambda b: b.give(b.collect(), whole=False)),
    "its seal another one": (holders.SEAL_CHANGED, lambda b: b.give(b.collect(), seal="S-other")),
    "given out of the fridge": (holders.PLACE, lambda b: b.give(b.one(stored=True))),
    "filled from in the fridge": (holders.PLACE, lambda b: b.fill(b.one(stored=True), volume=Decimal(0))),
    "taken out where nobody had put it": (holders.PLACE, lambda b: b.take(b.collect())),
    "taken out of another place": (holders.PLACE, lambda b: b.take(b.one(stored=True), place="shelf")),
    "taken by another than it was offered to": (
        holders.RECEIVER,
        lambda b: b.give(code := _offered(b), to=b.other(b.held[code].offered_to, b.held[code].holder)),
    ),
    "refused": (holders.REFUSED, lambda b: b.refuse(_offered(b))),
    "more taken out than was in": (holders.OVERDRAWN, lambda b: b.fill(_known_volume(b), volume=Decimal(6))),
    "poured together out of two hands": (holders.HOLDER, _poured_apart),
    "poured together in two places": (holders.PLACE, _poured_in_two_places),
    "poured together with one in the fridge": (holders.PLACE, _poured_in_store),
    "poured together with one that was destroyed": (holders.ENDED, _poured_after_the_end),
    "more poured than was in": (holders.OVERDRAWN, lambda b: b.pour(*b.pair(), volume=Decimal(6))),
    "poured into one that is full": (holders.FILLED_TWICE, lambda b: b.pour(*b.pair(), into=b.collect())),
    "given away under a code that was labelled over": (holders.ENDED, _old_code),
    "labelled over with a code in use": (holders.FILLED_TWICE, _label_in_use),
    "filled into one that is full": (holders.FILLED_TWICE, lambda b: b.fill(b.collect(), into=b.collect())),
    "put away after it was injected": (holders.ENDED, _ended),
    "never filled": (holders.UNKNOWN, _never_filled),
}


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_sound_run_has_no_fault(seed: int) -> None:
    bench = Bench(random.Random(seed))
    while len(bench.events) < 3 * LENGTH:
        bench.anything()
    assert bench.breaks() == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_named_once_and_as_what_it_is(fault: str) -> None:
    rule, plant = FAULTS[fault]
    for seed in range(RUNS):
        bench = Bench(random.Random(seed))
        while len(bench.events) < LENGTH // 2:
            bench.anything()
        plant(bench)
        at_fault = bench.events[-1].source
        while len(bench.events) < LENGTH:
            bench.anything()
        assert [(item.rule, item.step_key) for item in bench.breaks()] == [(rule, at_fault)], seed
