"""The chain of custody: one walk along the events of all containers (domain 5.7, 8.2 section 10).

The walk knows no step kind and no batch. It gives who held each container in which stretch of time, and every place
where the chain does not hold, named as what it is. What happened wrongly is never left out: after each break the walk
goes on from what was stated, so that one fault is told once and not again at every later event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
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
from labrecords.domain.custody.holders import (
    BACKWARD,
    FILLED_TWICE,
    GAP,
    OVERLAP,
    PLACE,
    RECEIVER,
    REFUSED,
    SEAL,
    Chain,
    Segment,
    other_place,
)
from labrecords.domain.custody.holdings import Holding, Holdings, lay_in
from labrecords.domain.values import codes, times


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
class _Walk(Holdings):
    """What each event means for the containers."""

    @singledispatchmethod
    def take(self, event: CustodyEvent) -> None:
        raise TypeError(f"The walk knows no {type(event).__name__}.")

    @take.register
    def _collected(self, event: Collected) -> None:
        if self.filled_before(event):
            return
        self.open(event, event.person, event.place, seal=event.seal)

    @take.register
    def _filled(self, event: Filled) -> None:
        origin = self.at_hand(event, event.origin)
        self.filled_before(event)
        if origin.ended:
            self.open(event, event.person, "", left_ml=event.volume_ml)
            return
        self.draw(event, origin, event.volume_ml)
        if event.left_ml is not None:
            origin.left_ml = event.left_ml
        origin.gone_into += (event.container,)
        if event.emptied:
            self.emptied(event, origin)
        self.open(event, origin.holder, origin.place, left_ml=event.volume_ml)

    @take.register
    def _pooled(self, event: Pooled) -> None:
        """What was poured together was in one hand, in one place, or nobody knows how it came together."""
        items = [self.ready(event, one.container) for one in event.out_of]
        self.filled_before(event)
        live = [item for item in items if not item.ended]
        first = next((item for item in live if not item.stored), None)
        for item in live:
            if item.stored:
                self.broken(event, PLACE, lay_in(item))
                self.go_on(item, event, first.holder if first else event.person)
            elif first is not None and item is not first:
                self.judge_together(event, first, item)
        for item, one in zip(items, event.out_of, strict=True):
            if item.ended:
                continue
            self.draw(event, item, one.volume_ml)
            item.left_ml = one.left_ml
            item.gone_into += (event.container,)
            if one.emptied:
                self.emptied(event, item)
        holder, place = (live[0].holder, (first or live[0]).place) if live else (event.person, "")
        self.open(event, holder, place, left_ml=event.volume_ml)

    @take.register
    def _labelled_over(self, event: LabelledOver) -> None:
        """The same container, also an ended one, under another code. A code that is in use names no second one."""
        item = self.ready(event, event.container)
        if self.known(event.code) is not None:
            self.broken(
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
        taken = self.known(event.container)
        if taken and self._took_within_the_minute(taken, event):
            return
        item = self.at_hand(event, event.container, by=event.person, did="offered")
        if item.ended:
            return
        self.judge_seal(event, item, event.seal)
        if other_place(item.place, event.place):
            # The giver carried it to where it waits, and says so.
            self.close(item, event.at)
            self.hold(item, event, event.place, None)
        item.offer, item.seal = replace(event, container=item.code), event.seal or item.seal

    @take.register
    def _declined(self, event: Declined) -> None:
        item = self.ready(event, event.container)
        if item.ended:
            return
        if item.offer and self.same_person(item.offer.receiver, event.person):
            item.offer = None
        sentence = f"{self.name(event.person)} did not take it from {self.name(event.giver)}: {event.why}"
        self.broken(event, REFUSED, sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.")

    @take.register
    def _handed_over(self, event: HandedOver) -> None:
        before = self.known(event.container)
        offer, in_store = (before.offer, before.stored) if before else (None, False)
        item = self.at_hand(event, event.container, by=event.giver, did="gave")
        # Who gave on what they had been offered took it before: that is told as the fault of its holder.
        takers = (event.person, event.giver)
        if offer and not item.ended and not any(self.same_person(offer.receiver, one) for one in takers):
            sentence = (
                f"It was offered to {self.name(offer.receiver)}, and {self.name(event.person)} took it."
            )
            self.broken(event, RECEIVER, sentence, offer.at, event.at, offer.receiver)
        if event.at < times.minute(event.given_at):
            self.broken(event, BACKWARD, "It was received before it was given.", event.at, event.given_at)
        if event.given_at < times.minute(item.since) and not item.ended:
            self.broken(event, OVERLAP, "It was given before its giver had it.", event.given_at, item.since)
        if not item.ended and not in_store and event.place_from and other_place(item.place, event.place_from):
            sentence = f"It was given in {event.place_from}, and was in {item.place} before"
            self.broken(event, PLACE, f"{sentence}: nobody recorded how it came there.")
        # A time that was typed to the minute may lie some seconds before one that was taken from the clock.
        given = (
            max(item.since, event.given_at) if times.minute(item.since) <= event.given_at else event.given_at
        )
        self.close(item, given)
        if (apart := event.at - event.given_at) > self.tolerance:
            minutes = int(apart.total_seconds() // 60)
            self.broken(event, GAP, f"Nobody held the material for {minutes} min.")
            between = f"between {event.place_from} and {event.place_to}"
            note = "given, and received later by the next holder"
            lost = Segment(event.given_at, event.at, "nobody", between, item.code, gap=True, note=note)
            self.segments.append(replace(lost, begun_by=event.source, ended_by=event.source))
        if not event.seal_whole:
            self.broken(event, SEAL, "Seal or container was broken at receipt.", event.at)
        else:
            self.judge_seal(event, item, event.seal)
        whole = "whole" if event.seal_whole else "broken"
        item.seal, item.seal_words = (
            event.seal or item.seal,
            f"{event.seal}, {whole}" if event.seal else whole,
        )
        self.hold(item, event, event.place_to, event.temperature_c)

    @take.register
    def _put_away(self, event: PutAway) -> None:
        item = self.at_hand(event, event.container, by=event.person, did="put away")
        self.close(item, event.at)
        self.hold(item, event, event.place, event.temperature_c, stored=True)

    @take.register
    def _taken_out(self, event: TakenOut) -> None:
        item = self.ready(event, event.container)
        if not item.ended and not item.stored:
            sentence = f"It was taken out of {event.place}, where nobody had put it: {self.name(item.holder)} held it."
            self.broken(event, PLACE, sentence)
        elif not item.ended and other_place(item.place, event.place):
            self.broken(event, PLACE, f"It was taken out of {event.place}, and lay in {item.place}.")
        self.close(item, event.at)
        self.hold(item, event, event.place, event.temperature_c)

    @take.register
    def _sampled(self, event: Sampled) -> None:
        self.draw(event, self.at_hand(event, event.container), event.volume_ml)

    @take.register
    def _injected(self, event: Injected) -> None:
        item = self.at_hand(event, event.container, by=event.person, did="injected")
        self.draw(event, item, event.volume_ml)
        if event.last:
            self.end(item, event.at, "it had been injected")

    @take.register
    def _discarded(self, event: Discarded) -> None:
        self.end(self.ready(event, event.container), event.at, "it had been destroyed")

    def _took_within_the_minute(self, item: Holding, offer: Offered) -> bool:
        """Whether the receiver holds it already: within one minute a hand-over of the process is read first."""
        return times.minute(item.since) == times.minute(offer.at) and self.same_person(
            item.holder, offer.receiver
        )
