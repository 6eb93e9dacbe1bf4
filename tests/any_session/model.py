"""What must be so of people and their sessions, told in the simplest way: nothing here knows how the system does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from labrecords.domain.permissions import Permission, Role, permissions_of

IDLE, LONGEST, TOUCHED_AFTER = timedelta(minutes=15), timedelta(hours=12), timedelta(seconds=60)
LINK_LASTS, FAILURE_LASTS = timedelta(hours=48), timedelta(hours=1)
FREE_TRIES, LONGEST_WAIT_S = 5, 900

Proved = Literal["right", "wrong", "wait"]
OPEN, LOCKED, ENDED = "open", "locked", "ended"


@dataclass
class Grant:
    role: Role
    ends: datetime | None = None
    revoked: bool = False

    def counts(self, now: datetime) -> bool:
        return not self.revoked and (self.ends is None or now < self.ends)


@dataclass
class Person:
    username: str
    password: str
    grants: list[Grant]
    active: bool = True
    newest_link: str = ""
    failures: list[datetime] = field(default_factory=list)

    def roles(self, now: datetime) -> frozenset[Role]:
        return (
            frozenset(grant.role for grant in self.grants if grant.counts(now))
            if self.active
            else frozenset()
        )

    def may(self, permission: Permission, now: datetime) -> bool:
        return permission in permissions_of(self.roles(now))

    def prove(self, password: str, now: datetime) -> Proved:
        """What a password typed now proves: five failures within the hour are free, then the wait doubles."""
        self.failures = [at for at in self.failures if at > now - FAILURE_LASTS]
        over = len(self.failures) - FREE_TRIES
        if over >= 0:
            wait = timedelta(seconds=min(2**over, LONGEST_WAIT_S))
            if self.failures[-1] + wait > now:
                return "wait"
        if self.active and password == self.password:
            self.failures = []
            return "right"
        self.failures.append(now)
        return "wrong"


@dataclass
class Session:
    """One token. `device` is the browser in which it began."""

    person: Person
    device: int
    started: datetime
    seen: datetime
    locked: bool = False
    ended: bool = False

    def state(self, now: datetime) -> str:
        """Whether it is open now; one left alone for too long is locked from then on."""
        if self.ended or not self.person.active or now - self.started > LONGEST:
            return ENDED
        self.locked = self.locked or now - self.seen > IDLE
        return LOCKED if self.locked else OPEN

    def used(self, now: datetime) -> str:
        """A page is asked for: an open session stays open. Returns what it was."""
        state = self.state(now)
        if state == OPEN and now - self.seen > TOUCHED_AFTER:
            self.seen = now
        return state


@dataclass
class Link:
    person: Person
    made: datetime
    used: bool = False


@dataclass
class Model:
    people: dict[str, Person]
    sessions: dict[str, Session] = field(default_factory=dict)
    """Every token there ever was."""
    links: dict[str, Link] = field(default_factory=dict)

    def end_all(self, person: Person, but: str = "") -> None:
        for token, session in self.sessions.items():
            if session.person is person and token != but:
                session.ended = True

    def works(self, secret: str, now: datetime) -> bool:
        """Whether a one-time link sets a password now."""
        link = self.links[secret]
        fresh = not link.used and now - link.made < LINK_LASTS
        return fresh and link.person.active and link.person.newest_link == secret
