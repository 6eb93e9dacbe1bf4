"""Who is trained on the procedures that the shipped processes name, in the laboratory of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from labrecords.actions.laboratory import shipped_processes
from labrecords.actions.training import record_training
from labrecords.domain.processes.process import Process
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.registers.training import Training, procedure

if TYPE_CHECKING:
    from tests.support.lab import Lab

TRAINED_ON = date(2026, 11, 2)
RECORDED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def procedures(*processes: Process) -> list[tuple[str, str]]:
    """Code and version of every procedure that these name."""
    return sorted({procedure(step.sop) for one in processes for step in one.steps if step.sop})


def train(lab: Lab, *usernames: str) -> None:
    """Record that these people were trained on every procedure of the shipped processes."""
    for sop, version in procedures(*map(read_process, shipped_processes())):
        for username in usernames:
            record_training(
                lab.by("quentin"), person_id=lab.id(username), sop=sop, sop_version=version,
                trained_on=TRAINED_ON, expires_on=None, assessor="Vic Vermeer",
            )  # fmt: skip


def trained(process: Process, person_ids: Iterable[str], recorded_by: str) -> tuple[Training, ...]:
    """The same as a record holds it, for the procedures of one process."""
    return tuple(_entries(process, person_ids, recorded_by))


def _entries(process: Process, person_ids: Iterable[str], recorded_by: str) -> Iterator[Training]:
    for number, person_id in enumerate(person_ids):
        for place, (sop, version) in enumerate(procedures(process)):
            yield Training(
                id=f"{number:x}{place:031x}", person_id=person_id, sop=sop, sop_version=version,
                trained_on=TRAINED_ON, expires_on=None, assessor="Vic Vermeer", withdraws_id=None, reason="",
                recorded_by=recorded_by, by_name="Quentin Quist", recorded_at=RECORDED_AT,
            )  # fmt: skip
