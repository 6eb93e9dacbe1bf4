"""A batch by filtration with its tests: Gram stain and endotoxin final, the sterility culture running."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from labrecords.domain.entries import CORRECTED, REPORTED
from labrecords.domain.processes.process import CHECKS
from labrecords.domain.record import BatchRecord
from tests.support.clean import entry_of
from tests.support.example_pen import Example

RELEASE_TESTS = ("gram", "endotoxin")


def filtration() -> str:
    """The shipped process by filtration, which has tests."""
    folder = resources.files("labrecords.domain.processes") / "shipped"
    return (folder / "bone_marrow_filtration.toml").read_text(encoding="utf-8")


def processed(*changes: tuple[str, str]) -> Example:
    """Played up to the last count; `changes` replaces some text of the process."""
    text = filtration()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    example = Example(process_text=text)
    for step in example.record.process.phase("processing"):
        example.wait(5)
        example.step(step.key)
        example.confirm_all(step.key)
    return example


def sampled(*changes: tuple[str, str]) -> Example:
    """Played until nothing but late tests is open, the label of the product read by two people."""
    example = processed(*changes)
    for key in (*RELEASE_TESTS, "sterility"):
        example.wait(5)
        example.step(key)
        example.confirm_all(key)
    _read_label(example, "product_check-1", "release")
    return example


def _read_label(example: Example, key: str, occasion: str) -> None:
    """Two people compare the label of the product with the batch."""
    batch = example.record.batch
    example.wait(5)
    example.step(
        key,
        container_code="SYR-7",
        patient_code=batch.patient_code,
        identity_code=batch.identity_code,
        occasion=CHECKS[occasion],
    )
    example.confirm_all(key)


def released() -> Example:
    """Released, while the sterility culture runs."""
    example = sampled()
    example.wait(5)
    example.decide("released")
    example.seal()
    return example


def injected() -> Example:
    """Released and injected, while the sterility culture runs."""
    example = released()
    _read_label(example, "product_check-2", "dispense")
    for key in ("handover_theatre", "bedside", "injection", "residual"):
        example.wait(5)
        example.step(key)
        example.confirm_all(key)
    return example


@cache
def sampled_record() -> BatchRecord:
    return sampled().record


@cache
def released_record() -> BatchRecord:
    return released().record


@cache
def injected_record() -> BatchRecord:
    return injected().record


def after(
    record: BatchRecord, key: str, days: float = 14, *, follows_as: str = REPORTED, **changes: Any
) -> BatchRecord:
    """The record with the next report of a test, so many days after the last, or with a correction of it."""
    old = entry_of(record, key)
    at = old.recorded_at + timedelta(days=days)
    new = replace(
        old,
        id=f"{key}-{len(record.history(key)) + 1}",
        replaces_id=old.id,
        follows_as=follows_as,
        recorded_at=at,
        performed_at=at,
        reason="Read again from the worksheet." if follows_as == CORRECTED else None,
        **({"finished_at": at} if changes.get("state") == "final" else {}) | changes,
    )
    return replace(record, entries=(*record.entries, new))


def grown(
    record: BatchRecord, state: str = "final", organism: str | None = "Cutibacterium acnes"
) -> BatchRecord:
    """The culture grew."""
    return after(record, "sterility", 5, state=state, growth=True, organism=organism)


def clean(record: BatchRecord) -> BatchRecord:
    """The culture stayed without growth to the end."""
    return after(record, "sterility", state="final", growth=False)


def when(record: BatchRecord) -> datetime:
    """The instant of what was recorded last."""
    return max(entry.recorded_at for entry in record.entries)
