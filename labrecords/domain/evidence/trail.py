"""The trail: events in canonical bytes, chained by hash, and their verification. Standard library only.

An event names who did what, when and why, and holds every value of every row it inserted. Its bytes are RFC 8785;
`prev` is inside them, so the bytes alone are the proof (21 CFR 11.10(e)).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.values import times

EVENT_VERSION = 1
GENESIS = "0" * 64


@dataclass(frozen=True)
class Row:
    """A row as it was inserted: table, primary key, and every column as text, integer, boolean or null."""

    table: str
    id: str
    values: Mapping[str, Any]


def event_bytes(
    *,
    chain: str,
    seq: int,
    at: datetime,
    actor: Mapping[str, str],
    act: str,
    subject: str,
    reason: str | None,
    rows: Iterable[Row],
    refs: Mapping[str, int],
    detail: Mapping[str, str],
    prev: str,
) -> bytes:
    """The canonical bytes of one event. `refs` names events of other chains that belong to the same act."""
    return canonical_bytes(
        {
            "act": act,
            "actor": dict(actor),
            "at": times.to_text(at),
            "chain": chain,
            "detail": dict(detail),
            "prev": prev,
            "reason": reason,
            "refs": dict(refs),
            "rows": [{"id": row.id, "table": row.table, "values": dict(row.values)} for row in rows],
            "seq": seq,
            "subject": subject,
            "v": EVENT_VERSION,
        }
    )


def digest(payload: bytes) -> str:
    """SHA-256 of an event's bytes, in lower-case hex."""
    return hashlib.sha256(payload).hexdigest()


_SHAPE = {"at": str, "chain": str, "prev": str, "refs": dict, "rows": list, "seq": int, "subject": str}


def read_event(payload: bytes) -> dict[str, Any] | None:
    """The event of these bytes, with every part that its readers rely on; None where they are no event."""
    try:
        event = json.loads(payload)
        whole = (
            all(isinstance(event[name], kind) for name, kind in _SHAPE.items())
            and all(isinstance(seq, int) for seq in event["refs"].values())
            and all(
                isinstance(row["table"], str)
                and isinstance(row["id"], str)
                and isinstance(row["values"], dict)
                for row in event["rows"]
            )
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return event if whole else None


@dataclass(frozen=True)
class Problem:
    """Where the trail and the rows do not agree. Empty fields do not apply."""

    chain: str
    seq: int | None
    table: str
    row_id: str
    column: str
    sentence: str


@dataclass
class Report:
    """What was checked, and every place where something does not agree. Sound when there is none."""

    chains: int = 0
    events: int = 0
    rows: int = 0
    checkpoints: int = 0
    unanchored: int = 0
    """Events since the newest checkpoint. Nothing outside would show it if they were cut off with their rows."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.problems


class ChainReader:
    """Reads the events of one chain in order and notes every break. Memory stays constant."""

    def __init__(self, chain: str) -> None:
        self.chain, self.seq, self.prev, self.at = chain, 0, GENESIS, ""
        self.problems: list[Problem] = []

    def read(self, seq: int, payload: bytes) -> dict[str, Any] | None:
        """Check one event and return it; None when its bytes are no event at all."""
        expected, event = self.seq + 1, read_event(payload)
        if event is None:
            self._note(seq, "This event is not readable: its bytes were changed.")
            self.seq, self.prev = seq, digest(payload)
            return None
        at = event["at"]
        if seq < expected:
            self._note(seq, f"This event does not follow event {expected - 1}.")
        elif seq > expected:
            self._note(expected, f"Events {expected} to {seq - 1} are missing.")
        elif event["prev"] != self.prev:
            self._note(seq, "This event does not follow from the one before it: one of the two was changed.")
        if (event["chain"], event["seq"]) != (self.chain, seq):
            sentence = f"This event belongs to {event['chain']}, number {event['seq']}: it was moved here."
            self._note(seq, sentence)
        if at < self.at:
            self._note(seq, "This event is dated before the one before it.")
        self.seq, self.prev, self.at = seq, digest(payload), at
        return event

    def end(self, seq: int, head: str) -> None:
        """Compare with the head that is kept beside the chain: shows a tail that was cut off or added."""
        if seq > self.seq:
            self._note(self.seq + 1, f"Events {self.seq + 1} to {seq} were cut off at the end.")
        elif seq < self.seq or head != self.prev:
            self._note(self.seq, "The last event and the head kept for this chain do not agree.")

    def _note(self, seq: int, sentence: str) -> None:
        self.problems.append(Problem(self.chain, seq, "trail_event", "", "", sentence))


class HashReader:
    """Checks only that each event names the hash of the one before it, without reading the event."""

    _MARK = b'"prev":"'

    def __init__(self, chain: str, problems: list[Problem]) -> None:
        self.chain, self.seq, self.prev, self.problems = chain, 0, GENESIS.encode(), problems

    def read(self, payloads: Iterable[bytes]) -> None:
        """Check the next events in order. Quotes inside a text are escaped, so the mark can only be the key itself.

        One loop without calls of our own: of a million events each microsecond counts.
        """
        mark, skip, sha256 = self._MARK, len(self._MARK), hashlib.sha256
        seq, prev = self.seq, self.prev
        for payload in payloads:
            seq += 1
            start = payload.find(mark) + skip
            if payload[start : start + 64] != prev:
                sentence = "This event does not follow from the one before it: one of the two was changed."
                self.problems.append(Problem(self.chain, seq, "trail_event", "", "", sentence))
            prev = sha256(payload).hexdigest().encode()
        self.seq, self.prev = seq, prev

    def end(self, seq: int, head: str) -> None:
        """Compare with the head that is kept beside the chain."""
        if (self.seq, self.prev.decode()) != (seq, head):
            sentence = "The last event and the head kept for this chain do not agree."
            self.problems.append(Problem(self.chain, self.seq, "trail_head", self.chain, "", sentence))
