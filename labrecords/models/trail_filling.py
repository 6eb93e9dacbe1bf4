"""What stands beside the bytes of old events, from the bytes themselves: for the migration that added these columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, bindparam, column, select, table, text, tuple_, update

from labrecords.models.stored import as_bytes

COLUMNS = ("at", "actor", "act", "reason")
AT_ONCE = 5000
_GUARDS = ("guard_trail_event_update", "guard_trail_event_delete", "guard_trail_event_replace")


def fill(connection: Connection) -> None:
    """Fill when, who, what and why of every event. Beside bytes that are no event nothing is said."""
    event = table("trail_event", *map(column, ("chain", "seq", "payload", *COLUMNS)))
    change = (
        update(event)
        .where(event.c.chain == bindparam("of_chain"), event.c.seq == bindparam("of_seq"))
        .values({name: bindparam(f"its_{name}") for name in COLUMNS})
    )
    some = select(event.c.chain, event.c.seq, event.c.payload).order_by(event.c.chain, event.c.seq)
    following = some.limit(AT_ONCE)
    with _unguarded(connection):
        while rows := connection.execute(following).all():
            changes = [
                {
                    "of_chain": row.chain,
                    "of_seq": row.seq,
                    **{f"its_{name}": said for name, said in found.items()},
                }
                for row in rows
                if (found := beside(as_bytes(row.payload)))
            ]
            if changes:
                connection.execute(change, changes)
            last = (rows[-1].chain, rows[-1].seq)
            following = some.where(tuple_(event.c.chain, event.c.seq) > last).limit(AT_ONCE)


def beside(payload: bytes) -> dict[str, str]:
    """When, who, what and why, as the bytes of an event say it; nothing where they are no event."""
    try:
        event: dict[str, Any] = json.loads(payload)
        said = {
            "at": event["at"],
            "actor": event["actor"].get("id", ""),
            "act": event["act"],
            "reason": event["reason"] or "",
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return said if all(isinstance(item, str) for item in said.values()) else {}


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    """The guard of the events is away within this transaction, and put back as it was."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE trail_event DISABLE TRIGGER guard_trail_event_row"))
        yield
        connection.execute(text("ALTER TABLE trail_event ENABLE TRIGGER guard_trail_event_row"))
        return
    named = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    found = {name: connection.execute(named, {"name": name}).scalar() for name in _GUARDS}
    guards = {name: statement for name, statement in found.items() if statement}
    for name in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for statement in guards.values():
        connection.exec_driver_sql(statement)
