"""Checkpoints over all chains: the statement that is signed, its leaves, and the proof that one chain is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from labrecords.domain.evidence import merkle
from labrecords.domain.evidence.canonical import canonical_bytes
from labrecords.domain.values import times


@dataclass(frozen=True)
class CheckpointProof:
    """A signed checkpoint, and the path by which one chain's head belongs to its root (RFC 6962)."""

    statement: bytes
    signature: bytes
    leaf: bytes
    index: int
    size: int
    proof: tuple[bytes, ...]


def statement_bytes(*, number: int, at: datetime, previous: str, size: int, root: str) -> bytes:
    """The canonical bytes that the checkpoint key signs. `previous` is the root before, in hex; empty for the first."""
    return canonical_bytes(
        {"at": times.to_text(at), "number": number, "previous": previous, "root": root, "size": size, "v": 1}
    )


def leaf_bytes(chain: str, seq: int, digest: str) -> bytes:
    """The canonical bytes of one leaf: a chain with the number and hash of its last event."""
    return canonical_bytes({"chain": chain, "hash": digest, "seq": seq})


def proof_holds(proof: CheckpointProof) -> bool:
    """Whether the leaf belongs to the root of the statement. The signature is checked elsewhere."""
    try:
        stated = json.loads(proof.statement)
        root, size = bytes.fromhex(stated["root"]), stated["size"]
        return bool(size == proof.size) and merkle.verify_inclusion(
            proof.leaf, proof.index, proof.size, list(proof.proof), root
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
