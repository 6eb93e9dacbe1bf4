"""Proving the trail: re-hash every event, replay its rows, compare them with the tables, check the checkpoints.

Nothing stored is believed: digests are computed anew from the bytes. Reads only.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Column, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from labrecords.actions.checkpoints import leaves_of
from labrecords.documents.checkpoint import verify_checkpoint
from labrecords.domain import merkle, trail
from labrecords.domain.canonical import canonical_bytes, sha256_hex
from labrecords.domain.trail import ChainReader, Problem
from labrecords.models.base import NEVER, Base
from labrecords.models.guards import record_tables
from labrecords.models.laboratory import CertificateRow
from labrecords.models.session import commit
from labrecords.models.trail import CheckpointHead, CheckpointRow, TrailEvent, TrailHead

BATCH = 2000


@dataclass
class Report:
    """What was checked, and every place where something does not agree. Sound when there is none."""

    chains: int = 0
    events: int = 0
    rows: int = 0
    checkpoints: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.problems


@dataclass
class _Replay:
    """For each table and key: the hash of the values its event holds, and where that event stands."""

    rows: dict[str, dict[str, tuple[bytes, str, int]]] = field(default_factory=lambda: defaultdict(dict))
    digests: dict[tuple[str, int], str] = field(default_factory=dict)


def verify_trail(session: Session, trusted_certificate: str, checkpoint_file: Path | None = None) -> Report:
    """Verify every chain, every row of every record table, every checkpoint, and the file of checkpoints outside.

    `trusted_certificate` is the PEM of the laboratory's checkpoint certificate from outside the database.
    """
    report, replay = Report(), _Replay()
    wanted = _digests_wanted(session)
    _verify_chains(session, report, replay, wanted)
    for table in record_tables():
        _compare(session, report, replay, table)
    _verify_checkpoints(session, report, replay, trusted_certificate)
    if checkpoint_file is not None:
        _compare_file(session, report, trusted_certificate, checkpoint_file)
    return report


def verify_hashes(session: Session) -> Report:
    """Verify only that the bytes of every chain are linked by their hashes: quick, without replay."""
    report, reader, at = Report(), None, ""
    for chain, _seq, payload in _events(session):
        if chain != at:
            at, reader = chain, trail.HashReader(chain, report.problems)
            report.chains += 1
        assert reader is not None
        reader.read(payload)
        report.events += 1
    return report


def _events(session: Session) -> Iterator[tuple[str, int, bytes]]:
    table = TrailEvent.__table__
    query = select(table.c.chain, table.c.seq, table.c.payload).order_by(table.c.chain, table.c.seq)
    for chain, seq, payload in session.execute(query.execution_options(yield_per=BATCH)):
        yield chain, seq, bytes(payload)


def _digests_wanted(session: Session) -> set[tuple[str, int]]:
    """The events that checkpoints name, whose digests must be remembered on the way."""
    table = CheckpointHead.__table__
    return {(row.chain, row.seq) for row in session.execute(select(table.c.chain, table.c.seq))}


def _verify_chains(session: Session, report: Report, replay: _Replay, wanted: set[tuple[str, int]]) -> None:
    heads = {row.chain: row for row in session.execute(select(TrailHead.__table__))}
    table = TrailEvent.__table__
    query = select(table).order_by(table.c.chain, table.c.seq).execution_options(yield_per=BATCH)
    reader: ChainReader | None = None
    for row in session.execute(query):
        if reader is None or row.chain != reader.chain:
            _finish(report, reader, heads)
            reader = ChainReader(row.chain)
            report.chains += 1
        event = reader.read(row.seq, bytes(row.payload))
        report.events += 1
        if (row.chain, row.seq) in wanted:
            replay.digests[row.chain, row.seq] = reader.prev
        if row.digest != reader.prev:
            reader.problems.append(
                _problem(row, "digest", "The digest beside this event is not that of its bytes.")
            )
        if event is not None:
            if row.subject != event["subject"]:
                reader.problems.append(
                    _problem(row, "subject", "The subject beside this event is not its own.")
                )
            _remember(replay, event)
    _finish(report, reader, heads)
    for chain in heads:
        report.problems.append(
            Problem(chain, None, "trail_event", "", "", "All events of this chain are missing.")
        )


def _finish(report: Report, reader: ChainReader | None, heads: dict[str, Any]) -> None:
    if reader is None:
        return
    head = heads.pop(reader.chain, None)
    if head is None:
        sentence = "The head kept for this chain is missing."
        reader.problems.append(Problem(reader.chain, reader.seq, "trail_head", reader.chain, "", sentence))
    else:
        reader.end(head.seq, head.digest)
        if head.at != reader.at:
            sentence = "The time kept with the head is not that of the last event."
            reader.problems.append(
                Problem(reader.chain, reader.seq, "trail_head", reader.chain, "at", sentence)
            )
    report.problems += reader.problems


def _problem(row: Any, column: str, sentence: str) -> Problem:
    return Problem(row.chain, row.seq, "trail_event", f"{row.chain}/{row.seq}", column, sentence)


def _remember(replay: _Replay, event: dict[str, Any]) -> None:
    for row in event["rows"]:
        held = (_hash(row["values"]), event["chain"], event["seq"])
        replay.rows[row["table"]][row["id"]] = held


def _hash(values: dict[str, Any]) -> bytes:
    return sha256_hex(canonical_bytes(values)).encode()


def _raw(column: Column[Any]) -> Any:
    """The column as it is stored, past any conversion that a changed value might break."""
    return type_coerce(column, column.type.impl) if isinstance(column.type, TypeDecorator) else column


def _compare(session: Session, report: Report, replay: _Replay, table: type[Base]) -> None:
    columns = list(table.__table__.columns)
    key = [column.name for column in table.__table__.primary_key]
    held = replay.rows.pop(table.__tablename__, {})
    query = select(*(_raw(column).label(column.name) for column in columns)).execution_options(
        yield_per=BATCH
    )
    for row in session.execute(query):
        report.rows += 1
        stored = dict(row._mapping)
        row_id = "/".join(str(stored[name]) for name in key)
        values = _by_policy(columns, stored)
        known = held.pop(row_id, None)
        if known is None:
            sentence = "This row stands in no event: it was inserted past the system."
            report.problems.append(Problem("", None, table.__tablename__, row_id, "", sentence))
        elif values is None or _hash(values) != known[0]:
            report.problems += _changed(session, table.__tablename__, row_id, values, known)
    for row_id, (_, chain, seq) in held.items():
        sentence = "This row is in the trail and no longer in its table: it was deleted."
        report.problems.append(Problem(chain, seq, table.__tablename__, row_id, "", sentence))


def _by_policy(columns: list[Column[Any]], stored: dict[str, Any]) -> dict[str, Any] | None:
    try:
        values = {
            column.name: commit(column.info["trail"], stored[column.name], str(stored.get("salt", "")))
            for column in columns
            if column.info["trail"] != NEVER
        }
        canonical_bytes(values)
    except (TypeError, ValueError):
        return None
    return values


def _changed(
    session: Session, table: str, row_id: str, values: dict[str, Any] | None, known: tuple[bytes, str, int]
) -> list[Problem]:
    _, chain, seq = known
    events = TrailEvent.__table__
    payload = session.execute(
        select(events.c.payload).where(events.c.chain == chain, events.c.seq == seq)
    ).scalar_one()
    recorded = next(
        row["values"] for row in json.loads(payload)["rows"] if (row["table"], row["id"]) == (table, row_id)
    )
    names = [name for name in recorded if values is None or values.get(name) != recorded[name]]
    return [
        Problem(chain, seq, table, row_id, name, "This value is not the one that was recorded.")
        for name in names
    ]


def _verify_checkpoints(session: Session, report: Report, replay: _Replay, trusted: str) -> None:
    table, heads = CheckpointRow.__table__, CheckpointHead.__table__
    changed: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(select(heads)):
        changed[row.number].append(row)
    certificates = _certificates(session) | {sha256_hex(trusted.encode()): trusted}
    at: dict[str, tuple[int, str]] = {}
    previous, expected = "", 1
    query = select(*(_raw(column).label(column.name) for column in table.columns)).order_by(table.c.number)
    for row in session.execute(query):
        report.checkpoints += 1
        for head in changed.pop(row.number, []):
            at[head.chain] = (head.seq, head.digest)
            if replay.digests.get((head.chain, head.seq)) != head.digest:
                sentence = (
                    f"Checkpoint {row.number} saw another event {head.seq} in this chain: it was rewritten."
                )
                report.problems.append(
                    Problem(head.chain, head.seq, "checkpoint_head", head.chain, "", sentence)
                )
        for column, sentence in _checkpoint_faults(row, expected, previous, at, certificates):
            report.problems.append(
                Problem("checkpoint", None, "checkpoint", str(row.number), column, sentence)
            )
        previous, expected = _root(row), row.number + 1
    for number in changed:
        sentence = "Heads are kept for a checkpoint that is missing."
        report.problems.append(Problem("checkpoint", None, "checkpoint", str(number), "", sentence))


def _checkpoint_faults(
    row: Any, expected: int, previous: str, at: dict[str, tuple[int, str]], certificates: dict[str, str]
) -> Iterator[tuple[str, str]]:
    certificate = certificates.get(row.certificate_sha256)
    if certificate is None:
        yield "certificate_sha256", "The certificate of this checkpoint is not known."
    elif not verify_checkpoint(certificate, bytes(row.statement), bytes(row.signature)):
        yield "statement", "The signature of this checkpoint does not hold."
    try:
        stated = json.loads(row.statement)
        named = (stated["number"], stated["at"], stated["previous"], stated["root"])
    except (ValueError, KeyError, TypeError):
        yield "statement", "This checkpoint is not readable."
        return
    if row.number != expected:
        yield "number", f"Checkpoint {expected} is missing."
    if named[0] != row.number:
        yield "number", "This checkpoint has another number than it was signed with."
    if named[1] != row.made_at:
        yield "made_at", "This checkpoint has another time than it was signed with."
    if row.number == expected and named[2] != previous:
        yield "statement", "This checkpoint does not follow from the one before it."
    if named[3] != merkle.root(leaves_of(at)).hex():
        yield "statement", "The chain heads kept for this checkpoint do not give its root."


def _root(row: Any) -> str:
    try:
        return str(json.loads(row.statement)["root"])
    except (ValueError, KeyError, TypeError):
        return ""


def _certificates(session: Session) -> dict[str, str]:
    table = CertificateRow.__table__
    rows = session.execute(select(table.c.pem).where(table.c.purpose == "checkpoint"))
    return {sha256_hex(row.pem.encode()): row.pem for row in rows}


def _compare_file(session: Session, report: Report, trusted: str, file: Path) -> None:
    table = CheckpointRow.__table__
    stored = {
        row.number: bytes(row.statement) for row in session.execute(select(table.c.number, table.c.statement))
    }

    def note(number: str, sentence: str) -> None:
        report.problems.append(Problem("checkpoint", None, file.name, number, "", sentence))

    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    seen = set()
    for place, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            statement, signature = entry["statement"].encode(), bytes.fromhex(entry["signature"])
            number = json.loads(statement)["number"]
        except (ValueError, KeyError, TypeError, AttributeError):
            note(str(place), f"Line {place} of the checkpoint file is not readable.")
            continue
        seen.add(number)
        if not verify_checkpoint(trusted, statement, signature):
            note(str(number), f"The signature of checkpoint {number} in the file does not hold.")
        elif stored.get(number) != statement:
            note(
                str(number),
                f"The database does not hold checkpoint {number} of the file: it is older or was changed.",
            )
    for number in sorted(set(stored) - seen):
        note(str(number), f"Checkpoint {number} is missing from the file outside the database.")
