"""A batch of fat up to its last count, without a database: for the rules of its steps."""

from __future__ import annotations

from functools import cache
from importlib import resources

from labrecords.domain.record import BatchRecord
from tests.support.example_pen import Example
from tests.support.fat import TAKES_MIN, WITHOUT_ENZYME


@cache
def digested() -> BatchRecord:
    """By the shipped process with an enzyme."""
    return _played("svf_enzymatic")


@cache
def emulsified() -> BatchRecord:
    """By the shipped process without an enzyme."""
    return _played("svf_mechanical")


def _played(name: str) -> BatchRecord:
    folder = resources.files("labrecords.domain.processes") / "shipped"
    example = Example(process_text=(folder / f"{name}.toml").read_text(encoding="utf-8"))
    changes = WITHOUT_ENZYME if name == "svf_mechanical" else {}
    for step in example.record.process.phase("processing"):
        example.wait(TAKES_MIN.get(step.key, 5))
        example.step(step.key, **changes.get(step.key, {}))
        example.confirm_all(step.key)
    return example.record
