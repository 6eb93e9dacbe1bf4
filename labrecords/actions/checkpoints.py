"""Checkpoints: a signed Merkle root over all chain heads, kept in the database and outside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from labrecords.actions.door import SYSTEM, transaction
from labrecords.documents.sealing.authority import Authority
from labrecords.documents.sealing.checkpoint import sign_checkpoint
from labrecords.domain.evidence import checkpoints, merkle
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.models.store import Store
from labrecords.models.trail import CheckpointHead, CheckpointRow, TrailHead

_LONGEST_LINE = 4096


def make_checkpoint(store: Store, authority: Authority, file: Path) -> int:
    """Sign a checkpoint over all heads as they are committed now, and append it to the file. Returns its number."""
    with transaction(store) as session:
        table, heads = CheckpointRow.__table__, TrailHead.__table__
        # One checkpoint at a time. On SQLite this begins the transaction that nobody else can write beside.
        session.execute(select(heads.c.seq).where(heads.c.chain == SYSTEM).with_for_update())
        last = session.execute(select(table).order_by(table.c.number.desc()).limit(1)).first()
        number = last.number + 1 if last else 1
        previous = json.loads(last.statement)["root"] if last else ""
        before = heads_at(session, number - 1)
        query = select(heads.c.chain, heads.c.seq, heads.c.digest).where(heads.c.seq > 0)
        now = {row.chain: (row.seq, row.digest) for row in session.execute(query)}
        leaves, at = leaves_of(now), store.clock()
        statement = checkpoints.statement_bytes(
            number=number, at=at, previous=previous, size=len(leaves), root=merkle.root(leaves).hex()
        )
        signature = sign_checkpoint(authority, statement)
        values: dict[str, Any] = {
            "number": number,
            "made_at": at,
            "statement": statement,
            "signature": signature,
            "certificate_sha256": sha256_hex(authority.checkpoint_certificate_pem.encode()),
        }
        session.execute(insert(table).values(values))
        changed = [
            {"number": number, "chain": chain, "seq": seq, "digest": digest}
            for chain, (seq, digest) in sorted(now.items())
            if before.get(chain) != (seq, digest)
        ]
        if changed:
            session.execute(insert(CheckpointHead.__table__), changed)
    _copy_to_file(store, file, number)
    return number


def heads_at(session: Session, number: int) -> dict[str, tuple[int, str]]:
    """All chain heads as a checkpoint saw them, put together from what changed up to it."""
    table = CheckpointHead.__table__
    newest = (
        select(table.c.chain, func.max(table.c.number).label("number"))
        .where(table.c.number <= number)
        .group_by(table.c.chain)
        .subquery()
    )
    query = select(table.c.chain, table.c.seq, table.c.digest).join(
        newest, (newest.c.chain == table.c.chain) & (newest.c.number == table.c.number)
    )
    return {row.chain: (row.seq, row.digest) for row in session.execute(query)}


def leaves_of(heads: dict[str, tuple[int, str]]) -> list[bytes]:
    """The leaves of the Merkle tree, in the order of the chains' names."""
    return [checkpoints.leaf_bytes(chain, seq, digest) for chain, (seq, digest) in sorted(heads.items())]


def proof_for(session: Session, number: int, chain: str) -> checkpoints.CheckpointProof:
    """The checkpoint's statement and signature with the proof that a chain's head is in it."""
    table = CheckpointRow.__table__
    row = session.execute(select(table).where(table.c.number == number)).one()
    heads = heads_at(session, number)
    leaves, index = leaves_of(heads), sorted(heads).index(chain)
    return checkpoints.CheckpointProof(
        statement=bytes(row.statement),
        signature=bytes(row.signature),
        leaf=leaves[index],
        index=index,
        size=len(leaves),
        proof=tuple(merkle.inclusion_proof(leaves, index)),
    )


def _copy_to_file(store: Store, file: Path, number: int) -> None:
    """Append a checkpoint to the file, after those before it that a crash kept out.

    A file that is gone or unreadable is not made whole again: that somebody removed it must show.
    """
    first = min((_last_number(file) or number - 1) + 1, number)
    table = CheckpointRow.__table__
    query = select(table.c.statement, table.c.signature).where(table.c.number.between(first, number))
    with store.read() as session:
        made = session.execute(query.order_by(table.c.number)).all()
    lines = [
        json.dumps({"statement": row.statement.decode(), "signature": row.signature.hex()}, sort_keys=True)
        for row in made
    ]
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
        out.flush()
        os.fsync(out.fileno())


def _last_number(file: Path) -> int | None:
    """Number of the last checkpoint in the file, or None."""
    try:
        with file.open("rb") as lines:
            lines.seek(max(0, file.stat().st_size - _LONGEST_LINE))
            return int(json.loads(json.loads(lines.read().splitlines()[-1])["statement"])["number"])
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
