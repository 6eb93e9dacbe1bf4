"""Checkpoints: a signed Merkle root over all chain heads, kept in the database and outside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from labrecords.actions.door import transaction
from labrecords.documents.authority import Authority
from labrecords.documents.checkpoint import sign_checkpoint
from labrecords.domain import checkpoints, merkle
from labrecords.domain.canonical import sha256_hex
from labrecords.models.store import Store
from labrecords.models.trail import CheckpointHead, CheckpointRow, TrailHead


def make_checkpoint(store: Store, authority: Authority, file: Path) -> int:
    """Sign a checkpoint over all heads as they are committed now, and append it to the file. Returns its number."""
    with transaction(store) as session:
        table, heads = CheckpointRow.__table__, TrailHead.__table__
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
    _append(file, statement, signature)
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


def _append(file: Path, statement: bytes, signature: bytes) -> None:
    line = json.dumps({"statement": statement.decode(), "signature": signature.hex()}, sort_keys=True)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as out:
        out.write(line + "\n")
        out.flush()
        os.fsync(out.fileno())
