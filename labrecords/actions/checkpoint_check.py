"""Checking the checkpoints: their signatures, their order, their roots, and the copy of them outside the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labrecords.actions.checkpoints import leaves_of
from labrecords.documents.sealing.checkpoint import verify_checkpoint
from labrecords.domain.evidence import merkle
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.trail import Problem, Report
from labrecords.models.stored import as_bytes, raw, shown
from labrecords.models.trail import CheckpointHead, CheckpointRow

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def verify_checkpoints(
    session: Session, report: Report, digests: Mapping[tuple[str, int], str], trusted: str
) -> None:
    """Check every checkpoint in order. `digests` are those computed of the events that the checkpoints name.

    Only the trusted certificate counts. One in the database proves nothing: whoever rewrites the trail could add it.
    """
    changed = _heads_by_checkpoint(session)
    columns = [raw(column) for column in CheckpointRow.__table__.columns]
    at: dict[str, tuple[int, str]] = {}
    previous, expected = "", 1
    for row in session.execute(select(*columns).order_by(CheckpointRow.__table__.c.number)):
        report.checkpoints += 1
        for head in changed.pop(row.number, []):
            at[head.chain] = (head.seq, head.digest)
            if digests.get((head.chain, head.seq)) != head.digest:
                sentence = f"Checkpoint {row.number} saw another event {shown(head.seq)} in this chain: "
                report.problems.append(
                    Problem(
                        shown(head.chain),
                        head.seq if isinstance(head.seq, int) else None,
                        "checkpoint_head",
                        f"{row.number}/{shown(head.chain)}",
                        "",
                        sentence + "it was rewritten or cut off.",
                    )
                )
        for column, sentence in _faults(row, expected, previous, at, trusted):
            report.problems.append(
                Problem("checkpoint", None, "checkpoint", shown(row.number), column, sentence)
            )
        previous, expected = _root(row), (row.number if isinstance(row.number, int) else expected) + 1
    report.unanchored = report.events - sum(seq for seq, _ in at.values() if isinstance(seq, int))
    for number in changed:
        sentence = "Heads are kept for a checkpoint that is missing."
        report.problems.append(Problem("checkpoint", None, "checkpoint", shown(number), "", sentence))


def compare_file(session: Session, report: Report, trusted: str, file: Path) -> None:
    """Compare the checkpoints of the database with those in the file outside it."""
    table = CheckpointRow.__table__
    stored = {
        row.number: as_bytes(row.statement)
        for row in session.execute(select(raw(table.c.number), raw(table.c.statement)))
    }

    def note(number: str, sentence: str) -> None:
        report.problems.append(Problem("checkpoint", None, file.name, number, "", sentence))

    lines = file.read_bytes().splitlines() if file.exists() else []
    seen = set()
    for place, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            statement, signature = entry["statement"].encode(), bytes.fromhex(entry["signature"])
            number = int(json.loads(statement)["number"])
        except _UNREADABLE:
            note(str(place), f"Line {place} of the checkpoint file is not readable.")
            continue
        seen.add(number)
        if not verify_checkpoint(trusted, statement, signature):
            note(str(number), f"The signature of checkpoint {number} in the file does not hold.")
        elif stored.get(number) != statement:
            sentence = (
                f"The database does not hold checkpoint {number} of the file: it is older or was changed."
            )
            note(str(number), sentence)
    for number in stored.keys() - seen:
        note(shown(number), f"Checkpoint {shown(number)} is missing from the file outside the database.")


def _heads_by_checkpoint(session: Session) -> dict[Any, list[Any]]:
    columns = [raw(column) for column in CheckpointHead.__table__.columns]
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in session.execute(select(*columns)):
        found[row.number].append(row)
    return found


def _faults(
    row: Any, expected: int, previous: str, at: dict[str, tuple[int, str]], trusted: str
) -> Iterator[tuple[str, str]]:
    """What is wrong with one checkpoint, as column and sentence. `at` holds the chain heads as it saw them."""
    statement = as_bytes(row.statement)
    if row.certificate_sha256 != sha256_hex(trusted.encode()):
        yield "certificate_sha256", "The certificate of this checkpoint is not the laboratory's."
    if not verify_checkpoint(trusted, statement, as_bytes(row.signature)):
        yield "signature", "The signature of this checkpoint does not hold."
    try:
        stated = json.loads(statement)
        number, instant, before, root = (stated[name] for name in ("number", "at", "previous", "root"))
    except _UNREADABLE:
        yield "statement", "This checkpoint is not readable."
        return
    if row.number != expected:
        yield "number", f"Checkpoint {expected} is missing."
    if number != row.number:
        yield "number", "This checkpoint has another number than it was signed with."
    if instant != row.made_at:
        yield "made_at", "This checkpoint has another time than it was signed with."
    if row.number == expected and before != previous:
        yield "statement", "This checkpoint does not follow from the one before it."
    if root != _root_of(at):
        yield "statement", "The chain heads kept for this checkpoint do not give its root."


def _root_of(at: dict[str, tuple[int, str]]) -> str | None:
    try:
        return merkle.root(leaves_of(at)).hex()
    except (TypeError, ValueError):
        return None


def _root(row: Any) -> str:
    try:
        return str(json.loads(as_bytes(row.statement))["root"])
    except _UNREADABLE:
        return ""
