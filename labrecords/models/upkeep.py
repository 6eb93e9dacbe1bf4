"""What the system noted of its own upkeep: the last event of a kind in the chain `system`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from labrecords.domain.values import times
from labrecords.models.trail import CheckpointRow, TrailEvent

SYSTEM = "system"


@dataclass(frozen=True)
class Noted:
    """An event of upkeep: its number in the chain, when, by whom, why, and the words of its act."""

    seq: int
    at: datetime
    by: str
    reason: str
    detail: Mapping[str, str]


def last_noted(session: Session, act: str) -> Noted | None:
    """The newest event of this act of upkeep, or None. Such an event has its act as its subject."""
    row = session.execute(_last(), {"act": act}).first()
    if row is None:
        return None
    event = json.loads(row.payload)
    return Noted(
        row.seq, times.from_text(event["at"]), event["actor"]["name"], event["reason"] or "", event["detail"]
    )


@cache
def _last() -> Select[Any]:
    table = TrailEvent.__table__
    return (
        select(table.c.seq, table.c.payload)
        .where(table.c.chain == SYSTEM, table.c.subject == bindparam("act"))
        .order_by(table.c.seq.desc())
        .limit(1)
    )


def restored(session: Session) -> Noted | None:
    """The restoring of an older copy that nobody has acknowledged yet, or None."""
    found = last_noted(session, "installation.restored")
    if found is None:
        return None
    seen = last_noted(session, "restore.acknowledged")
    return None if seen is not None and seen.seq > found.seq else found


def newest_checkpoint(session: Session) -> tuple[int, datetime] | None:
    """Number and instant of the newest checkpoint of the database, or None."""
    table = CheckpointRow.__table__
    row = session.execute(
        select(table.c.number, table.c.made_at).order_by(table.c.number.desc()).limit(1)
    ).first()
    return (row.number, row.made_at) if row else None
