"""Replaying the chains: every event re-hashed, and every row of the tables compared with the event that inserted it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.evidence.trail import ChainReader, Problem, Report
from labrecords.models.base import NEVER, Base
from labrecords.models.session import commit
from labrecords.models.stored import as_bytes, raw, shown
from labrecords.models.trail import CheckpointHead, TrailEvent, TrailHead

BATCH = 2000
UNREADABLE = {"unreadable": True}
"""Stands for a value that no event could hold; it equals none."""


@dataclass
class Replay:
    """What the events say, gathered while they are read."""

    rows: dict[str, dict[str, tuple[bytes, str, int]]] = field(default_factory=lambda: defaultdict(dict))
    """For each table and key: the hash of the values its event holds, and where that event stands."""
    digests: dict[tuple[str, int], str] = field(default_factory=dict)
    """Computed digests of the events that checkpoints name."""
    lengths: dict[str, int] = field(default_factory=dict)
    """For each chain, the number of its last event."""
    named: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    """For each chain, the last of its events that another chain refers to, and where it does."""

    again: dict[tuple[str, str], list[tuple[bytes, str, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """For each table and key that more than one event names: where it stands beside the first. None is honest."""

    def remember(self, event: Mapping[str, Any]) -> None:
        for row in event["rows"]:
            held = (_hash(row["values"]), event["chain"], event["seq"])
            if self.rows[row["table"]].setdefault(row["id"], held) is not held:
                self.again[row["table"], row["id"]].append(held)
        for chain, seq in event["refs"].items():
            if seq > self.named.get(chain, (0, "", 0))[0]:
                self.named[chain] = (seq, event["chain"], event["seq"])


def replay_chains(session: Session, report: Report) -> Replay:
    """Read every chain in order, note every break, and return what its events say."""
    replay, wanted, heads = Replay(), _named_by_checkpoints(session), kept_heads(session)
    columns = [raw(column) for column in TrailEvent.__table__.columns]
    query = select(*columns).order_by(TrailEvent.__table__.c.chain, TrailEvent.__table__.c.seq)
    reader: ChainReader | None = None
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        chain = shown(row.chain)
        if reader is None or chain != reader.chain:
            _finish(report, reader, heads)
            reader = ChainReader(chain)
            report.chains += 1
        report.events += 1
        if not isinstance(row.seq, int):
            reader.problems.append(_problem(chain, row, "seq", "The number beside this event is no number."))
            continue
        event = reader.read(row.seq, as_bytes(row.payload))
        replay.lengths[chain] = row.seq
        if (chain, row.seq) in wanted:
            replay.digests[chain, row.seq] = reader.prev
        if row.digest != reader.prev:
            sentence = "The digest beside this event is not that of its bytes."
            reader.problems.append(_problem(chain, row, "digest", sentence))
        if event is not None:
            reader.problems += [
                _problem(chain, row, name, f"The {name} beside this event is not its own.")
                for name, own in _beside(event)
                if getattr(row, name) != own
            ]
            replay.remember(event)
    _finish(report, reader, heads)
    for chain, head in heads.items():
        if head.seq:
            sentence = "All events of this chain are missing."
            report.problems.append(Problem(chain, None, "trail_event", "", "", sentence))
    _verify_references(report, replay)
    return replay


def _beside(event: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """What stands beside the bytes of an event to find it by, as the bytes say it."""
    actor = event.get("actor")
    return (
        ("subject", event["subject"]),
        ("at", event["at"]),
        ("act", event.get("act")),
        ("actor", actor.get("id", "") if isinstance(actor, dict) else None),
        ("reason", event.get("reason") or ""),
    )


def compare_rows(session: Session, report: Report, replay: Replay, table: type[Base]) -> None:
    """Compare every row of a table with the event that inserted it, and note what is too many or missing."""
    columns = list(table.__table__.columns)
    key = [column.name for column in table.__table__.primary_key]
    name, held = table.__tablename__, replay.rows.pop(table.__tablename__, {})
    for row in session.execute(_whole(table)):
        report.rows += 1
        stored = dict(row._mapping)
        row_id = "/".join(shown(stored[part]) for part in key)
        values = {
            column.name: _committed(column.info["trail"], stored[column.name], stored.get("salt", ""))
            for column in columns
            if column.info["trail"] != NEVER
        }
        known = held.pop(row_id, None)
        if known is None:
            sentence = "This row stands in no event: it was inserted past the system."
            report.problems.append(Problem("", None, name, row_id, "", sentence))
        elif _hash(values) != known[0]:
            report.problems += _changed(session, name, row_id, values, known)
        for other in replay.again.pop((name, row_id), ()):
            sentence = "This event names a row that another one has inserted: rows are inserted once."
            report.problems.append(Problem(other[1], other[2], name, row_id, "", sentence))
            report.problems += _changed(session, name, row_id, values, other)
    for row_id, (_, chain, seq) in held.items():
        sentence = "This row is in the trail and no longer in its table: it was deleted."
        report.problems.append(Problem(chain, seq, name, row_id, "", sentence))


def note_strange_tables(report: Report, replay: Replay) -> None:
    """Note what is left of the events' rows when every table has been compared: tables that hold no records."""
    for table, held in replay.rows.items():
        for row_id, (_, chain, seq) in held.items():
            sentence = "This event names a row of a table that holds no records."
            report.problems.append(Problem(chain, seq, table, row_id, "", sentence))


