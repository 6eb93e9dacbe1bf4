"""Training of a person on a procedure, and whether who performed a step was trained on it then (21 CFR 211.25).

A step of the master names its procedure as "SOP-012", or with the version that it demands as "SOP-012/3".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Training:
    """That a person was trained on one version of a procedure; or that such an entry is withdrawn."""

    id: str
    person_id: str
    sop: str
    sop_version: str
    trained_on: date
    expires_on: date | None
    """Last day on which the training counts; None where it does not expire."""
    assessor: str
    """Who trained or assessed the person, by name."""
    withdraws_id: str | None
    """The entry that this one withdraws, with the reason."""
    reason: str
    recorded_by: str
    by_name: str
    recorded_at: datetime


def procedure(sop: str) -> tuple[str, str]:
    """Code and demanded version of what a step names: ("SOP-012", "3"); the version is empty where any will do."""
    code, _, version = sop.partition("/")
    return code.strip(), version.strip()


def standing(rows: Iterable[Training]) -> tuple[Training, ...]:
    """The entries that were not withdrawn."""
    rows = tuple(rows)
    gone = {row.withdraws_id for row in rows}
    return tuple(row for row in rows if row.withdraws_id is None and row.id not in gone)


def training_at(record: BatchRecord, entry: Entry) -> Training | None:
    """The training by which the performer of an entry was trained on its procedure on the day of the act, or None.

    One that was recorded by then is preferred; one on paper that was recorded later counts, and is looked at.
    """
    code, version = procedure(record.process.step(entry.step_key).sop)
    day = record.day_of(entry.performed_at)
    end = times.end_of_minute(entry.performed_at)
    found = [
        row
        for row in standing(
            row for row in record.training if row.withdraws_id is None or row.recorded_at <= end
        )
        if record.same_human(entry.performed_by, row.person_id)
        and normalise(row.sop) == normalise(code)
        and (not version or row.sop_version == version)
        and row.trained_on <= day
        and (row.expires_on is None or day <= row.expires_on)
    ]
    return min(found, key=lambda row: (row.recorded_at > end, row.recorded_at), default=None)


def training_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop when the performer had no current training on the procedure of the step."""
    sop = record.process.step(entry.step_key).sop
    if not sop or training_at(record, entry):
        return ()
    return (
        Stop(
            "training",
            f"{record.name(entry.performed_by)} has no current training on {sop}.",
            "Somebody who is trained performs it, or quality assurance records the training first.",
        ),
    )


def training_findings(record: BatchRecord, entry: Entry) -> list[Finding]:
    """Training that was entered only after the act for which it was needed."""
    step = record.process.step(entry.step_key)
    used = training_at(record, entry) if step.sop else None
    if used is None or used.recorded_at <= times.end_of_minute(entry.performed_at):
        return []
    sentence = (
        f"{step.title}: the training of {record.name(entry.performed_by)} on {step.sop} was recorded only "
        "after the act."
    )
    return [
        Finding(
            "training recorded late",
            Severity.EXCEPTION,
            sentence,
            entry.step_key,
            entry.performed_at,
            entry.id,
        )
    ]
