"""The one second try of a write whose connection to PostgreSQL was lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from labrecords.models.engine import TAKEN_BACK, lost
from labrecords.models.trail import TrailEvent

R = TypeVar("R")
RECONNECT_S = 1.0
"""So long it waits where PostgreSQL was gone: a restart takes about as long."""


def again_if_lost(write: Callable[[], R]) -> R:
    """Write, and once more when the connection was lost on the way. Only for what cannot be kept twice.

    The answer to a COMMIT may be what was lost: an act finds its result then by the key of its form, since the locks
    of the first try are over before the second has them.
    """
    try:
        return write()
    except DBAPIError as error:
        if not lost(error):
            raise
        if getattr(error.orig, "sqlstate", None) not in TAKEN_BACK:
            time.sleep(RECONNECT_S)
    return write()


def stands(session: Session, chain: str, seq: int, digest: str) -> bool:
    """Whether this very event was kept, by a try whose answer was lost."""
    table = TrailEvent.__table__
    query = select(table.c.digest).where(table.c.chain == chain, table.c.seq == seq)
    return session.execute(query).scalar() == digest
