"""Checkpoints: what is signed, and that one chain is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from labrecords.domain.evidence import merkle
from labrecords.domain.evidence.checkpoints import CheckpointProof, leaf_bytes, proof_holds, statement_bytes

AT = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
LEAVES = [leaf_bytes(f"batch/{n:032x}", n, f"{n:064x}") for n in range(1, 8)]


def proof(index: int = 2) -> CheckpointProof:
    root = merkle.root(LEAVES)
    statement = statement_bytes(number=3, at=AT, previous="ab" * 32, size=len(LEAVES), root=root.hex())
    path = tuple(merkle.inclusion_proof(LEAVES, index))
    return CheckpointProof(statement, b"", LEAVES[index], index, len(LEAVES), path)


@pytest.mark.req("P11-10a")
def test_the_bytes_of_a_checkpoint_are_these_for_ever() -> None:
    made = statement_bytes(number=1, at=AT, previous="", size=2, root="cd" * 32)
    expected = '{"at":"2026-11-23T20:00:00.000000Z","number":1,"previous":"","root":"%s","size":2,"v":1}'
    assert made == (expected % ("cd" * 32)).encode()


def test_the_bytes_of_a_leaf_are_these_for_ever() -> None:
    assert (
        leaf_bytes("access", 9, "ef" * 32)
        == ('{"chain":"access","hash":"%s","seq":9}' % ("ef" * 32)).encode()
    )


@pytest.mark.parametrize("index", range(len(LEAVES)))
def test_every_chain_is_proved_to_be_in_the_checkpoint(index: int) -> None:
    assert proof_holds(proof(index))


def test_a_checkpoint_over_one_chain_needs_no_path() -> None:
    leaf = LEAVES[0]
    statement = statement_bytes(number=1, at=AT, previous="", size=1, root=merkle.root([leaf]).hex())
    assert proof_holds(CheckpointProof(statement, b"", leaf, 0, 1, ()))


@pytest.mark.parametrize(
    "change",
    [
        {"leaf": leaf_bytes("batch/x", 2, "0" * 64)},
        {"index": 3},
        {"index": -1},
        {"index": 7},
        {"size": 8},
        {"size": 0},
        {"proof": ()},
        {"proof": (b"0" * 32,) * 3},
        {"statement": statement_bytes(number=3, at=AT, previous="", size=7, root="00" * 32)},
        {"statement": statement_bytes(number=3, at=AT, previous="", size=6, root=merkle.root(LEAVES).hex())},
    ],
)
def test_a_proof_with_something_else_in_it_does_not_hold(change: dict[str, Any]) -> None:
    assert not proof_holds(replace(proof(), **change))


@pytest.mark.parametrize(
    "statement",
    [
        b"",
        b"\xff",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"root":7,"size":7}',
        b'{"root":"xyz","size":7}',
        b"[" * 100_000,
    ],
)
def test_a_statement_that_is_none_does_not_hold(statement: bytes) -> None:
    assert not proof_holds(replace(proof(), statement=statement))
