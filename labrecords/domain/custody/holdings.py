"""Where each container stands along a walk of custody, and what is written down of it: stretches, and breaks.

The walk (chain.py) says what each event means; here it is said how a container is found, held, emptied and ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from labrecords.domain.custody.events import (
    CustodyEvent,
    Declined,
    Filled,
    HandedOver,
    Offered,
    Pooled,
    TakenOut,
)
from labrecords.domain.custody.holders import (
    ENDED,
    FILLED_TWICE,
    HOLDER,
    IN_STORE,
    OVERDRAWN,
    PLACE,
    SEAL_CHANGED,
    UNKNOWN,
    Chain,
    CustodyBreak,
    Segment,
    other_place,
)
from labrecords.domain.values import codes
from labrecords.domain.values.numbers import plain


@dataclass
class Holding:
    """Where one container stands in the walk."""

    code: str
    holder: str
    """Id of the person who holds it, or who put it away."""
    since: datetime
    place: str
    seal: str = ""
    """Number of its seal, as far as it was stated."""
    seal_words: str = ""
    temperature_c: Decimal | None = None
    stored: bool = False
    """Whether the place keeps it, and no person."""
    left_ml: Decimal | None = None
    """What is left in it; None where nobody stated how much there was."""
    gone_into: tuple[str, ...] = ()
    """The containers that were filled from it, as far as they went."""
    ended: str = ""
    """What put an end to it, in words."""
    assumed: bool = False
    """Whether the holder follows from an act of theirs alone: nobody gave it to them."""
    offer: Offered | None = None
    """The offer that nobody has answered yet."""
    begun_by: str = ""
    """Key of the step with which the present holder got it."""
    labels: str = ""
    """Which codes it had since the present holder got it, in words."""


@dataclass
class Holdings:
    """Every container of one walk, by its code."""

    tolerance: timedelta
    name: Callable[[str], str]
    same_person: Callable[[str, str], bool]
    containers: dict[str, Holding] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    breaks: list[CustodyBreak] = field(default_factory=list)
    source: str = ""
    """Key of the step whose event is taken now; empty at the end."""
    later: dict[str, str] = field(default_factory=dict)
    """Each code that was labelled over, with the one since."""

    def chain(self) -> Chain:
        self.source = ""
        for item in self.containers.values():
            if not item.ended:
                self.close(item, None)
        offers = tuple(item.offer for item in self.containers.values() if item.offer and not item.ended)
        return Chain(tuple(sorted(self.segments, key=lambda one: one.start)), tuple(self.breaks), offers)

    def known(self, container: str) -> Holding | None:
        key = codes.normalise(container)
        while key in self.later:
            key = self.later[key]
        return self.containers.get(key)

    def filled_before(self, event: CustodyEvent) -> bool:
        """Whether its code stood on another container already: a break."""
        if self.known(event.container) is None:
            return False
        self.broken(event, FILLED_TWICE, "It was filled before: one code stands for one container.")
        return True

    def ready(self, event: CustodyEvent, container: str, by: str = "") -> Holding:
        """The container, where it can still be acted upon. One that was never filled is a break, and begins here."""
        item = self.known(container)
        if item is None:
            self.broken(event, UNKNOWN, f"Nothing was ever recorded to be in {container}.")
            kept = isinstance(event, TakenOut)
            place = event.place if isinstance(event, TakenOut) else ""
            item = Holding(container, by or event.person, event.began_at, place, stored=kept)
            self.containers[codes.normalise(container)] = item
        elif item.ended:
            self.broken(event, ENDED, f"Something was done with {item.code} after {item.ended}.")
        elif codes.normalise(container) in self.later:
            sentence = f"Something was done with {container} after it had been labelled over as {item.code}."
            self.broken(event, ENDED, sentence)
        return item

    def at_hand(self, event: CustodyEvent, container: str, by: str = "", did: str = "") -> Holding:
        """The container in somebody's hands; a break where it still lay in its place, or where another one held it."""
        item = self.ready(event, container, by)
        if item.ended:
            return item
        if item.stored:
            self.broken(event, PLACE, lay_in(item))
            self.go_on(item, event, by or event.person)
        elif by and not self.same_person(item.holder, by):
            sentence = f"{self.name(by)} {did} what {self.name(item.holder)} held."
            self.broken(event, HOLDER, sentence, event.began_at, event.at, item.holder)
            self.go_on(item, event, by)
        return item

    def go_on(self, item: Holding, event: CustodyEvent, holder: str) -> None:
        """Who acted had it in hand, as they stated: the fault is told, and not again at every later act."""
        begun = max(item.since, event.began_at)
        self.close(item, begun)
        item.holder, item.since, item.stored, item.assumed = holder, begun, False, True
        item.begun_by = event.source

    def emptied(self, event: CustodyEvent, item: Holding) -> None:
        """With the container that the event is about, all of it has gone into others."""
        into = ", ".join(codes.each_once(item.gone_into))
        self.close(item, event.at, f"all of it went into {into}")
        item.ended, item.offer = f"all of it had gone into {into}", None

    def judge_together(self, event: CustodyEvent, first: Holding, other: Holding) -> None:
        """Two containers that were poured together: held by one person, in one place."""
        if not self.same_person(first.holder, other.holder):
            one, two = (f"{self.name(item.holder)} held {item.code}" for item in (first, other))
            sentence = f"{one} and {two}: nobody recorded who gave the other theirs."
            self.broken(event, HOLDER, sentence, event.at, event.at, first.holder, other.holder)
        elif other.place and other_place(first.place, other.place):
            sentence = f"{first.code} was in {first.place} and {other.code} in {other.place}"
            self.broken(event, PLACE, f"{sentence}: nobody recorded how they came together.")

    def draw(self, event: CustodyEvent, item: Holding, volume_ml: Decimal | None) -> None:
        """Take a volume out of a container; a break where there was less in it. Nobody knows then what is left."""
        if item.ended:
            return
        if item.left_ml is None or volume_ml is None:
            item.left_ml = None
        elif volume_ml > item.left_ml:
            sentence = f"{plain(volume_ml)} mL were taken out of {item.code}, and {plain(item.left_ml)} mL were in it."
            self.broken(event, OVERDRAWN, sentence)
            item.left_ml = None
        else:
            item.left_ml -= volume_ml

    def judge_seal(self, event: CustodyEvent, item: Holding, seal: str) -> None:
        if seal and item.seal and codes.normalise(seal) != codes.normalise(item.seal):
            sentence = f"The seal is {seal}, and was {item.seal} before: nobody recorded changing it."
            self.broken(event, SEAL_CHANGED, sentence, event.at)

    def open(
        self,
        event: CustodyEvent,
        holder: str,
        place: str,
        *,
        seal: str = "",
        left_ml: Decimal | None = None,
    ) -> None:
        key = codes.normalise(event.container)
        self.later.pop(key, None)
        if before := self.containers.get(key):
            self.close(before, event.at)
        item = Holding(event.container, holder, event.at, place, seal, seal, None, left_ml=left_ml)
        item.begun_by = event.source
        self.containers[key] = item

    def hold(
        self,
        item: Holding,
        event: CustodyEvent,
        place: str,
        temperature_c: Decimal | None,
        *,
        stored: bool = False,
    ) -> None:
        item.holder, item.since, item.place = event.person, event.at, place
        item.temperature_c, item.stored, item.ended = temperature_c, stored, ""
        item.assumed, item.offer, item.begun_by = False, None, event.source

    def close(self, item: Holding, end: datetime | None, note: str = "") -> None:
        """Write down the stretch that ends here. What had ended already has no further stretch."""
        if item.ended or (item.assumed and end == item.since):
            return
        holder = IN_STORE if item.stored else self.name(item.holder)
        self.segments.append(
            Segment(
                item.since,
                end,
                holder,
                item.place,
                item.code,
                item.temperature_c,
                item.seal_words,
                note=f"{item.labels}{note}".strip(),
                kept=item.stored,
                begun_by=item.begun_by,
                ended_by=self.source,
                holder_id="" if item.stored else item.holder,
            )
        )
        item.labels = ""

    def end(self, item: Holding, at: datetime, words: str) -> None:
        self.close(item, at)
        item.ended, item.offer = words, None

    def broken(
        self,
        event: CustodyEvent,
        rule: str,
        sentence: str,
        start: datetime | None = None,
        end: datetime | None = None,
        *others: str,
    ) -> None:
        if isinstance(event, (Filled, Pooled)) and rule == ENDED:
            # One act that fills several containers is several events, and the fault of their origin is still one.
            told = [(one.rule, one.sentence, one.step_key) for one in self.breaks]
            if (rule, sentence, event.source) in told:
                return
        giver = (event.giver,) if isinstance(event, (HandedOver, Declined)) else ()
        people = dict.fromkeys((*others, *giver, event.person))
        start = start or event.began_at
        self.breaks.append(
            CustodyBreak(
                rule,
                sentence,
                event.source,
                start,
                end or max(start, event.at),
                event.container,
                tuple(people),
            )
        )


def lay_in(item: Holding) -> str:
    return f"{item.code} lay in {item.place}: nobody had recorded taking it out."
