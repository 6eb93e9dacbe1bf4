"""Reading a temperature logger's file into a batch: the file, its SHA-256 and its readings in one act."""

from __future__ import annotations

from dataclasses import dataclass

from labrecords.actions.attaching import File, attachment_of, file_of
from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.steps import known_step, open_record
from labrecords.domain.custody.exposure import period_of
from labrecords.domain.custody.temperature_logs import ROLE, TemperatureLog, written
from labrecords.domain.permissions import Permission
from labrecords.domain.review.decisions import being_sealed
from labrecords.domain.review.release import Blocker, state_blockers
from labrecords.exchange.logger_clock import Doubt
from labrecords.exchange.logger_csv import Answers, LoggerFile, read_logger
from labrecords.models.batch_record import load_record


@dataclass(frozen=True)
class ReadFile:
    """A logger's file as it came, and what was read from it."""

    file: File
    logger: LoggerFile


def logger_of(name: str, data: bytes, answers: Answers) -> ReadFile:
    """Read a file, which comes before the write transaction. Raises Invalid for what it is not, or leaves open."""
    try:
        logger = read_logger(data, answers)
    except Doubt as doubt:
        raise Invalid({doubt.field: str(doubt)}) from doubt
    return ReadFile(file_of(name, data), logger)


@action("temperature.read", needs=Permission.RECORD_CUSTODY)
def attach_logger(tx: Tx, *, batch: BatchRef, step_key: str, read: ReadFile) -> str:
    """Attach a logger's file to the transport or storage that a step ended or began. Returns the id of the log.

    One logger may have travelled through several of them: each takes its own time from the same file. Raises Refused
    where that step is no part of one, or nothing can be recorded; Invalid for a file that is attached to this transport
    or storage already, and for one without any reading in that time.
    """
    record = open_record(tx, batch.batch_id)
    if record.voids or being_sealed(record, tx.now):
        raise Refused(*state_blockers(record))
    step, period = known_step(record, step_key), period_of(record, step_key)
    if period is None:
        raise Refused(
            Blocker(
                "temperature",
                "This step ended no transport and keeps nothing in store.",
                "Attach the file to the hand-over that ended the transport, or where the container was put away.",
            )
        )
    samples = read.logger.samples
    if samples[-1].at < period.start or (period.end is not None and samples[0].at > period.end):
        raise Invalid(
            {
                "clock": "No reading of this file lies in that time. Check the clock and the order of its dates."
            }
        )
    title = f"{period.kind.capitalize()} of {period.container}"
    attachment = attachment_of(tx, record, step.key, title, read.file, role=ROLE, once_at=period.steps)
    row = TemperatureLog(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step.key,
        attachment_id=attachment.id,
        clock=read.logger.clock,
        heading=read.logger.heading,
        every_s=read.logger.every_s,
        starts_at=samples[0].at,
        readings=written(samples),
        blank=read.logger.blank,
        doubled=read.logger.doubled,
        put_back=read.logger.put_back,
        person_id=tx.actor.person_id,
        recorded_at=tx.now,
    )
    tx.detail = {"file": read.file.name, "readings": str(len(samples))}
    tx.add(row)
    project(tx.session, load_record(tx.session, record.batch))
    return row.id
