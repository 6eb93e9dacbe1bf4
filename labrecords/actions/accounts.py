"""What a person does with the own account: accept an invitation, prove who they are, sign in and out, agree."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from labrecords.actions import misuse, throttle
from labrecords.actions.door import (
    PEOPLE,
    SYSTEM_ACTOR,
    Acting,
    Actor,
    Invalid,
    Refused,
    Tx,
    action,
    note_access,
    transaction,
)
from labrecords.actions.rights import roles_of
from labrecords.actions.signing import Proof
from labrecords.domain.evidence.signatures import AGREEMENT, AGREEMENT_VERSION
from labrecords.domain.passwords import LONGEST, normalised, password_problems
from labrecords.domain.permissions import Permission
from labrecords.domain.review.release import Blocker
from labrecords.models.batch_record import laboratory
from labrecords.models.people import (
    AgreementRow,
    CredentialRow,
    DeactivationRow,
    InvitationRow,
    PersonRow,
    WebSession,
)
from labrecords.models.store import Store

# argon2id with 19 MiB, two passes: 28 ms here; OWASP's second choice. A stronger cost is a change of this line:
# older hashes keep their own parameters.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE, WAIT_FOR_A_PLACE_S = 4, 5
"""So many checks run together in one process, each with its 19 MiB; who finds no place so long is sent away."""
_PLACES = threading.BoundedSemaphore(AT_ONCE)
_NOBODY = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
"""Checked when the account is unknown, so that the answer takes as long: no password has this hash."""

WRONG = "Username or password is not right."
SESSIONS_KEPT = timedelta(days=90)
"""So long after its last use a session is forgotten; until then place and device are known as the person's."""


@dataclass(frozen=True)
class Device:
    """The browser that a person signs in with: what it says it is, and the random mark that it keeps."""

    words: str = ""
    mark: str = ""


class NotProved(Exception):
    """The person did not show who they are; the text is a sentence that does not tell which part was wrong."""


class TooManyTries(NotProved):
    """Too many failures of late from this source for this account."""


class Busy(TooManyTries):
    """More people sign in at once than there is memory to check; nothing is said about who it is."""


def prove_identity(store: Store, username: str, password: str, source: str, purpose: str) -> Proof:
    """Check username and password. Raises NotProved, TooManyTries or Busy.

    Failures are access events, are throttled, and raise an alert where there are too many.
    """
    account = username.replace("\0", "").strip().casefold()[:200]
    with store.read() as session:
        person = session.execute(select(PersonRow).where(PersonRow.username == account)).scalar()
        wait = throttle.wait_s(session, person, account, source, store.clock())
        credential = credential_of(session, person.id) if person else None
        usable = person is not None and not is_deactivated(session, person.id)
        roles = roles_of(session, person.id, store.clock()) if person else frozenset()
    # What is typed at the wrong place may be a password: only names that exist are noted.
    noted = account if person else "unknown"
    if wait > 0:
        _note_failure(store, noted, source, purpose, "too many tries")
        raise TooManyTries(f"Too many tries. Wait {wait} s, then try again.")
    right = False
    if len(password) <= LONGEST:
        with _a_place():
            right = _verify(credential.password_hash if credential else _NOBODY, password)
    if not (right and credential and usable and person):
        asked_for = "signature" if purpose == "signature" else "sign-in"
        throttle.count_failure(store, account, source, asked_for)
        _note_failure(store, noted, source, purpose, "wrong username or password")
        misuse.watch(store, account, known=person is not None, asked_for=asked_for, source=source)
        raise NotProved(WRONG)
    throttle.forget_failures(store, account, source)
    actor = Actor(person.id, person.username, person.name, roles)
    return Proof(actor, credential.id, store.clock())


@contextmanager
def _a_place() -> Iterator[None]:
    """Room to check or set one password. Raises Busy where none becomes free in time."""
    if not _PLACES.acquire(timeout=WAIT_FOR_A_PLACE_S):
        raise Busy("Many people are signing in at this moment. Wait a moment, then try again.")
    try:
        yield
    finally:
        _PLACES.release()


def sign_in(store: Store, proof: Proof, source: str, device: Device = Device()) -> str:
    """Begin a session of the person. Returns its token, of which only a hash is kept, as of the device's mark.

    Sessions that nobody used for long are forgotten.
    """
    token, now, table = fresh_token(), store.clock(), WebSession.__table__
    mark = token_digest(device.mark) if device.mark else None
    with transaction(store) as session:
        session.execute(delete(table).where(table.c.seen_at < now - SESSIONS_KEPT))
        values = {
            "token_sha256": token_digest(token),
            "person_id": proof.actor.person_id,
            "started_at": now,
            "seen_at": now,
            "source": source,
            "device": device.words[:300],
            "device_sha256": mark,
            "strange": int(_is_strange(session, proof.actor.person_id, mark)),
        }
        session.execute(insert(table).values(values))
    note_access(Acting(store, proof.actor, source=source), "signed in")
    return token


def sign_out(store: Store, actor: Actor, token: str, source: str) -> None:
    """End a session on the server."""
    table = WebSession.__table__
    with transaction(store) as session:
        session.execute(
            update(table).where(table.c.token_sha256 == token_digest(token)).values(ended_at=store.clock())
        )
    note_access(Acting(store, actor, source=source), "signed out")


def sign_out_everywhere(store: Store, actor: Actor, source: str) -> None:
    """End every session of the person, this one too."""
    with transaction(store) as session:
        end_sessions(session, actor.person_id, store.clock())
    note_access(Acting(store, actor, source=source), "signed out everywhere")


