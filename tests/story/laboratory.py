"""The laboratory of the story: who works there, each at a desk of their own, and what they need to know and to say."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from labrecords.demo.cast import PEOPLE
from labrecords.demo.story import PATIENT_CODE, published_run
from tests.story.desk import Desk, Person
from tests.story.server import ZONE, Server
from tests.story.watch import Watch


class Laboratory:
    """A server with its people, and the batch that they work on. Every page that anybody sees is watched."""

    def __init__(self, browser: Browser, server: Server, watch: Watch) -> None:
        self.browser, self.server, self.watch = browser, server, watch
        self.people = cast()
        self.desks: dict[str, Desk] = {}
        self.chosen: Mapping[str, Mapping[str, Any]] = published_run()["chosen"]
        self.patient, self.number, self.identity = PATIENT_CODE, "", ""

    def desk(self, username: str) -> Desk:
        """The browser of this person, who signs in when they join."""
        if username not in self.desks:
            self.desks[username] = Desk(self.browser, self.server.address, self.watch)
        return self.desks[username]

    def another_desk(self, username: str, *, javascript: bool = True) -> Desk:
        """One more browser in which this person signs in."""
        desk = Desk(self.browser, self.server.address, self.watch, javascript=javascript)
        desk.sign_in(self.people[username])
        return desk

    def leave(self) -> None:
        """Close every browser context."""
        for desk in self.desks.values():
            desk.context.close()

    def step(self, key: str, number: str = "") -> str:
        return f"/batches/{number or self.number}/steps/{key}"

    # ---- what goes by -------------------------------------------------------------------------------------------

    def seen(self, name: str, desk: Desk) -> None:
        """A picture worth taking. The tests take none."""

    def passes(self, minutes: int) -> None:
        """Time that goes by between two acts. The tests do not wait for it."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def day(self, days: int) -> str:
        """The day so many days from now."""
        return (self.now() + timedelta(days=days)).date().isoformat()

    def just_now(self) -> str:
        """This second as one types it: begun after everything that is recorded until now.

        The offset is written for the nights on which the clocks change.
        """
        time.sleep(math.ceil(time.time()) - time.time())
        return self.now().astimezone(ZoneInfo(ZONE)).isoformat(sep=" ", timespec="seconds")

    # ---- what recurs --------------------------------------------------------------------------------------------

    def open_batch(self, desk: Desk, patient: str) -> str:
        """Open a batch from the start page. Returns its number."""
        desk.open("/")
        desk.follow("Open a batch")
        desk.answer({"Process": "Bone marrow concentrate by centrifugation", "Patient code": patient})
        desk.press("Open the batch")
        desk.sees("is open.")
        return desk.heading.strip()

    def order(self) -> dict[str, str]:
        """What the physician copies from the order."""
        chosen = self.chosen["order"]
        day = self.day(-2)
        answers = {"Order": chosen["order_code"], "Indication": chosen["indication"]}
        answers |= {"Consent form and version": chosen["consent_version"], "Consent given on": day}
        answers |= {"Patient's weight": chosen["weight_kg"], "Weighed on": day}
        for row, level in enumerate(chosen["levels"], start=1):
            target = {"Structure": "intervertebral disc", "Level": level, "Side": "midline"}
            planned = {"Planned volume": self.chosen["injection"]["volume_per_disc_ml"]}
            answers |= {f"Targets {row}, {label}": text for label, text in (target | planned).items()}
        return answers | {"Ordered by": self.choice("paula")}

    def verify(self, desk: Desk, key: str) -> None:
        """The second operator confirms the step on the screen of whoever recorded it."""
        desk.open(self.step(key))
        desk.sign("Second operator", "Verify as second", self.people["vic"])
        desk.sees("Vic Okafor signed step")

    def choice(self, username: str) -> str:
        """A person as a list names them."""
        return f"{self.people[username].name} · {username}"

    def note(self, reported: str) -> str:
        run = published_run()
        return (
            f"{run['citation']['short']}: {run['reported'][reported]}. All else here is chosen, not reported."
        )


def cast() -> dict[str, Person]:
    """One person for each role, with a password made at this moment."""
    return {
        name: Person(name, full, tuple(role.value for role in roles), secrets.token_urlsafe(18))
        for name, full, roles in PEOPLE
    }
