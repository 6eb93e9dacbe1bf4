"""Merkle roots and proofs: the published test tree, and no proof that survives a change."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.evidence import merkle

# The test tree of the Certificate Transparency reference code.
PUBLISHED_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

trees = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


@pytest.mark.parametrize("count", range(1, 9))
def test_published_roots(count: int) -> None:
    assert merkle.root(PUBLISHED_LEAVES[:count]).hex() == PUBLISHED_ROOTS[count - 1]


def test_the_root_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256(b"").digest()


def test_published_proof() -> None:
    proof = merkle.inclusion_proof(PUBLISHED_LEAVES, 0)
    assert [part.hex()[:8] for part in proof] == ["96a296d2", "5f083f0a", "6b47aaf2"]


@given(trees)
def test_every_proof_verifies(leaves: list[bytes]) -> None:
    root = merkle.root(leaves)
    for index, leaf in enumerate(leaves):
        assert merkle.verify_inclusion(leaf, index, len(leaves), merkle.inclusion_proof(leaves, index), root)


@given(trees, st.binary(max_size=8), st.data())
def test_any_change_fails(leaves: list[bytes], other: bytes, data: st.DataObject) -> None:
    size, root = len(leaves), merkle.root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(leaves, index)
    if other != leaves[index]:
        assert not merkle.verify_inclusion(other, index, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*proof, bytes(32)], root)
    assert not merkle.verify_inclusion(leaves[index], index, size, proof, bytes(32))
    assert not merkle.verify_inclusion(leaves[index], size, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], -1, size, proof, root)
    for place in range(len(proof)):
        changed = [*proof[:place], bytes(32), *proof[place + 1 :]]
        assert not merkle.verify_inclusion(leaves[index], index, size, changed, root)
        assert not merkle.verify_inclusion(
            leaves[index], index, size, proof[:place] + proof[place + 1 :], root
        )


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=40, unique=True), st.data())
def test_a_proof_is_for_its_own_place_only(leaves: list[bytes], data: st.DataObject) -> None:
    index, other = data.draw(st.tuples(*[st.integers(0, len(leaves) - 1)] * 2).filter(lambda p: p[0] != p[1]))
    proof = merkle.inclusion_proof(leaves, index)
    assert not merkle.verify_inclusion(leaves[index], other, len(leaves), proof, merkle.root(leaves))


@given(trees, st.data())
def test_another_leaf_gives_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:index], leaves[index] + b"x", *leaves[index + 1 :]]
    assert merkle.root(changed) != merkle.root(leaves)


def test_an_inner_node_is_no_leaf() -> None:
    leaves = [b"a", b"b"]
    inner = b"".join(hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves)
    assert merkle.root([inner]) != merkle.root(leaves)


@pytest.mark.parametrize("index", [-1, 2])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError, match="no leaf"):
        merkle.inclusion_proof([b"a", b"b"], index)
