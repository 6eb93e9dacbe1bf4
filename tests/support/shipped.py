"""A batch of another shipped process, played without a mistake up to its last step before the administration."""

from __future__ import annotations

from functools import cache
from importlib import resources

from labrecords.domain.record import BatchRecord
from tests.support.example_pen import Example


def shipped_text(name: str) -> str:
    """The text of a shipped process, by the name of its file."""
    folder = resources.files("labrecords.domain.processes") / "shipped"
    return (folder / f"{name}.toml").read_text(encoding="utf-8")


@cache
def processed(name: str) -> BatchRecord:
    """The record of a batch by this process, every step of the processing recorded and confirmed."""
    example = Example(process_text=shipped_text(name))
    for step in example.record.process.phase("processing"):
        example.wait(5)
        example.step(step.key)
        example.confirm_all(step.key)
    return example.record
