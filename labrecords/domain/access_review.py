"""The periodic review of who has access: what is looked at, when it is due, which accounts are idle.

Sources: 21 CFR 11.300(b) (issuances are periodically checked); EU GMP Annex 11, access rights (domain A11-11).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex

REVIEW_EVERY = timedelta(days=182)
"""Twice a year quality assurance signs that every account was looked at."""
IDLE_AFTER = timedelta(days=90)
"""An account in which nobody signed in for so long is pointed out."""
REMIND = timedelta(days=14)
"""So long before it is due it stands on the start pages."""


@dataclass(frozen=True)
class Account:
    """One account that may sign in, as it is reviewed."""

    person_id: str
    username: str
    name: str
    roles: tuple[str, ...]
    added_at: datetime
    signed_in_at: datetime | None

    def idle(self, now: datetime) -> bool:
        """Whether nobody signed in for 90 days, or ever since the account was made so long ago."""
        return now - (self.signed_in_at or self.added_at) > IDLE_AFTER


def listed(accounts: tuple[Account, ...], now: datetime) -> tuple[tuple[str, str, str], ...]:
    """What is signed of each account: username, roles, and the word idle or nothing."""
    return tuple(
        (item.username, ", ".join(item.roles), "idle" if item.idle(now) else "")
        for item in sorted(accounts, key=lambda item: item.username)
    )


def shown_as(accounts: tuple[Account, ...], now: datetime) -> str:
    """A digest of what the page shows, to notice that it changed before it was signed."""
    return sha256_hex(canonical_bytes([list(line) for line in listed(accounts, now)]))


def due_at(last: datetime | None, begun: datetime) -> datetime:
    """When the next review is due: 182 days after the last one, or after the first account was made."""
    return (last or begun) + REVIEW_EVERY
