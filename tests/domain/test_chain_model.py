"""Random events of custody, sound and faulty, against a plain model that looks back over all of history."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody import chain
from labrecords.domain.custody.events import (
    Collected,
    CustodyEvent,
    Declined,
    Discarded,
    Filled,
    HandedOver,
    Injected,
    Offered,
    PutAway,
    TakenOut,
)

BEGIN = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
"""The night in which clocks are set back in Europe."""
TOLERANCE = timedelta(minutes=5)
PEOPLE, PLACES, SEALS = ("ana", "bo", "cy"), ("theatre", "lab", "fridge"), ("", "S1", "S2")
CODES = tuple(f"C-{number}" for number in range(1, 6))
RUNS, LENGTH = 50, 200


class Model:
    """What is true of a container, each time asked of the history anew."""

    def __init__(self) -> None:
        self.past: list[CustodyEvent] = []

    def about(self, code: str) -> list[CustodyEvent]:
        """What moved the container, or put it to its end; offers and refusals do neither."""
        return [
            event
            for event in self.past
            if not isinstance(event, (Offered, Declined))
            and (event.container == code or (isinstance(event, Filled) and event.origin == code))
        ]

    def named(self, code: str) -> bool:
        """Whether any event was about it: from then on it is known."""
        return any(event.container == code or getattr(event, "origin", "") == code for event in self.past)

    def ended(self, code: str) -> bool:
        for event in reversed(self.about(code)):
            out = isinstance(event, Filled) and event.origin == code and event.emptied
            if out or isinstance(event, Discarded) or (isinstance(event, Injected) and event.last):
                return True
            if not (isinstance(event, Injected) or (isinstance(event, Filled) and event.origin == code)):
                return False
        return False

    def stored(self, code: str) -> bool:
        for event in reversed(self.about(code)):
            if isinstance(event, Filled) and event.container == code:
                return self._stored_then(event)
            if isinstance(event, (PutAway, TakenOut, HandedOver, Collected)):
                return isinstance(event, PutAway)
        return False

    def _stored_then(self, filled: Filled) -> bool:
        before = Model()
        before.past = self.past[: self.past.index(filled)]
        return before.stored(filled.origin) and not before.ended(filled.origin)

    def holder(self, code: str) -> str:
        for event in reversed(self.about(code)):
            if isinstance(event, Filled) and event.container == code:
                before = Model()
                before.past = self.past[: self.past.index(event)]
                known = before.named(event.origin) and not before.ended(event.origin)
                return before.holder(event.origin) if known else event.person
            if isinstance(event, (Collected, HandedOver, PutAway, TakenOut)):
                return event.person
        # Nothing was ever recorded to be in it: whoever first did something with it is taken to have held it.
        first = next(
            (event for event in self.past if code in (event.container, getattr(event, "origin", ""))), None
        )
        return first.person if first else ""

    def offer(self, code: str) -> Offered | None:
        for event in reversed(self.past):
            if event.container == code or getattr(event, "origin", "") == code:
                return event if isinstance(event, Offered) else None
        return None

    def left(self, code: str) -> Decimal | None:
        """What is left of what was stated to be filled in; None where nobody knows."""
        found: Decimal | None = None
        then = Model()
        for event in self.about(code):
            drawn = isinstance(event, Injected) or (isinstance(event, Filled) and event.origin == code)
            over = then.ended(code)
            then.past.append(event)
            if isinstance(event, Filled) and event.container == code:
                found = event.volume_ml
            elif isinstance(event, (Filled, Injected)) and drawn and not over:
                known = found is not None and event.volume_ml is not None and event.volume_ml <= found
                found = found - event.volume_ml if known else None  # type: ignore[operator]
        return found


def expected(model: Model, event: CustodyEvent) -> set[str]:
    """The rules that this event breaks, after everything before it."""
    code = event.origin if isinstance(event, Filled) else event.container
    rules: set[str] = set()
    if isinstance(event, Collected):
        return {chain.FILLED_TWICE} if model.named(code) else rules
    if isinstance(event, Filled) and model.named(event.container):
        rules.add(chain.FILLED_TWICE)
    if isinstance(event, HandedOver):
        rules |= {chain.GAP} if event.at - event.given_at > TOLERANCE else set()
        rules |= set() if event.seal_whole else {chain.SEAL}
    if not model.named(code):
        return rules | {chain.REFUSED if isinstance(event, Declined) else chain.UNKNOWN, chain.UNKNOWN}
    if model.ended(code):
        return rules | {chain.ENDED}
    by = event.giver if isinstance(event, HandedOver) else event.person
    needs_holder = isinstance(event, (HandedOver, PutAway, Injected, Offered))
    if isinstance(event, (HandedOver, PutAway, Injected, Offered, Filled)) and model.stored(code):
        rules.add(chain.PLACE)
    elif needs_holder and model.holder(code) != by:
        rules.add(chain.HOLDER)
    if isinstance(event, TakenOut) and not model.stored(code):
        rules.add(chain.PLACE)
    if isinstance(event, Declined):
        rules.add(chain.REFUSED)
    offer = model.offer(code)
    if isinstance(event, HandedOver) and offer and offer.receiver != event.person:
        rules.add(chain.RECEIVER)
    if isinstance(event, (Filled, Injected)) and event.volume_ml is not None:
        left = model.left(code)
        if left is not None and event.volume_ml > left:
            rules.add(chain.OVERDRAWN)
    return rules


def histories(seed: int) -> Iterator[list[CustodyEvent]]:
    chance = random.Random(seed)
    at, events, model = BEGIN, list[CustodyEvent](), Model()
    for number in range(LENGTH):
        at += timedelta(minutes=chance.choice((10, 15, 40)))
        event = _event(chance, model, at, f"act-{number}")
        events.append(event)
        model.past.append(event)
    yield events


def _event(chance: random.Random, model: Model, at: datetime, source: str) -> CustodyEvent:
    """One act: mostly by whoever holds a container that is there, sometimes by anybody with any."""
    there = [code for code in CODES if model.named(code) and not model.ended(code)]
    fresh = [code for code in CODES if not model.named(code)]
    if fresh and (not there or chance.random() < 0.1):
        return Collected(
            at=at, container=fresh[0], person=chance.choice(PEOPLE), source=source, place="theatre"
        )
    wild = chance.random() < 0.3 or not there
    code = chance.choice(CODES if wild else there)
    by = chance.choice(PEOPLE) if wild else model.holder(code) or PEOPLE[0]
    act: dict[str, Any] = {"at": at, "container": code, "person": by, "source": source}
    kind = chance.choice(
        ("hand over", "hand over", "put", "take", "offer", "offer", "refuse", "fill", "inject", "discard")
    )
    volume = chance.choice((None, Decimal("2.5"), Decimal(4)))
    if kind == "hand over":
        given = at - timedelta(minutes=chance.choice((0, 3, 9)))
        return HandedOver(
            **act | {"person": chance.choice(PEOPLE)},
            giver=by,
            given_at=given,
            place_from="",
            place_to=chance.choice(PLACES),
            seal_whole=chance.random() < 0.9,
        )
    if kind == "put":
        return PutAway(**act, place="fridge")
    if kind == "take":
        return TakenOut(**act, place="fridge")
    if kind == "offer":
        return Offered(**act, receiver=chance.choice(PEOPLE), place="lab")
    if kind == "refuse":
        return Declined(**act, giver=chance.choice(PEOPLE), why="Warm.")
    if kind == "fill":
        target = chance.choice([other for other in CODES if other != code])
        return Filled(
            **act | {"container": target},
            origin=code,
            emptied=chance.random() < 0.5,
            volume_ml=volume,
        )
    if kind == "inject":
        return Injected(**act, volume_ml=volume, last=chance.random() < 0.5)
    return Discarded(**act)


def rules_by_act(events: Sequence[CustodyEvent]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {event.source: set() for event in events}
    walked = chain.walk(events, tolerance=TOLERANCE, name=str.capitalize, same_person=str.__eq__)
    for broken in walked.breaks:
        assert broken.rule not in found[broken.step_key], "one fault is told once"
        found[broken.step_key].add(broken.rule)
    return found


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_walk_and_the_model_agree_about_every_act(seed: int) -> None:
    (events,) = histories(seed)
    said, model = rules_by_act(events), Model()
    for event in events:
        assert said[event.source] == expected(model, event), event
        model.past.append(event)
