"""Sessions of signed-in browsers: locked, opened again, ended, by the person or by the administrator. No records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update

from labrecords.actions.accounts import fresh_token, token_digest
from labrecords.actions.door import (
    PEOPLE,
    Acting,
    Actor,
    Invalid,
    Refused,
    Tx,
    action,
    note_access,
    transaction,
)
from labrecords.actions.signing import Proof
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.models.people import PersonRow, WebSession
from labrecords.models.store import Store

_TABLE = WebSession.__table__


def lock(store: Store, actor: Actor, token: str, source: str, *, at: datetime | None = None) -> None:
    """Lock a session: until it is opened again it shows and changes nothing. `at`: when it was left alone too long."""
    with transaction(store) as session:
        values = {"locked_at": at or store.clock()}
        session.execute(_open(token).where(_TABLE.c.locked_at.is_(None)).values(values))
    note_access(Acting(store, actor, source=source), "session locked", reason="not used" if at else None)


def unlock(store: Store, proof: Proof, token: str, source: str) -> str:
    """Go on with a locked session, under a new token; its hours go on too. Returns the token.

    Refused when the session has ended, or is another person's than the proof.
    """
    fresh, now = fresh_token(), store.clock()
    with transaction(store) as session:
        mine = (
            _TABLE.c.token_sha256 == token_digest(token),
            _TABLE.c.person_id == proof.actor.person_id,
            _TABLE.c.ended_at.is_(None),
        )
        held = session.execute(select(_TABLE).where(*mine).with_for_update()).mappings().first()
        if held is None:
            raise Refused(Blocker("session", "This session has ended.", "Sign in again."))
        session.execute(_open(token).values(ended_at=now))
        kept: dict[str, Any] = dict(held)
        kept |= {"token_sha256": token_digest(fresh), "seen_at": now, "locked_at": None}
        session.execute(insert(_TABLE).values(kept))
    note_access(Acting(store, proof.actor, source=source), "session unlocked")
    return fresh


def end_one(store: Store, actor: Actor, token_sha256: str, source: str) -> None:
    """End one of the own sessions, wherever it is."""
    _end_own(store, actor, _TABLE.c.token_sha256 == token_sha256)
    note_access(Acting(store, actor, source=source), "signed out", reason="ended from another session")


def end_others(store: Store, actor: Actor, token: str, source: str) -> None:
    """End all own sessions but the one in hand."""
    _end_own(store, actor, _TABLE.c.token_sha256 != token_digest(token))
    note_access(Acting(store, actor, source=source), "signed out", reason="all other sessions")


def know_device(store: Store, actor: Actor, token_sha256: str, source: str) -> None:
    """The person says that they know a device on which they had signed in for the first time."""
    with transaction(store) as session:
        session.execute(_own(actor).where(_TABLE.c.token_sha256 == token_sha256).values(strange=0))
    note_access(Acting(store, actor, source=source), "new device known")


@action("session.ended", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def end_session_of(tx: Tx, *, token_sha256: str, reason: str) -> str:
    """End one session of somebody. Returns the person's id."""
    held = _session(tx, token_sha256, reason)
    tx.reason, tx.detail = reason, {"person": held.username, "device": held.device}
    tx.session.execute(update(_TABLE).where(_TABLE.c.token_sha256 == token_sha256).values(ended_at=tx.now))
    return str(held.person_id)


@action("device.lost", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def lose_device(tx: Tx, *, token_sha256: str, reason: str) -> int:
    """A tablet was lost: every session on the device of this one ends, whoever's it is (21 CFR 11.300(c)).

    Returns how many sessions ended.
    """
    held = _session(tx, token_sha256, reason)
    there = _TABLE.c.token_sha256 == token_sha256
    if held.device_sha256:
        there = or_(there, _TABLE.c.device_sha256 == held.device_sha256)
    query = (
        select(PersonRow.username)
        .join(_TABLE, _TABLE.c.person_id == PersonRow.id)
        .where(there, _TABLE.c.ended_at.is_(None))
    )
    people = list(tx.session.execute(query).scalars())
    tx.reason = reason
    tx.detail = {
        "people": ", ".join(sorted(set(people))),
        "device": held.device,
        "sessions": str(len(people)),
    }
    tx.session.execute(update(_TABLE).where(there, _TABLE.c.ended_at.is_(None)).values(ended_at=tx.now))
    return len(people)


def _session(tx: Tx, token_sha256: str, reason: str) -> Any:
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    query = (
        select(_TABLE.c.person_id, _TABLE.c.device, _TABLE.c.device_sha256, PersonRow.username)
        .join(PersonRow, PersonRow.id == _TABLE.c.person_id)
        .where(_TABLE.c.token_sha256 == token_sha256)
    )
    found = tx.session.execute(query).first()
    if found is None:
        raise Refused(Blocker("session", "There is no such session.", "Choose one from the list."))
    return found


def _open(token: str) -> Any:
    return update(_TABLE).where(_TABLE.c.token_sha256 == token_digest(token), _TABLE.c.ended_at.is_(None))


def _own(actor: Actor) -> Any:
    return update(_TABLE).where(_TABLE.c.person_id == actor.person_id)


def _end_own(store: Store, actor: Actor, which: ColumnElement[bool]) -> None:
    with transaction(store) as session:
        session.execute(_own(actor).where(which, _TABLE.c.ended_at.is_(None)).values(ended_at=store.clock()))
