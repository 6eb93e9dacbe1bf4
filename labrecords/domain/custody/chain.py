"""The chain of custody: one walk along the events of all containers (domain 5.7, 8.2 section 10).

The walk knows no step kind and no batch. It gives who held each container in which stretch of time, and every place
where the chain does not hold, named as what it is. What happened wrongly is never left out: after each break the walk
goes on from what was stated, so that one fault is told once and not again at every later event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import singledispatchmethod

from labrecords.domain.custody.events import (
    Collected,
    CustodyEvent,
    Declined,
    Discarded,
    Filled,
    HandedOver,
    Injected,
    LabelledOver,
    Offered,
    Pooled,
    PutAway,
    Sampled,
    TakenOut,
)
from labrecords.domain.custody.holders import Chain, CustodyBreak, Segment, other_place
from labrecords.domain.values import codes, times
from labrecords.domain.values.numbers import plain

GAP, HOLDER, OVERLAP, BACKWARD = "gap", "holder", "overlap", "backward"
PLACE, SEAL, SEAL_CHANGED, ENDED, FILLED_TWICE = "place", "seal", "seal changed", "ended", "filled twice"
UNKNOWN, OVERDRAWN = "unknown container", "over-draw"
RECEIVER, REFUSED = "receiver", "refused"
RULES = (
    *(GAP, HOLDER, OVERLAP, BACKWARD, PLACE, SEAL, SEAL_CHANGED),
    *(FILLED_TWICE, UNKNOWN, OVERDRAWN, ENDED, RECEIVER, REFUSED),
)
IN_STORE = "in store"
"""Who holds what a place keeps."""


def walk(
    events: Iterable[CustodyEvent],
    *,
    tolerance: timedelta,
    name: Callable[[str], str],
    same_person: Callable[[str, str], bool],
) -> Chain:
    """The chain of custody of these events, taken in the order given.

    Giving and receiving within `tolerance` counts as one act. `name` gives a person's printed name, `same_person`
    whether two ids are one human being.
    """
    found = _Walk(tolerance, name, same_person)
    take = found.take  # looked up once: a method that is chosen by type is made anew each time
    for event in events:
        found.source = event.source
        take(event)
    return found.chain()


@dataclass
class _Custody:
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
class _Walk:
    tolerance: timedelta
    name: Callable[[str], str]
    same_person: Callable[[str, str], bool]
    containers: dict[str, _Custody] = field(default_factory=dict)
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
                self._close(item, None)
        offers = tuple(item.offer for item in self.containers.values() if item.offer and not item.ended)
        return Chain(tuple(sorted(self.segments, key=lambda one: one.start)), tuple(self.breaks), offers)

    @singledispatchmethod
    def take(self, event: CustodyEvent) -> None:
        raise TypeError(f"The walk knows no {type(event).__name__}.")

    @take.register
    def _collected(self, event: Collected) -> None:
        if self._filled_before(event):
            return
        self._open(event, event.person, event.place, seal=event.seal)

    @take.register
    def _filled(self, event: Filled) -> None:
        origin = self._at_hand(event, event.origin)
        self._filled_before(event)
        if origin.ended:
            self._open(event, event.person, "", left_ml=event.volume_ml)
            return
        self._draw(event, origin, event.volume_ml)
        if event.left_ml is not None:
            origin.left_ml = event.left_ml
        origin.gone_into += (event.container,)
        if event.emptied:
            self._emptied(event, origin)
        self._open(event, origin.holder, origin.place, left_ml=event.volume_ml)

    @take.register
    def _pooled(self, event: Pooled) -> None:
        """What was poured together was in one hand, in one place, or nobody knows how it came together."""
        items = [self._ready(event, one.container) for one in event.out_of]
        self._filled_before(event)
        live = [item for item in items if not item.ended]
        first = next((item for item in live if not item.stored), None)
        for item in live:
            if item.stored:
                self._broken(event, PLACE, _lay_in(item))
                self._go_on(item, event, first.holder if first else event.person)
            elif first is not None and item is not first:
                self._judge_together(event, first, item)
        for item, one in zip(items, event.out_of, strict=True):
            if item.ended:
                continue
            self._draw(event, item, one.volume_ml)
            item.left_ml = one.left_ml
            item.gone_into += (event.container,)
            if one.emptied:
                self._emptied(event, item)
        holder, place = (live[0].holder, (first or live[0]).place) if live else (event.person, "")
        self._open(event, holder, place, left_ml=event.volume_ml)

    @take.register
    def _labelled_over(self, event: LabelledOver) -> None:
        """The same container, also an ended one, under another code. A code that is in use names no second one."""
        item = self._ready(event, event.container)
        if self._known(event.code) is not None:
            self._broken(
                event, FILLED_TWICE, f"{event.code} is on a container already: one code stands for one."
            )
        else:
            key = codes.normalise(event.code)
            del self.containers[codes.normalise(item.code)]
            self.later[codes.normalise(item.code)], self.containers[key] = key, item
            item.labels, item.code = f"{item.labels}{item.code} until it was labelled over. ", event.code
            item.offer = item.offer and replace(item.offer, container=event.code)

    @take.register
    def _offered(self, event: Offered) -> None:
        taken = self._known(event.container)
        if taken and self._took_within_the_minute(taken, event):
            return
        item = self._at_hand(event, event.container, by=event.person, did="offered")
        if item.ended:
            return
        self._judge_seal(event, item, event.seal)
        if other_place(item.place, event.place):
            # The giver carried it to where it waits, and says so.
            self._close(item, event.at)
            self._hold(item, event, event.place, None)
        item.offer, item.seal = replace(event, container=item.code), event.seal or item.seal

    @take.register
    def _declined(self, event: Declined) -> None:
        item = self._ready(event, event.container)
        if item.ended:
            return
        if item.offer and self.same_person(item.offer.receiver, event.person):
            item.offer = None
        sentence = f"{self.name(event.person)} did not take it from {self.name(event.giver)}: {event.why}"
        self._broken(event, REFUSED, sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.")

    @take.register
    def _handed_over(self, event: HandedOver) -> None:
        before = self._known(event.container)
        offer, in_store = (before.offer, before.stored) if before else (None, False)
        item = self._at_hand(event, event.container, by=event.giver, did="gave")
        # Who gave on what they had been offered took it before: that is told as the fault of its holder.
        takers = (event.person, event.giver)
        if offer and not item.ended and not any(self.same_person(offer.receiver, one) for one in takers):
            sentence = (
                f"It was offered to {self.name(offer.receiver)}, and {self.name(event.person)} took it."
            )
            self._broken(event, RECEIVER, sentence, offer.at, event.at, offer.receiver)
        if event.at < times.minute(event.given_at):
            self._broken(event, BACKWARD, "It was received before it was given.", event.at, event.given_at)
        if event.given_at < times.minute(item.since) and not item.ended:
            self._broken(event, OVERLAP, "It was given before its giver had it.", event.given_at, item.since)
        if not item.ended and not in_store and event.place_from and other_place(item.place, event.place_from):
            sentence = f"It was given in {event.place_from}, and was in {item.place} before"
            self._broken(event, PLACE, f"{sentence}: nobody recorded how it came there.")
        # A time that was typed to the minute may lie some seconds before one that was taken from the clock.
        given = (
            max(item.since, event.given_at) if times.minute(item.since) <= event.given_at else event.given_at
        )
        self._close(item, given)
        if (apart := event.at - event.given_at) > self.tolerance:
            minutes = int(apart.total_seconds() // 60)
            self._broken(event, GAP, f"Nobody held the material for {minutes} min.")
            between = f"between {event.place_from} and {event.place_to}"
            note = "given, and received later by the next holder"
            lost = Segment(event.given_at, event.at, "nobody", between, item.code, gap=True, note=note)
            self.segments.append(replace(lost, begun_by=event.source, ended_by=event.source))
        if not event.seal_whole:
            self._broken(event, SEAL, "Seal or container was broken at receipt.", event.at)
        else:
            self._judge_seal(event, item, event.seal)
        whole = "whole" if event.seal_whole else "broken"
        item.seal, item.seal_words = (
            event.seal or item.seal,
            f"{event.seal}, {whole}" if event.seal else whole,
        )
        self._hold(item, event, event.place_to, event.temperature_c)

    @take.register
    def _put_away(self, event: PutAway) -> None:
        item = self._at_hand(event, event.container, by=event.person, did="put away")
        self._close(item, event.at)
        self._hold(item, event, event.place, event.temperature_c, stored=True)

    @take.register
    def _taken_out(self, event: TakenOut) -> None:
        item = self._ready(event, event.container)
        if not item.ended and not item.stored:
            sentence = f"It was taken out of {event.place}, where nobody had put it: {self.name(item.holder)} held it."
            self._broken(event, PLACE, sentence)
        elif not item.ended and other_place(item.place, event.place):
            self._broken(event, PLACE, f"It was taken out of {event.place}, and lay in {item.place}.")
        self._close(item, event.at)
        self._hold(item, event, event.place, event.temperature_c)

    @take.register
    def _sampled(self, event: Sampled) -> None:
        self._draw(event, self._at_hand(event, event.container), event.volume_ml)

    @take.register
    def _injected(self, event: Injected) -> None:
        item = self._at_hand(event, event.container, by=event.person, did="injected")
        self._draw(event, item, event.volume_ml)
        if event.last:
            self._end(item, event.at, "it had been injected")

    @take.register
    def _discarded(self, event: Discarded) -> None:
        self._end(self._ready(event, event.container), event.at, "it had been destroyed")

    def _took_within_the_minute(self, item: _Custody, offer: Offered) -> bool:
        """Whether the receiver holds it already: within one minute a hand-over of the process is read first."""
        return times.minute(item.since) == times.minute(offer.at) and self.same_person(
            item.holder, offer.receiver
        )

    def _known(self, container: str) -> _Custody | None:
        key = codes.normalise(container)
        while key in self.later:
            key = self.later[key]
        return self.containers.get(key)

    def _filled_before(self, event: CustodyEvent) -> bool:
        """Whether its code stood on another container already: a break."""
        if self._known(event.container) is None:
            return False
        self._broken(event, FILLED_TWICE, "It was filled before: one code stands for one container.")
        return True

    def _ready(self, event: CustodyEvent, container: str, by: str = "") -> _Custody:
        """The container, where it can still be acted upon. One that was never filled is a break, and begins here."""
        item = self._known(container)
        if item is None:
            self._broken(event, UNKNOWN, f"Nothing was ever recorded to be in {container}.")
            kept = isinstance(event, TakenOut)
            place = event.place if isinstance(event, TakenOut) else ""
            item = _Custody(container, by or event.person, event.began_at, place, stored=kept)
            self.containers[codes.normalise(container)] = item
        elif item.ended:
            self._broken(event, ENDED, f"Something was done with {item.code} after {item.ended}.")
        elif codes.normalise(container) in self.later:
            sentence = f"Something was done with {container} after it had been labelled over as {item.code}."
            self._broken(event, ENDED, sentence)
        return item

    def _at_hand(self, event: CustodyEvent, container: str, by: str = "", did: str = "") -> _Custody:
        """The container in somebody's hands; a break where it still lay in its place, or where another one held it."""
        item = self._ready(event, container, by)
        if item.ended:
            return item
        if item.stored:
            self._broken(event, PLACE, _lay_in(item))
            self._go_on(item, event, by or event.person)
        elif by and not self.same_person(item.holder, by):
            sentence = f"{self.name(by)} {did} what {self.name(item.holder)} held."
            self._broken(event, HOLDER, sentence, event.began_at, event.at, item.holder)
            self._go_on(item, event, by)
        return item

    def _go_on(self, item: _Custody, event: CustodyEvent, holder: str) -> None:
        """Who acted had it in hand, as they stated: the fault is told, and not again at every later act."""
        begun = max(item.since, event.began_at)
        self._close(item, begun)
        item.holder, item.since, item.stored, item.assumed = holder, begun, False, True
        item.begun_by = event.source

    def _emptied(self, event: CustodyEvent, item: _Custody) -> None:
        """With the container that the event is about, all of it has gone into others."""
        into = ", ".join(codes.each_once(item.gone_into))
        self._close(item, event.at, f"all of it went into {into}")
        item.ended, item.offer = f"all of it had gone into {into}", None

    def _judge_together(self, event: CustodyEvent, first: _Custody, other: _Custody) -> None:
        """Two containers that were poured together: held by one person, in one place."""
        if not self.same_person(first.holder, other.holder):
            one, two = (f"{self.name(item.holder)} held {item.code}" for item in (first, other))
            sentence = f"{one} and {two}: nobody recorded who gave the other theirs."
            self._broken(event, HOLDER, sentence, event.at, event.at, first.holder, other.holder)
        elif other.place and other_place(first.place, other.place):
            sentence = f"{first.code} was in {first.place} and {other.code} in {other.place}"
            self._broken(event, PLACE, f"{sentence}: nobody recorded how they came together.")

    def _draw(self, event: CustodyEvent, item: _Custody, volume_ml: Decimal | None) -> None:
        """Take a volume out of a container; a break where there was less in it. Nobody knows then what is left."""
        if item.ended:
            return
        if item.left_ml is None or volume_ml is None:
            item.left_ml = None
        elif volume_ml > item.left_ml:
            sentence = f"{plain(volume_ml)} mL were taken out of {item.code}, and {plain(item.left_ml)} mL were in it."
            self._broken(event, OVERDRAWN, sentence)
            item.left_ml = None
        else:
            item.left_ml -= volume_ml

    def _judge_seal(self, event: CustodyEvent, item: _Custody, seal: str) -> None:
        if seal and item.seal and codes.normalise(seal) != codes.normalise(item.seal):
            sentence = f"The seal is {seal}, and was {item.seal} before: nobody recorded changing it."
            self._broken(event, SEAL_CHANGED, sentence, event.at)

    def _open(
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
            self._close(before, event.at)
        item = _Custody(event.container, holder, event.at, place, seal, seal, None, left_ml=left_ml)
        item.begun_by = event.source
        self.containers[key] = item

    def _hold(
        self,
        item: _Custody,
        event: CustodyEvent,
        place: str,
        temperature_c: Decimal | None,
        *,
        stored: bool = False,
    ) -> None:
        item.holder, item.since, item.place = event.person, event.at, place
        item.temperature_c, item.stored, item.ended = temperature_c, stored, ""
        item.assumed, item.offer, item.begun_by = False, None, event.source

    def _close(self, item: _Custody, end: datetime | None, note: str = "") -> None:
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
            )
        )
        item.labels = ""

    def _end(self, item: _Custody, at: datetime, words: str) -> None:
        self._close(item, at)
        item.ended, item.offer = words, None

    def _broken(
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


def _lay_in(item: _Custody) -> str:
    return f"{item.code} lay in {item.place}: nobody had recorded taking it out."