def touch_session(store: Store, token: str) -> None:
    """Note that a session was used just now."""
    table = WebSession.__table__
    with transaction(store) as session:
        session.execute(
            update(table).where(table.c.token_sha256 == token_digest(token)).values(seen_at=store.clock())
        )


def _is_strange(session: Session, person_id: str, mark: str | None) -> bool:
    """Whether the person has signed in before, and never on this device."""
    table = WebSession.__table__
    own = select(table.c.token_sha256).where(table.c.person_id == person_id).limit(1)
    if mark is None or session.execute(own.where(table.c.device_sha256.is_not(None))).first() is None:
        return False
    return session.execute(own.where(table.c.device_sha256 == mark)).first() is None


def fresh_token() -> str:
    """A random token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


@action("invitation.accepted", needs=None, chains=(PEOPLE,))
def accept_invitation(tx: Tx, *, secret: str, password: str) -> str:
    """Set the password of the person a one-time link was made for, and end their sessions. Returns the username."""
    invitation = open_invitation(tx.session, secret, tx.now)
    if invitation is None:
        raise Refused(
            Blocker(
                "invitation",
                "This link was used already or has expired.",
                "Ask the administrator for a new one.",
            )
        )
    person = tx.session.get_one(PersonRow, invitation.person_id)
    _set_password(tx, person, password, invitation.id)
    end_sessions(tx.session, person.id, tx.now)
    tx.detail = {"person": person.username}
    return str(person.username)


def open_invitation(session: Session, secret: str, now: datetime) -> InvitationRow | None:
    """The invitation that a secret belongs to while it can be used: not used, not expired, not replaced."""
    found = session.execute(
        select(InvitationRow)
        .outerjoin(CredentialRow, CredentialRow.invitation_id == InvitationRow.id)
        .where(InvitationRow.secret_sha256 == token_digest(secret), CredentialRow.id.is_(None))
    ).scalar()
    if found is None or found.expires_at < now or is_deactivated(session, found.person_id):
        return None
    newest = session.execute(
        select(func.max(InvitationRow.invited_at)).where(InvitationRow.person_id == found.person_id)
    ).scalar()
    return found if newest == found.invited_at else None


@action("password.changed", needs=Permission.OWN_ACCOUNT, chains=(PEOPLE,))
def change_password(tx: Tx, *, proof: Proof, password: str) -> str:
    """Change the own password, after proof of the present one. Ends all sessions of the person."""
    if proof.actor.person_id != tx.actor.person_id:
        raise Refused(Blocker("password", "Only the person changes the own password.", "Sign in yourself."))
    person = tx.session.get_one(PersonRow, tx.actor.person_id)
    _set_password(tx, person, password, None)
    end_sessions(tx.session, person.id, tx.now)
    return str(person.username)


@action("agreement.accepted", needs=Permission.OWN_ACCOUNT, chains=(PEOPLE,))
def accept_agreement(tx: Tx, *, proof: Proof) -> str:
    """Accept once that electronic signatures bind (21 CFR 11.10(j))."""
    if proof.actor.person_id != tx.actor.person_id:
        raise Refused(Blocker("agreement", "Only the person accepts this.", "Sign in yourself."))
    if has_agreed(tx.session, tx.actor.person_id):
        raise Refused(Blocker("agreement", "You have accepted this already.", "Nothing needs to be done."))
    row = AgreementRow(
        id=tx.new_id(),
        person_id=tx.actor.person_id,
        version=AGREEMENT_VERSION,
        statement=AGREEMENT,
        agreed_at=tx.now,
    )
    tx.add(row)
    return str(row.id)


def has_agreed(session: Session, person_id: str) -> bool:
    """Whether a person has accepted the present version of the statement."""
    query = select(AgreementRow.id).where(
        AgreementRow.person_id == person_id, AgreementRow.version == AGREEMENT_VERSION
    )
    return session.execute(query).first() is not None


def end_sessions(session: Session, person_id: str, now: datetime) -> None:
    """End every session of a person."""
    table = WebSession.__table__
    session.execute(
        update(table).where(table.c.person_id == person_id, table.c.ended_at.is_(None)).values(ended_at=now)
    )


def _set_password(tx: Tx, person: PersonRow, password: str, invitation_id: str | None) -> None:
    site = laboratory(tx.session)
    problems = password_problems(
        password, context=(person.username, person.name, site.name, site.site_code, "labrecords")
    )
    if problems:
        raise Invalid({"password": " ".join(problems)})
    tx.add(
        CredentialRow(
            id=tx.new_id(),
            person_id=person.id,
            invitation_id=invitation_id,
            password_hash=_HASHER.hash(normalised(password).encode()),
            salt=secrets.token_hex(16),
            set_at=tx.now,
        )
    )


def credential_of(session: Session, person_id: str) -> CredentialRow | None:
    """The present password of a person, as a hash; None where none was set."""
    query = select(CredentialRow).where(CredentialRow.person_id == person_id)
    return session.execute(query.order_by(CredentialRow.set_at.desc(), CredentialRow.id).limit(1)).scalar()


def is_deactivated(session: Session, person_id: str) -> bool:
    """Whether a person may no longer sign in."""
    return (
        session.execute(select(DeactivationRow.id).where(DeactivationRow.person_id == person_id)).first()
        is not None
    )


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, normalised(password).encode())
    except VerificationError:
        return False


def _note_failure(store: Store, account: str, source: str, purpose: str, why: str) -> None:
    by = Acting(store, SYSTEM_ACTOR, source=source)
    note_access(by, f"{purpose} refused", reason=why, account=account)
