"""How often a person may fail to show who they are: the first failures are free, then the wait doubles.

Failures count per account and source together. Where the person has not signed in before they count per source and
per account too: guessing widely is slow, and a third person elsewhere cannot lock anyone out at the own place
(OWASP ASVS 6.1.1, 6.3.1). A failure is forgotten after an hour; it is no record, but each is also an access event.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from labrecords.actions.door import transaction
from labrecords.models.people import PersonRow, SignInFailure, WebSession
from labrecords.models.store import Store

LONGEST_WAIT_S, FORGOTTEN_AFTER = 900, timedelta(hours=1)
FREE_TRIES, FREE_TRIES_OF_SOURCE, FREE_TRIES_OF_ACCOUNT = 5, 50, 100
"""Failures within the hour after which one waits: for an account from one source, of a source, of an account."""


def wait_s(session: Session, person: PersonRow | None, account: str, source: str, now: datetime) -> int:
    """Seconds until the next try for this typed account from this source is answered; 0 for at once."""
    of_account, of_source = SignInFailure.account == kept_form(account), SignInFailure.source == source
    waits = [_doubling(session, (of_account, of_source), FREE_TRIES, now)]
    if not _signed_in_from(session, person, source):
        waits.append(_doubling(session, (of_source,), FREE_TRIES_OF_SOURCE, now))
        waits.append(_doubling(session, (of_account,), FREE_TRIES_OF_ACCOUNT, now))
    return max(waits)


def count_failure(store: Store, account: str, source: str, asked_for: str = "sign-in") -> None:
    """Count one more failure, and forget those of more than an hour ago."""
    table, now = SignInFailure.__table__, store.clock()
    with transaction(store) as session:
        session.execute(delete(table).where(table.c.at < now - FORGOTTEN_AFTER))
        session.execute(
            insert(table).values(
                {"account": kept_form(account), "source": source, "asked_for": asked_for, "at": now}
            )
        )


def forget_failures(store: Store, account: str, source: str) -> None:
    """After a success the account is free again from this source. Writes only where something is to be forgotten."""
    table = SignInFailure.__table__
    mine = (table.c.account == kept_form(account), table.c.source == source)
    with store.read() as session:
        if session.execute(select(table.c.id).where(*mine).limit(1)).first() is None:
            return
    with transaction(store) as session:
        session.execute(delete(table).where(*mine))


def _signed_in_from(session: Session, person: PersonRow | None, source: str) -> bool:
    if person is None:
        return False
    query = select(WebSession.person_id).where(WebSession.person_id == person.id, WebSession.source == source)
    return session.execute(query.limit(1)).first() is not None


def _doubling(session: Session, of: tuple[ColumnElement[bool], ...], free: int, now: datetime) -> int:
    query = select(func.count(), func.max(SignInFailure.at)).where(
        *of, SignInFailure.at > now - FORGOTTEN_AFTER
    )
    failures, last = session.execute(query).one()
    if failures < free or last is None:
        return 0
    wait = LONGEST_WAIT_S if failures - free > 10 else min(2 ** (failures - free), LONGEST_WAIT_S)
    return max(0, int((last + timedelta(seconds=wait) - now).total_seconds() + 0.999))


def second_step_of(username: str) -> str:
    """The name under which wrong codes are counted: a right password does not forgive them."""
    return f"{username}\nsecond step"


def kept_form(account: str) -> str:
    """What is kept of a typed username: a hash, since it may be a password typed at the wrong place."""
    return hashlib.sha256(account.encode(errors="replace")).hexdigest()
