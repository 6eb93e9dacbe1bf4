"""What the trail costs: the same write through the same door, with and without its events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from sqlalchemy import event

from benchmarks.timing import interleaved
from labrecords.actions import door
from labrecords.actions.batches import open_batch
from labrecords.actions.door import StepRef, Tx, action
from labrecords.actions.readings import Reading
from labrecords.actions.steps import record_step
from labrecords.demo.masters import followed
from labrecords.demo.story import Story
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.record import NotDone
from labrecords.models import session as write_session
from labrecords.models.batch_record import find_batch, load_record

ROUNDS = 150


@action("measured.row", needs=Permission.RECORD_PROCESSING)
def _one_row(tx: Tx, *, step: StepRef) -> str:
    item = NotDone(tx.new_id(), step.batch_id, step.step_key, "measured", tx.actor.person_id, tx.now)
    tx.add(item)
    return item.id


@contextmanager
def _without_trail() -> Iterator[None]:
    """The door without its events: neither collected, nor hashed, nor stored. Everything else is the same."""
    add_events = door._add_events
    door._add_events = lambda tx, names: None
    event.remove(write_session.WriteSession, "after_flush", write_session._collect)
    try:
        yield
    finally:
        door._add_events = add_events
        event.listen(write_session.WriteSession, "after_flush", write_session._collect)


def _bare(write: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        with _without_trail():
            write()

    return run


def one_row(story: Story) -> dict[str, float]:
    """One row through the door: right, lock, version check, row, key."""
    story.open()
    batch, tess = story.record().batch, story.cast

    def write() -> None:
        _one_row(tess.by("tess"), step=StepRef(batch.id, "measured"))

    return interleaved({"with trail": write, "without": _bare(write)}, ROUNDS)


def recorded_step(story: Story) -> dict[str, float]:
    """A step as a technician records it: with reading the record, judging it, and the overview for the lists."""
    digest = followed(story.store)
    numbers = iter(
        [
            open_batch(story.cast.by("tess"), process_digest=digest, patient_code=f"P-{n}", identity_code="")
            for n in range(2 * ROUNDS)
        ]
    )
    kind = KINDS["sample"]

    def write() -> None:
        with story.store.read() as session:
            batch = find_batch(session, next(numbers))
            assert batch is not None
            seen = load_record(session, batch).step_version("sample_before")
        reading = Reading(
            kind=kind,
            facts={"container_code": "C-1", "sample_code": f"Q-{batch.number}", "volume_ml": Decimal("1.0")},
            performed_by=story.cast.id("tess"),
            happened_reason="measured out of order",
        )
        record_step(story.cast.by("tess"), step=StepRef(batch.id, "sample_before", seen), reading=reading)

    return interleaved({"with trail": write, "without": _bare(write)}, ROUNDS)
