"""The one door through which everything is written.

An action is a function `(tx, *, ...)` under `@action`. The door checks the right, takes the write transaction, locks
the chains the action names in sorted order, answers a repeated form with the first result, refuses a form that was
rendered before somebody else changed its subject, runs the body, adds one trail event made from what the session
really inserted, and commits. On any exception nothing is kept. What was refused becomes an access event.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from sqlalchemy import Insert, func, insert, select, update

from labrecords.actions.again import again_if_lost, stands
from labrecords.actions.rights import roles_of
from labrecords.domain.evidence import trail
from labrecords.domain.permissions import Permission, Role, permissions_of
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.base import Base
from labrecords.models.batch_record import batch_chain
from labrecords.models.people import (
    IdempotencyKey,
)
from labrecords.models.records import ROW_OF
from labrecords.models.session import WriteSession
from labrecords.models.store import Store
from labrecords.models.trail import TrailEvent, TrailHead

if TYPE_CHECKING:
    from labrecords.actions.identity_keys import IdentityKeys

ACCESS, PEOPLE, EQUIPMENT, SYSTEM, LABORATORY = "access", "people", "equipment", "system", "laboratory"
MATERIALS = "materials"
MASTERS = "masters"
RECALLS = "recalls"
PLACE_LOG = "places"

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, or the system itself (no id) for set-up from the command line."""

    person_id: str
    username: str
    name: str
    roles: frozenset[Role] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles carries the permission."""
        return permission in permissions_of(self.roles)


SYSTEM_ACTOR = Actor("", "system", "labrecords")


@dataclass(frozen=True)
class Acting:
    """An act in progress: who, with which idempotency key of the form, from where."""

    store: Store
    actor: Actor
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    source: str = "command line"
    keys: IdentityKeys | None = field(default=None, repr=False)
    """With which who a patient is can be compared; without them codes alone are."""


class Refused(Exception):
    """A permission was refused. Names every reason; becomes an access event."""

    def __init__(self, *blockers: Blocker) -> None:
        super().__init__(" ".join(blocker.sentence for blocker in blockers))
        self.blockers = blockers


class Invalid(Exception):
    """Input that cannot be a fact: a sentence per field. Nothing is kept."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class Stale(Exception):
    """The subject changed since the form was rendered."""

    def __init__(self, seen: int, now: int) -> None:
        super().__init__("Somebody else changed this since the page was shown.")
        self.seen, self.now = seen, now


class ClockWentBack(Exception):
    """The server's clock is behind the last event: nothing can be recorded until it is set right."""


class Ref(Protocol):
    """What an action names as its subject."""

    @property
    def chain(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def seen(self) -> int | None: ...


@dataclass(frozen=True)
class BatchRef:
    """A whole batch, with the number of the last event that the form had seen."""

    batch_id: str
    seen: int | None = None
    subject: str = ""

    @property
    def chain(self) -> str:
        return batch_chain(self.batch_id)


@dataclass(frozen=True)
class StepRef:
    """One step of a batch, with the number of that step's last event that the form had seen."""

    batch_id: str
    step_key: str
    seen: int | None = None

    @property
    def chain(self) -> str:
        return batch_chain(self.batch_id)

    @property
    def subject(self) -> str:
        return self.step_key


@dataclass
class Tx:
    """An open write transaction, as the body of an action sees it."""

    session: WriteSession
    by: Acting
    now: datetime
    heads: dict[str, tuple[int, str]]
    act: str
    subject: str = ""
    reason: str | None = None
    detail: dict[str, str] = field(default_factory=dict)
    primary: str = ""
    repeat: Any = ...
    """What a repeat of the form is answered, where the result itself holds a secret that is told once."""

    @property
    def actor(self) -> Actor:
        return self.by.actor

    def add(self, item: Any) -> None:
        """Insert a row, or the row of a domain object, at once: rows reach the database in the order of the act."""
        self.session.add(item if isinstance(item, Base) else ROW_OF[type(item)].of(item))
        self.session.flush()

    def begin_chain(self, chain: str) -> None:
        """Begin the chain of a subject that this act creates; the act's rows belong to it."""
        row = _locked_head(self.session, chain)
        self.heads[chain] = (row.seq, row.digest)
        self.primary = chain

    def new_id(self) -> str:
        return secrets.token_hex(16)


Body = Callable[Concatenate[Tx, P], R]
Needs = Permission | Callable[[Mapping[str, Any]], Permission] | None
"""The permission an act needs, or how it follows from the arguments; None: only the system does it."""


def action(
    act: str, *, needs: Needs, chains: tuple[str, ...] = ()
) -> Callable[[Body[P, R]], Callable[Concatenate[Acting, P], R]]:
    """Make an action of a function. `act` names the event (the body may refine it), `needs` the permission.

    The chains are those named here and those of every Ref among the arguments; the first is the primary one.
    The result must be JSON, since a repeated form gets it again.
    """

    def decorate(body: Body[P, R]) -> Callable[Concatenate[Acting, P], R]:
        @wraps(body)
        def run(by: Acting, *args: P.args, **given: P.kwargs) -> R:
            refs: list[Ref] = [value for value in given.values() if isinstance(value, (BatchRef, StepRef))]
            permission = needs(given) if callable(needs) else needs
            try:
                return again_if_lost(
                    lambda: _run(by, act, permission, refs, chains, lambda tx: body(tx, *args, **given))
                )
            except Refused as refusal:
                _note_refusal(by, act, refs, refusal)
                raise

        run.act, run.needs = act, needs  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[Acting, P], R]", run)

    return decorate


