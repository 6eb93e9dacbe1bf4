"""The master records of the demonstration: the shipped drafts, signed by two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from labrecords.actions.masters import approve_master, prepare_master
from labrecords.demo.cast import Cast
from labrecords.models.batch_record import laboratory
from labrecords.models.masters import effective_masters, versions
from labrecords.models.store import Store

FOLLOWED = "bone-marrow-concentrate"
"""What the first run follows."""
BETWEEN = 0.1
"""Minutes between two signatures."""


def sign_masters(cast: Cast, tick: Callable[[float], datetime]) -> None:
    """The process owner signs each shipped draft as prepared, quality assurance checks and approves it for today.

    `tick` lets minutes pass: who approves does so after who prepared.
    """
    with cast.store.read() as session:
        drafts = [item.digest for item in reversed(versions(session))]
    for digest in drafts:
        prepare_master(cast.by("vic"), digest=digest, proof=cast.proof("vic"))
        tick(BETWEEN)
        proof, day = cast.proof("quentin"), _today(cast.store)
        approve_master(cast.by("quentin"), digest=digest, effective_from=day, proof=proof)
        tick(BETWEEN)


def followed(store: Store, key: str = FOLLOWED) -> str:
    """Digest of the master record with this key, in its effective version."""
    with store.read() as session:
        known = effective_masters(session, _today(store))
    return next(item.digest for item in known if item.key == key)


def _today(store: Store) -> date:
    with store.read() as session:
        return store.clock().astimezone(ZoneInfo(laboratory(session).zone)).date()
