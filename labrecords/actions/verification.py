"""Proving the trail: re-hash every event, replay its rows, compare them with the tables, check the checkpoints.

Nothing stored is believed: digests are computed anew from the bytes. Reads only, and reads whatever stands there:
a value of another type, text that is no text, a damaged file are findings, not failures.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from functools import partial
from itertools import chain as chained
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select, text, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from labrecords.actions.checkpoint_check import compare_file, verify_checkpoints
from labrecords.actions.replay import BATCH, compare_rows, kept_heads, note_strange_tables, replay_chains
from labrecords.domain.evidence.trail import HashReader, Problem, Report
from labrecords.models.engine import read_engine
from labrecords.models.guards import record_tables
from labrecords.models.stored import as_bytes, raw, shown
from labrecords.models.trail import TrailEvent

log = logging.getLogger("labrecords")

LEAST_SHARE = 50_000
"""Events for which another process is worth its beginning."""


def verify_trail(session: Session, trusted_certificate: str, checkpoint_file: Path | None = None) -> Report:
    """Verify every chain, every row of every record table, every checkpoint, and the file of checkpoints outside.

    `trusted_certificate` is the PEM of the laboratory's checkpoint certificate from outside the database.
    """

    def read(report: Report) -> None:
        _check_file(session, report)
        replay = replay_chains(session, report)
        for table in record_tables():
            compare_rows(session, report, replay, table)
        note_strange_tables(report, replay)
        verify_checkpoints(session, report, replay.digests, trusted_certificate)
        if checkpoint_file is not None:
            compare_file(session, report, trusted_certificate, checkpoint_file)

    return _whatever_stands_there(session, read)


def verify_hashes(session: Session) -> Report:
    """Verify only that the events of every chain are linked by their hashes up to the head that is kept: quick.

    Rows and checkpoints are not looked at. Of a long trail each core of the machine reads its share, through a
    connection of its own.
    """
    shares: list[tuple[Any, Any]] = []

    def count(report: Report) -> None:
        counted = [(chain, events) for chain, events in session.execute(_events_of_chains())]
        shares.extend(_shares(counted))
        begun = {chain for chain, head in kept_heads(session).items() if head.seq}
        for chain in sorted(begun - {shown(chain) for chain, _ in counted}):
            report.problems.append(
                Problem(chain, None, "trail_event", "", "", "All events of this chain are missing.")
            )

    report = _whatever_stands_there(session, count)
    for part in _read_shares(session, shares):
        report.chains += part.chains
        report.events += part.events
        report.problems += part.problems
    return report


def _read_shares(session: Session, shares: list[tuple[Any, Any]]) -> list[Report]:
    if len(shares) > 1:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
        # A process with threads must not be forked; a new one takes a second to begin.
        alone = sys.platform == "linux" and threading.active_count() == 1
        try:
            with ProcessPoolExecutor(len(shares), get_context("fork" if alone else "spawn")) as pool:
                return list(pool.map(partial(_links_of_share, url), shares))
        except (BrokenExecutor, OSError):
            log.warning("the trail is read by one process, since no others could be begun")
    return [_whatever_stands_there(session, partial(_read_links, session, share)) for share in shares]


def _shares(counted: list[tuple[Any, int]]) -> list[tuple[Any, Any]]:
    """The first and the last chain of each share: about the same number of events in every one."""
    total = sum(events for _, events in counted)
    wanted = -(-total // min(os.cpu_count() or 1, total // LEAST_SHARE + 1)) if total else 1
    shares, begun, size = [], 0, 0
    for index, (_, events) in enumerate(counted):
        size += events
        if size >= wanted or index == len(counted) - 1:
            shares.append((counted[begun][0], counted[index][0]))
            begun, size = index + 1, 0
    return shares


def _links_of_share(url: str, share: tuple[Any, Any]) -> Report:
    """What a process of its own reads."""
    engine = read_engine(url)
    try:
        with Session(engine) as session:
            return _whatever_stands_there(session, partial(_read_links, session, share))
    finally:
        engine.dispose()


def _read_links(session: Session, share: tuple[Any, Any], report: Report) -> None:
    table, heads = TrailEvent.__table__, kept_heads(session)
    chain = type_coerce(table.c.chain, NullType())
    within = (chain >= share[0], chain <= share[1])
    counted = session.execute(_events_of_chains().where(*within)).all()
    query = select(raw(table.c.payload)).where(*within).order_by(table.c.chain, table.c.seq)
    with session.execute(query.execution_options(yield_per=BATCH)) as rows:
        # In lists of many, and without the name of its chain at each event: of a million each microsecond counts.
        payloads = map(as_bytes, chained.from_iterable(rows.scalars().partitions(BATCH)))
        for name, events in counted:
            reader = HashReader(shown(name), report.problems)
            reader.read(islice(payloads, events))
            head = heads.get(reader.chain)
            reader.end(head.seq if head else 0, head.digest if head else "")
            report.chains += 1
            report.events += reader.seq


def _events_of_chains() -> Select[tuple[Any, int]]:
    """The chains in their order, and how many events each has."""
    table = TrailEvent.__table__
    return select(raw(table.c.chain), func.count()).group_by(table.c.chain).order_by(table.c.chain)


def _whatever_stands_there(session: Session, read: Callable[[Report], None]) -> Report:
    """Text that is not UTF-8 is read as it is, and a database that cannot be read to its end is a finding."""
    report = Report()
    driver: Any = None
    decoding = None
    try:
        driver = session.connection().connection.driver_connection
        decoding = getattr(driver, "text_factory", None)
        if decoding is not None:
            driver.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
        read(report)
    except (DBAPIError, UnicodeError) as error:
        sentence = f"The database cannot be read to its end: {getattr(error, 'orig', error)}."
        report.problems.append(Problem("", None, "", "", "", sentence))
    finally:
        if decoding is not None:
            driver.text_factory = decoding
    return report


def _check_file(session: Session, report: Report) -> None:
    """SQLite keeps some columns twice, in the table and in an index: whether the two agree, only it can tell."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for found in session.execute(text("PRAGMA integrity_check")).scalars():
        if found != "ok":
            report.problems.append(Problem("", None, "", "", "", f"The database file is damaged: {found}."))