def _run(
    by: Acting,
    act: str,
    needs: Permission | None,
    refs: list[Ref],
    chains: tuple[str, ...],
    body: Callable[[Tx], R],
) -> R:
    names = [ref.chain for ref in refs] + list(chains)
    with transaction(by.store) as session:
        now, heads = _lock(session, by.store, names)
        tx = Tx(session, by, now, heads, act, subject=refs[0].subject if refs else "")
        # After the lock: of two equal forms sent at once the second finds the result of the first.
        first = _first_result(tx, act)
        if first is not None:
            return json.loads(first)  # type: ignore[no-any-return]
        _check_right(tx, needs)
        for ref in refs:
            _check_seen(tx, ref)
        result = body(tx)
        _add_events(tx, names)
        _keep_result(tx, act, result)
    return result


@contextmanager
def transaction(store: Store) -> Iterator[WriteSession]:
    """A write transaction: kept whole when the block ends, not at all when it raises. The only commit there is."""
    with store.write() as session:
        yield session
        session.commit()


def _check_right(tx: Tx, needs: Permission | None) -> None:
    """Rights are read from the database at the act itself, not from the sign-in (21 CFR 11.10(g))."""
    if tx.actor is SYSTEM_ACTOR:
        return
    if needs is None:
        raise Refused(Blocker("permission", "Only the system does this.", ""))
    if needs not in permissions_of(roles_of(tx.session, tx.actor.person_id, tx.now)):
        raise Refused(
            Blocker(
                "permission",
                f"{tx.actor.name} does not have the right: {needs.value.lower()}.",
                "Ask somebody who has it, or the administrator for the role.",
            )
        )


def _first_result(tx: Tx, act: str) -> str | None:
    table = IdempotencyKey.__table__
    query = select(table.c.act, table.c.result).where(
        table.c.key == tx.by.key, table.c.person_id == tx.actor.person_id
    )
    row = tx.session.execute(query).first()
    if row is None:
        return None
    if row.act != act:
        raise Refused(Blocker("form", "This form was used for something else.", "Open the page again."))
    return str(row.result)


def _keep_result(tx: Tx, act: str, result: Any) -> None:
    values = {
        "key": tx.by.key,
        "person_id": tx.actor.person_id,
        "act": act,
        "result": json.dumps(result if tx.repeat is ... else tx.repeat),
        "at": tx.now,
    }
    tx.session.execute(insert(IdempotencyKey.__table__).values(values))


def _lock(
    session: WriteSession, store: Store, chains: list[str]
) -> tuple[datetime, dict[str, tuple[int, str]]]:
    """Lock chains in sorted order. Returns the instant of the act, and the head of each chain.

    The clock is read under the locks: read before, an act that had to wait would be dated before the one that it
    waited for. Raises ClockWentBack.
    """
    rows = {chain: _locked_head(session, chain) for chain in sorted(set(chains))}
    now, last = store.clock(), max(row.at for row in rows.values())
    if last > times.to_text(now):
        raise ClockWentBack(
            f"The server's clock ({times.to_text(now)}) is behind the last event ({last}). "
            "Nothing can be recorded until the clock is right."
        )
    return now, {chain: (row.seq, row.digest) for chain, row in rows.items()}


