"""What was begun and one more step finishes: kept on the server, for minutes, under a random token of the browser.

Whoever holds the token of one purpose can do nothing else with it: a sign-in under way is no session, and a factor is
only added from the seed or the challenge that the server itself made for this person.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from labrecords.actions.accounts import token_digest
from labrecords.actions.door import transaction
from labrecords.models.factors import Ceremony
from labrecords.models.store import Store

SECOND_STEP, ALONE, ADD_CODES, ADD_PASSKEY, BY_LINK = (
    "second step",
    "passkey alone",
    "add codes",
    "add passkey",
    "by link",
)
LASTS, BY_LINK_LASTS = timedelta(minutes=5), timedelta(minutes=30)
CHALLENGE_BYTES = 32


@dataclass(frozen=True)
class Begun:
    """A ceremony that can be finished."""

    token_sha256: str
    person_id: str
    credential_id: str
    challenge: bytes
    key_id: str
    sealed_seed: bytes


def begin(
    store: Store,
    purpose: str,
    source: str,
    *,
    person_id: str = "",
    credential_id: str = "",
    seed: tuple[str, bytes] | None = None,
) -> tuple[str, bytes]:
    """Begin one. Returns its token, of which only a hash is kept, and its challenge. Those that ended are forgotten."""
    token, challenge, now = secrets.token_urlsafe(32), secrets.token_bytes(CHALLENGE_BYTES), store.clock()
    table, (key_id, sealed) = Ceremony.__table__, seed or (None, None)
    values = {
        "token_sha256": token_digest(token),
        "purpose": purpose,
        "person_id": person_id or None,
        "credential_id": credential_id,
        "challenge": challenge,
        "key_id": key_id,
        "sealed_seed": sealed,
        "source": source,
        "ends_at": now + (BY_LINK_LASTS if purpose == BY_LINK else LASTS),
    }
    with transaction(store) as session:
        session.execute(delete(table).where(table.c.ends_at < now))
        session.execute(insert(table).values(values))
    return token, challenge


def find(session: Session, token: str, purpose: str, now: datetime) -> Begun | None:
    """The ceremony of this purpose with this token, while it can be finished."""
    table = Ceremony.__table__
    row = session.execute(
        select(table).where(
            table.c.token_sha256 == token_digest(token), table.c.purpose == purpose, table.c.ends_at >= now
        )
    ).first()
    if row is None:
        return None
    return Begun(
        row.token_sha256,
        row.person_id or "",
        row.credential_id,
        row.challenge,
        row.key_id or "",
        row.sealed_seed or b"",
    )


def finish(session: Session, begun: Begun) -> bool:
    """End one. False where somebody else ended it first."""
    table = Ceremony.__table__
    done = session.execute(delete(table).where(table.c.token_sha256 == begun.token_sha256))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def finish_all(session: Session, person_id: str) -> None:
    """End everything that a person has begun."""
    table = Ceremony.__table__
    session.execute(delete(table).where(table.c.person_id == person_id))


def spend_challenge(store: Store, begun: Begun) -> bool:
    """Put a new challenge in the place of the one that was answered: each is answered once. False where it was."""
    table = Ceremony.__table__
    with transaction(store) as session:
        done = session.execute(
            update(table)
            .where(table.c.token_sha256 == begun.token_sha256, table.c.challenge == begun.challenge)
            .values(challenge=secrets.token_bytes(CHALLENGE_BYTES))
        )
    return bool(done.rowcount)  # type: ignore[attr-defined]