@cache
def _whole(table: type[Base]) -> Select[Any]:
    """The statement is built once: for a short table, building takes longer than running it."""
    return select(*(raw(column) for column in table.__table__.columns)).execution_options(yield_per=BATCH)


def kept_heads(session: Session) -> dict[str, Any]:
    """The row that is kept beside each chain: its last number, digest and time, as they are stored."""
    columns = [raw(column) for column in TrailHead.__table__.columns]
    return {shown(row.chain): row for row in session.execute(select(*columns))}


def _named_by_checkpoints(session: Session) -> set[tuple[str, int]]:
    """The events that checkpoints name, whose digests must be remembered on the way."""
    table = CheckpointHead.__table__
    return {(row.chain, row.seq) for row in session.execute(select(raw(table.c.chain), raw(table.c.seq)))}


def _finish(report: Report, reader: ChainReader | None, heads: dict[str, Any]) -> None:
    if reader is None:
        return
    head = heads.pop(reader.chain, None)
    if head is None or not isinstance(head.seq, int):
        sentence = "The head kept for this chain is missing or no number."
        reader.problems.append(Problem(reader.chain, reader.seq, "trail_head", reader.chain, "seq", sentence))
    else:
        reader.end(head.seq, head.digest)
        if head.at != reader.at:
            sentence = "The time kept with the head is not that of the last event."
            reader.problems.append(
                Problem(reader.chain, reader.seq, "trail_head", reader.chain, "at", sentence)
            )
    report.problems += reader.problems


def _verify_references(report: Report, replay: Replay) -> None:
    """An act on several chains has an event in each: none of them can vanish alone, as a whole batch might."""
    for chain, (seq, by, at) in replay.named.items():
        if seq > replay.lengths.get(chain, 0):
            sentence = f"Event {at} of {by} refers to event {seq} of this chain, which is missing."
            report.problems.append(Problem(chain, seq, "trail_event", "", "", sentence))


def _problem(chain: str, row: Any, column: str, sentence: str) -> Problem:
    seq = row.seq if isinstance(row.seq, int) else None
    return Problem(chain, seq, "trail_event", f"{chain}/{shown(row.seq)}", column, sentence)


def _committed(policy: str, stored: Any, salt: Any) -> Any:
    """What an event would hold of a stored value; UNREADABLE for what none could."""
    try:
        value = commit(policy, stored, salt)
        canonical_bytes(value)
    except (TypeError, ValueError):
        return UNREADABLE
    return value


def _hash(values: Mapping[str, Any]) -> bytes:
    """The hash of the values that are no blanks: a column that a later version added is blank in an older row."""
    try:
        stated = {name: value for name, value in values.items() if value is not None}
        return sha256_hex(canonical_bytes(stated)).encode()
    except (TypeError, ValueError):
        return b""


def _changed(
    session: Session, table: str, row_id: str, values: Mapping[str, Any], known: tuple[bytes, str, int]
) -> list[Problem]:
    _, chain, seq = known
    events = TrailEvent.__table__
    query = select(raw(events.c.payload)).where(events.c.chain == chain, events.c.seq == seq)
    for row in json.loads(as_bytes(session.execute(query).scalar_one()))["rows"]:
        if (row["table"], row["id"]) == (table, row_id):
            recorded: dict[str, Any] = row["values"]
    names = [name for name in recorded | dict(values) if values.get(name) != recorded.get(name)]
    sentence = "This value is not the one that was recorded."
    return [Problem(chain, seq, table, row_id, name, sentence) for name in names]
