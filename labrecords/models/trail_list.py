"""The events of all chains, the newest first: by who, what, when, why and about what; paged by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from labrecords.domain.values import times
from labrecords.models.stored import as_bytes
from labrecords.models.trail import TrailEvent

PAGE = 100
LOOKED_AT = 2000
"""So many events are looked through for one page where no index answers the whole question."""


@dataclass(frozen=True)
class TrailQuery:
    """What is looked for; what is empty does not matter."""

    chain: str = ""
    subject: str = ""
    actor: str | None = None
    """Id of a person; empty text for the system and for whoever was not signed in; None for everybody."""
    act: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    """Up to this instant, without it."""
    why: str = ""
    """Part of the reason, in capitals or not."""
    before: str = ""
    """Key of the page: instant, chain and number of the event after which it begins, with bars between."""


@dataclass(frozen=True)
class FoundEvent:
    """Where an event stands, and its bytes."""

    chain: str
    seq: int
    at: str
    reason: str
    payload: bytes


@dataclass(frozen=True)
class TrailPage:
    events: tuple[FoundEvent, ...]
    next: str
    """Key of the next page, or empty."""
    looked_until: datetime | None = None
    """How far back events were looked through, where the page ends before it is full."""


def list_events(session: Session, query: TrailQuery, size: int = PAGE) -> TrailPage:
    """One page of events, the newest first.

    Where no index answers the whole question, no more than LOOKED_AT events are looked through for a page: it may be
    short then, and says how far it looked.
    """
    narrowed, rest = _narrowed(query)
    limit = LOOKED_AT if rest else size + 1
    found: list[Row[Any]] = []
    looked, last = 0, None
    for row in session.execute(narrowed.limit(limit)):
        looked += 1
        last = row
        if _is_meant(row, rest):
            found.append(row)
            if len(found) > size:
                break
    shown = found[:size]
    if len(found) > size:
        return TrailPage(tuple(map(_whole, shown)), _key(shown[-1]))
    if rest and looked == LOOKED_AT and last is not None:
        return TrailPage(tuple(map(_whole, shown)), _key(last), times.from_text(last.at))
    return TrailPage(tuple(map(_whole, shown)), "")


def all_events(session: Session, query: TrailQuery) -> Iterator[FoundEvent]:
    """Every event that is meant, the newest first, a page at a time: a million need no more memory than a hundred."""
    while True:
        page = list_events(session, query, 10 * PAGE)
        yield from page.events
        if not page.next:
            return
        query = replace(query, before=page.next)


def one_event(session: Session, chain: str, seq: int) -> FoundEvent | None:
    """One event, or None."""
    table = TrailEvent.__table__
    row = session.execute(_columns().where(table.c.chain == chain, table.c.seq == seq)).first()
    return _whole(row) if row else None


def known_acts(session: Session) -> list[str]:
    """Every act that stands in the trail, by name: one step in the index for each, however many events there are."""
    return list(session.execute(_acts()).scalars())


@cache
def _acts() -> Select[Any]:
    table = TrailEvent.__table__
    step = select(func.min(table.c.act).label("act")).where(table.c.act > "").cte("step", recursive=True)
    following = select(func.min(table.c.act)).where(table.c.act > step.c.act).scalar_subquery()
    step = step.union_all(select(following).where(step.c.act.is_not(None)))
    return select(step.c.act).where(step.c.act.is_not(None))


def _narrowed(query: TrailQuery) -> tuple[Select[Any], dict[str, Any]]:
    """What one index answers, in its order, and what is left to be looked at in each event."""
    table = TrailEvent.__table__
    conditions: list[Any] = []
    rest: dict[str, Any] = {
        "chain": query.chain or None,
        "subject": query.subject or None,
        "actor": query.actor,
        "act": query.act or None,
        "why": query.why.casefold() or None,
    }
    if query.chain and query.subject:
        conditions += [table.c.chain == query.chain, table.c.subject == query.subject]
        rest |= {"chain": None, "subject": None}
    else:
        first = next((name for name in ("chain", "act", "actor") if rest[name] is not None), "")
        if first:
            conditions.append(table.c[first] == rest.pop(first))
        elif rest["why"]:
            conditions.append(table.c.reason != "")
    if query.begins is not None:
        conditions.append(table.c.at >= times.to_text(query.begins))
    if query.ends is not None:
        conditions.append(table.c.at < times.to_text(query.ends))
    if query.before:
        at, chain, seq = query.before.split("|")
        conditions.append(_beyond(query, at, chain, int(seq)))
    wanted = {name: value for name, value in rest.items() if value is not None}
    return _columns().where(*conditions).order_by(*_order(query)), wanted


def _order(query: TrailQuery) -> tuple[Any, ...]:
    """The newest first, as an index has it: within one instant by chain and number."""
    table = TrailEvent.__table__
    if not query.chain:
        return table.c.at.desc(), table.c.chain.desc(), table.c.seq.desc()
    return (table.c.seq.desc(),) if query.subject else (table.c.at.desc(), table.c.seq.desc())


def _beyond(query: TrailQuery, at: str, chain: str, seq: int) -> Any:
    """What comes after an event in this order."""
    table = TrailEvent.__table__
    if not query.chain:
        return tuple_(table.c.at, table.c.chain, table.c.seq) < (at, chain, seq)
    return table.c.seq < seq if query.subject else tuple_(table.c.at, table.c.seq) < (at, seq)


def _columns() -> Select[Any]:
    table = TrailEvent.__table__
    return select(
        *(table.c[name] for name in ("chain", "seq", "at", "subject", "actor", "act", "reason", "payload"))
    )


def _is_meant(row: Row[Any], rest: dict[str, Any]) -> bool:
    return all(
        value in row.reason.casefold() if name == "why" else getattr(row, name) == value
        for name, value in rest.items()
    )


def _key(row: Row[Any]) -> str:
    return f"{row.at}|{row.chain}|{row.seq}"


def _whole(row: Row[Any]) -> FoundEvent:
    return FoundEvent(row.chain, row.seq, row.at, row.reason, as_bytes(row.payload))
