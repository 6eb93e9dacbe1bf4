"""The chain of custody of a batch that was put away and taken out often, in places that have owners."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from benchmarks.timing import median_ms
from labrecords.demo.story import Story
from labrecords.domain.custody.batch_chain import chain_of
from labrecords.domain.custody.containers import holding_now
from labrecords.domain.record import BatchRecord, Equipment
from labrecords.domain.steps.storage import PUT_AWAY, TAKEN_OUT, Storage

ACTS, SHELVES = 200, 20


def often_stored(record: BatchRecord) -> BatchRecord:
    """The record with so many acts of storage more, on so many shelves that stand in one fridge."""
    last = max(record.entries, key=lambda entry: entry.performed_at)
    (container,) = holding_now(record)
    acts = tuple(
        Storage(
            id=f"act-{number}",
            batch_id=record.batch.id,
            step_key=f"{Storage.kind}-{number}",
            performed_by=last.performed_by,
            recorded_by=last.performed_by,
            performed_at=last.performed_at + timedelta(minutes=number),
            recorded_at=last.performed_at + timedelta(minutes=number),
            container_code=container,
            movement=PUT_AWAY if number % 2 else TAKEN_OUT,
            place=f"SH-{(number - 1) // 2 % SHELVES}",
        )
        for number in range(1, ACTS + 1)
    )
    places = (
        _place(record, "FR-1", "fridge", owner="QA"),
        *(_place(record, f"SH-{shelf}", "shelf", place="FR-1") for shelf in range(SHELVES)),
    )
    return replace(record, entries=(*record.entries, *acts), equipment=(*record.equipment, *places))


def walk_ms(story: Story, rounds: int = 25) -> float:
    """Median milliseconds of CPU for the chain of custody of such a record that was just read."""
    record = often_stored(story.record())
    assert len(chain_of(record).segments) >= ACTS
    return median_ms(lambda: chain_of(replace(record)), rounds, time.process_time)


def _place(record: BatchRecord, code: str, category: str, place: str = "", owner: str = "") -> Equipment:
    return Equipment(
        id=code, code=code, category=category, model=code, r_max_cm=None, r_av_cm=None, max_speed_rpm=None,
        next_check=None, in_service=True, registered_at=record.batch.opened_at, place=place, owner=owner or None,
    )  # fmt: skip
