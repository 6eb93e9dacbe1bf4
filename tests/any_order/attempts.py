"""Random attempts at an act, legal and illegal: each with what the model expects of it, and what it then keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from labrecords.actions.door import Acting, StepRef
from labrecords.domain.entries import Entry
from labrecords.domain.processes.process import Process
from tests.any_order.model import MAY, Batch
from tests.any_order.readings import Stated, drawn
from tests.support.lab import Lab

Expected = tuple[str, frozenset[str]]
"""What becomes of an act: accepted, refused by these rules, invalid in these fields, or stale."""
ACCEPTED: Expected = ("accepted", frozenset())
STALE: Expected = ("stale", frozenset())
WHY, THIN, NOTES = "It was seen too late to wait.", "error", ("The lid is open.", "Two bubbles were let out.")


@dataclass
class Attempt:
    """An act that somebody tries."""

    words: str
    who: str
    run: Callable[[Acting], Any]
    expected: Expected
    keep: Callable[[Any], None] = lambda result: None
    """What the model keeps when it was accepted, given what the act returned."""
    subject: str = ""
    """The step whose version of the form it changes; empty where it is about the batch as a whole."""
    key: str = ""
    """The key of the form, where it is sent again."""
    again: bool = False
    """Whether it was accepted before, and so changes nothing now."""


def refused(*broken: str) -> Expected:
    return ("refused", frozenset(broken))


def invalid(*fields: str) -> Expected:
    return ("invalid", frozenset(fields))


class Forms:
    """What every form has: who sends it, as of which version, and what the door looks at."""

    def __init__(self, lab: Lab, draw: Random, process: Process, rotors: dict[str, str]) -> None:
        self.lab, self.draw, self.process, self.rotors = lab, draw, process, rotors

    def someone(self, right: str) -> str:
        """Mostly somebody with the right; now and then anybody."""
        entitled = [person for person, rights in MAY.items() if right in rights]
        return self.draw.choice(list(MAY) if self.draw.random() < 0.06 else entitled)

    def other(self, right: str, hands: set[str]) -> str:
        """Mostly somebody with the right whose hands were not in it; now and then anybody."""
        others = [person for person, rights in MAY.items() if right in rights and person not in hands]
        return self.draw.choice(others) if others and self.draw.random() > 0.15 else self.someone(right)

    def step_ref(self, batch: Batch, key: str) -> tuple[StepRef, bool]:
        """The step as a form names it, and whether that form is out of date."""
        now = batch.events_of.get(key, 0)
        stale = self.draw.random() < 0.04
        return StepRef(batch.id, key, now + self.draw.choice([-1, 1, 7]) if stale else now), stale

    def expected(self, who: str, right: str, stale: bool, *further: Expected | None) -> Expected:
        """The first that applies of what the door and then the act look at."""
        if right not in MAY[who]:
            return refused("permission")
        found: Iterable[Expected | None] = (STALE if stale else None, *further)
        return next((item for item in found if item), ACCEPTED)

    def stated(self, batch: Batch, key: str) -> Stated:
        """A random reading of a step, with the id of the rotor in the register."""
        found = drawn(self.draw, self.lab, key, batch.patient, batch.held(key), batch.there(key))
        if "rotor" in found.facts:
            found.facts["rotor"] = self.rotors[found.facts["rotor"]]
        return found

    def broken(self, broken: set[str]) -> Expected | None:
        """Refused by these rules, where there are any."""
        return refused(*broken) if broken else None

    def _entry(self, batch: Batch, key: str) -> Entry:
        entry = self.lab.record(batch.number).current(key)
        assert entry is not None
        return entry
