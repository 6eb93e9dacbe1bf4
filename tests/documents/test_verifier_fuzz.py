"""The verifier always answers, soon, and never takes a changed file for a valid one."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labrecords.documents.verifying import verifier
from labrecords.documents.verifying.verdict import (
    CHANGED,
    VALID,
)
from tests.support.sealed import (
    judged,
    sealed,
    unsealed,
)


def _answered(data: bytes) -> None:
    begin = time.process_time()
    verdict = judged(data)
    assert time.process_time() - begin < 5
    assert verdict.sentence
    assert verdict.checks
    if verdict.kind == VALID:
        assert data == sealed()


fuzz = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@fuzz
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=5))
def test_random_bytes_changed(changes: list[tuple[float, int]]) -> None:
    data = bytearray(sealed())
    for part, flip in changes:
        data[int(part * len(data))] ^= flip
    _answered(bytes(data))


@fuzz
@given(st.floats(0.9, 1, exclude_max=True), st.integers(1, 255))
def test_random_byte_changed_in_the_revision_of_the_seal(part: float, flip: int) -> None:
    data = bytearray(sealed())
    begin = len(unsealed())
    data[begin + int(part * (len(data) - begin))] ^= flip
    _answered(bytes(data))


@fuzz
@given(st.floats(0, 1), st.floats(0, 1))
def test_cut_anywhere(begin: float, end: float) -> None:
    _answered(sealed()[int(begin**4 * len(sealed())) : int(end * len(sealed()))])


@fuzz
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4), st.binary(max_size=60))
def test_spliced(parts: list[tuple[float, float]], between: bytes) -> None:
    data = sealed()
    pieces = [data[int(a * len(data)) : int(b * len(data))] for a, b in parts]
    _answered(data[:2000] + between.join(pieces) + data[-3000:])


@fuzz
@given(st.binary(max_size=400))
def test_anything_at_all(data: bytes) -> None:
    _answered(data)
    _answered(b"%PDF-1.7\n" + data)


def test_a_fault_of_the_verifier_is_no_failure_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_: bytes) -> bytes:
        raise RecursionError

    monkeypatch.setattr(verifier, "read_contents", fault)
    verdict = judged(sealed())
    assert verdict.kind == CHANGED
    assert "could not be checked to the end (RecursionError)" in verdict.sentence
