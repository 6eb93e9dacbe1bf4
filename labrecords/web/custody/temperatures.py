"""Temperatures of a batch: what was measured in each transport and in store, and the files of loggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.door import BatchRef, Invalid, Refused
from labrecords.actions.temperatures import attach_logger, logger_of
from labrecords.domain.custody.excursions import Outside, total
from labrecords.domain.custody.exposure import (
    Exposure,
    Period,
    allowed_out,
    exposures_at,
    outside_of,
    periods,
    range_of,
)
from labrecords.domain.custody.temperature_logs import Summary, TemperatureLog, missing_in, summary_of
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.temperature_findings import minutes, range_words
from labrecords.exchange.logger_clock import DAY_FIRST, MONTH_FIRST
from labrecords.exchange.logger_csv import AS_THE_FILE_SAYS, MOST_BYTES, Answers
from labrecords.web.batches.batch import batch_or_404
from labrecords.web.filters import many
from labrecords.web.forms.shared import Line, SentFile, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting
from labrecords.web.site import say
from labrecords.web.steps.in_hand import StepPage, step_or_404
from labrecords.web.steps.screens import show_beside

pages = Pages("temperatures", __name__)

HALF_HOURS = range(-24, 29)
"""Every offset from UTC that is in use somewhere, in half hours; the few in quarter hours are read from the file."""


class LoggerForm(WritingForm):
    file = SentFile("File of the logger", MOST_BYTES, missing="Choose a file first.")
    clock = SelectField("Clock of the logger", validate_choice=False)
    date_order = SelectField(
        "Order of its dates",
        choices=[
            SelectChoice("", "Told by the file"),
            SelectChoice(DAY_FIRST, "Day first: 3.4. is 3 April"),
            SelectChoice(MONTH_FIRST, "Month first: 3/4 is 4 March"),
        ],
        validate_choice=False,
    )
    column = Line("Column with the temperature", limit=80)


@dataclass(frozen=True)
class ReadLog:
    """What a logger's file says of one time, in numbers; without a reading in it there is no summary."""

    log: TemperatureLog
    summary: Summary | None
    missing: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def of(cls, log: TemperatureLog, start: datetime, end: datetime) -> ReadLog:
        return cls(log, summary_of(log, start, end), missing_in(log, start, end))


@dataclass(frozen=True)
class PeriodRow:
    """A transport or a time in store, with what was measured in it."""

    record: BatchRecord
    period: Period
    now: datetime

    @cached_property
    def logs(self) -> list[ReadLog]:
        return [ReadLog.of(log, self.period.start, self.period.until) for log in self.period.logs]

    @cached_property
    def outside(self) -> tuple[Outside, ...]:
        return outside_of(self.record, self.period, self.now)

    @property
    def minutes(self) -> str:
        """How long it was outside the range, in minutes."""
        return minutes(total(self.outside))


@dataclass(frozen=True)
class ContainerRow:
    """How long one container was outside the range in all."""

    item: Exposure
    beyond: bool

    @property
    def minutes(self) -> str:
        return minutes(self.item.lasted)

    @property
    def brought(self) -> str:
        return minutes(total(self.item.brought))


@pages.page("/batches/<number>/temperatures", needs=Permission.READ_BATCHES)
def batch(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)
    record, limit = page.record, allowed_out(page.record)
    allowed = range_of(record)
    return render_template(
        "temperatures/batch.html",
        page=page,
        bar=page.bar,
        record=record,
        allowed=range_words(allowed) if allowed else "",
        limit=minutes(limit),
        rows=[PeriodRow(record, period, page.now) for period in periods(record)],
        containers=[ContainerRow(item, item.lasted > limit) for item in exposures_at(record, page.now)],
    )


@pages.page(
    "/batches/<number>/steps/<key>/logger",
    needs=Permission.RECORD_CUSTODY,
    methods=("GET", "POST"),
    takes_file=True,
)
def attach(number: str, key: str) -> ResponseReturnValue:
    at, form = step_or_404(number, key), LoggerForm()
    form.clock.choices = _clocks(at.record.laboratory.zone)
    if not form.is_submitted():
        return _show(at, form)
    if not form.validate() or form.clock.data not in [choice.value for choice in form.clock.choices]:
        return _show(at, form, 400)
    answers = Answers(form.clock.data or "", form.date_order.data or "", form.column.text)
    try:
        read = logger_of(form.file.called, form.file.content(), answers)
        attach_logger(acting(), batch=BatchRef(at.record.batch.id), step_key=key, read=read)
    except Invalid as error:
        form.explain(error.problems)
        return _show(at, form, 400)
    except Refused as error:
        return _show(at, form, 403, error.blockers)
    say("pass", f"Attached to step {at.step.number}: {many(len(read.logger.samples), 'reading')}.")
    return redirect(url_for("temperatures.batch", number=number), 303)


def _clocks(zone: str) -> list[SelectChoice]:
    """The clocks to choose from: none, what the file says, the laboratory's, and every offset from UTC."""
    offsets = []
    for halves in HALF_HOURS:
        hours, minute = divmod(abs(halves) * 30, 60)
        offsets.append(f"UTC{'-' if halves < 0 else '+'}{hours:02d}:{minute:02d}")
    return [
        SelectChoice("", "Choose"),
        SelectChoice(AS_THE_FILE_SAYS, "As the file says: each time has its offset"),
        SelectChoice(zone, f"{zone}, put forward and back with the clocks there"),
        *(SelectChoice(text, f"{text}, all year") for text in offsets),
    ]


def _show(
    at: StepPage, form: LoggerForm, status: int = 200, refused: Sequence[Blocker] = ()
) -> tuple[str, int]:
    most_mb = MOST_BYTES // 1024 // 1024
    return show_beside(
        "temperatures/attach.html", at, form, status, refused, cancel_url=at.url(), most_mb=most_mb
    )
