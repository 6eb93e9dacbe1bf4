"""Proving the trail: re-hash every event, replay its rows, compare them with the tables, check the checkpoints.

Nothing stored is believed: digests are computed anew from the bytes. Reads only, and reads whatever stands there:
a value of another type, text that is no text, a damaged file are findings, not failures.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from labrecords.actions.checkpoint_check import compare_file, verify_checkpoints
from labrecords.actions.replay import BATCH, compare_rows, replay_chains
from labrecords.domain.trail import HashReader, Problem, Report
from labrecords.models.guards import record_tables
from labrecords.models.stored import as_bytes, raw, shown
from labrecords.models.trail import TrailEvent


def verify_trail(session: Session, trusted_certificate: str, checkpoint_file: Path | None = None) -> Report:
    """Verify every chain, every row of every record table, every checkpoint, and the file of checkpoints outside.

    `trusted_certificate` is the PEM of the laboratory's checkpoint certificate from outside the database.
    """

    def read(report: Report) -> None:
        _check_file(session, report)
        replay = replay_chains(session, report)
        for table in record_tables():
            compare_rows(session, report, replay, table)
        verify_checkpoints(session, report, replay.digests, trusted_certificate)
        if checkpoint_file is not None:
            compare_file(session, report, trusted_certificate, checkpoint_file)

    return _whatever_stands_there(session, read)


def verify_hashes(session: Session) -> Report:
    """Verify only that the bytes of every chain are linked by their hashes: quick, without replay."""
    table = TrailEvent.__table__
    query = select(raw(table.c.chain), raw(table.c.payload)).order_by(table.c.chain, table.c.seq)

    def read(report: Report) -> None:
        rows = session.execute(query.execution_options(yield_per=BATCH))
        for chain, events in groupby(rows, key=itemgetter(0)):
            reader = HashReader(shown(chain), report.problems)
            reader.read(as_bytes(payload) for _, payload in events)
            report.chains += 1
            report.events += reader.seq

    return _whatever_stands_there(session, read)


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
