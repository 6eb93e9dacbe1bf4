"""Merkle trees over byte strings as in RFC 6962 section 2.1: a root, and proofs that a leaf is under it.

Leaves and inner nodes are hashed with different first bytes (0x00 and 0x01), so that an inner node can never
be passed off as a leaf. All hashes are SHA-256, 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from hmac import compare_digest


def root(leaves: Sequence[bytes]) -> bytes:
    """The 32-byte root over `leaves` in their order; for no leaves the hash of nothing (RFC 6962)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    return _root_of_hashes([_leaf_hash(leaf) for leaf in leaves])


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes, lowest first, that lead from leaf `index` (from 0) to `root(leaves)`.

    Raises `IndexError` if there is no leaf with that index.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"there is no leaf {index} among {len(leaves)}")
    hashes = [_leaf_hash(leaf) for leaf in leaves]
    proof: list[bytes] = []
    while len(hashes) > 1:
        split = _split(len(hashes))
        left, right = hashes[:split], hashes[split:]
        if index < split:
            proof.append(_root_of_hashes(right))
            hashes = left
        else:
            proof.append(_root_of_hashes(left))
            hashes, index = right, index - split
    proof.reverse()
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` is number `index` (from 0) of the `size` leaves under `root`.

    Never raises for wrong or hostile proofs: everything that does not fit is False. The walk is that of
    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, _leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            computed = _node_hash(sibling, computed)
            while node % 2 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            computed = _node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and compare_digest(computed, root)


def _leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below `count` (2 or more): where RFC 6962 divides a list."""
    return 1 << ((count - 1).bit_length() - 1)


def _root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = _split(len(hashes))
    return _node_hash(_root_of_hashes(hashes[:split]), _root_of_hashes(hashes[split:]))