def _locked_head(session: WriteSession, chain: str) -> Any:
    """The row of a chain's head, locked for this transaction. On SQLite the write lock is held already."""
    table = TrailHead.__table__
    query = select(table.c.seq, table.c.digest, table.c.at).where(table.c.chain == chain).with_for_update()
    row = session.execute(query).first()
    if row is None:
        # Of the two dialects only the one in use is loaded.
        add: Any = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}").insert
        empty = {"chain": chain, "seq": 0, "digest": trail.GENESIS, "at": ""}
        session.execute(add(table).values(empty).on_conflict_do_nothing())
        row = session.execute(query).one()
    return row


def _check_seen(tx: Tx, ref: Ref) -> None:
    if ref.seen is None:
        return
    if not ref.subject:
        now = tx.heads[ref.chain][0]
    else:
        table = TrailEvent.__table__
        query = select(func.max(table.c.seq)).where(
            table.c.chain == ref.chain, table.c.subject == ref.subject
        )
        now = tx.session.execute(query).scalar() or 0
    if now != ref.seen:
        raise Stale(ref.seen, now)


def _add_events(tx: Tx, names: list[str]) -> None:
    """One event with what was inserted; in the other chains of the act, events that refer to it."""
    primary = tx.primary or names[0]
    others = sorted(set(names) - {primary})
    refs = {chain: tx.heads[chain][0] + 1 for chain in others}
    # A row of another batch of the act stands in that batch's own chain, which must tell all that the batch has.
    elsewhere = {chain: [row for row in tx.session.inserted if _batch_of(row) == chain] for chain in others}
    moved = [row for rows in elsewhere.values() for row in rows]
    append_event(tx, primary, [row for row in tx.session.inserted if row not in moved], refs)
    for chain in others:
        append_event(tx, chain, elsewhere[chain], {primary: tx.heads[primary][0]})


def _batch_of(row: trail.Row) -> str:
    """The chain of the batch that a row belongs to; empty for a row of none."""
    batch_id = row.values.get("batch_id")
    return batch_chain(str(batch_id)) if batch_id else ""


def append_event(tx: Tx, chain: str, rows: list[trail.Row], refs: Mapping[str, int]) -> None:
    """Add one event to a locked chain and move its head."""
    seq, prev = tx.heads[chain]
    actor = {"id": tx.actor.person_id, "username": tx.actor.username, "name": tx.actor.name}
    payload = trail.event_bytes(
        chain=chain,
        seq=seq + 1,
        at=tx.now,
        actor=actor,
        act=tx.act,
        subject=tx.subject,
        reason=tx.reason,
        rows=rows,
        refs=refs,
        detail=tx.detail,
        prev=prev,
    )
    digest = trail.digest(payload)
    at = times.to_text(tx.now)
    event = {
        "chain": chain,
        "seq": seq + 1,
        "subject": tx.subject,
        "payload": payload,
        "digest": digest,
        "at": at,
        "actor": tx.actor.person_id,
        "act": tx.act,
        "reason": tx.reason or "",
    }
    tx.session.execute(_add_event(), event)
    head = TrailHead.__table__
    tx.session.execute(update(head).where(head.c.chain == chain).values(seq=seq + 1, digest=digest, at=at))
    tx.heads[chain] = (seq + 1, digest)


@cache
def _add_event() -> Insert:
    """The statement is built once: building takes longer than running it."""
    return insert(TrailEvent.__table__)


def note_access(by: Acting, act: str, *, reason: str | None = None, **detail: str) -> None:
    """Record an access event: a refusal, a sign-in, a download. In a transaction of its own, on its own chain."""
    tried: list[tuple[int, str]] = []

    def keep_event() -> None:
        with transaction(by.store) as session:
            now, heads = _lock(session, by.store, [ACCESS])
            if any(stands(session, ACCESS, *event) for event in tried):
                return
            tx = Tx(session, by, now, heads, act, reason=reason, detail={"source": by.source, **detail})
            append_event(tx, ACCESS, [], {})
            tried.append(tx.heads[ACCESS])

    again_if_lost(keep_event)


def _note_refusal(by: Acting, act: str, refs: list[Ref], refusal: Refused) -> None:
    about = {"chain": refs[0].chain, "subject": refs[0].subject} if refs else {}
    note_access(by, f"{act} refused", reason=str(refusal), **about)
