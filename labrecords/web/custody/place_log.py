"""The temperature log of a place: its readings, taking one, the file of it, and which batches stood there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from labrecords.actions import place_log
from labrecords.actions.door import Invalid, Refused, note_access
from labrecords.actions.place_log import ReadingFacts
from labrecords.domain.custody.holders import Segment
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord, Equipment
from labrecords.domain.registers.place_log import Overdue, reading_due, review_due, stood_in
from labrecords.domain.registers.place_tree import kept_alike, owner_of, range_kept, words
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.temperature_findings import range_words
from labrecords.domain.values import times
from labrecords.domain.values.numbers import parse_number, plain
from labrecords.models.batch_record import record_of
from labrecords.models.place_readings import (
    LogLine,
    batches_naming,
    beside,
    log_page,
    overdue_logs,
    place_versions,
    reading_by_id,
    review_page,
    reviewed_until,
    unreviewed,
    whole_log,
)
from labrecords.models.session import db
from labrecords.web.downloads import table_download
from labrecords.web.forms.shared import Line, Parsed, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.paging import moment_key
from labrecords.web.signed_in import acting, installation, moment_here, signed_in_actor
from labrecords.web.site import say

pages = Pages("place_log", __name__)

READ_AT_ONCE = 25
"""So many batches are looked at for one page: the record of each is read."""
COLUMNS = (
    "place",
    "read at",
    "now °C",
    "lowest °C",
    "highest °C",
    "range",
    "verdict",
    "why and what was done",
    "note",
    "read by",
    "recorded at",
    "corrected later",
    "correction of",
    "reason of the correction",
    "reviewed",
)


class ReadingForm(WritingForm):
    replaces = HiddenField()
    read_at = Parsed(
        "Read at",
        moment_here,
        missing="Enter when it was read.",
        description="14:30, or with the date",
    )
    now_c = Parsed("Temperature now", parse_number, missing="Enter what the thermometer shows.")
    min_c = Parsed(
        "Lowest since the last reading", parse_number, description="Empty where the thermometer keeps none"
    )
    max_c = Parsed(
        "Highest since the last reading", parse_number, description="Empty where the thermometer keeps none"
    )
    done = Line(
        "Outside the range: why, and what was done",
        limit=500,
        description="Asked for where one of the temperatures is outside; else it stays empty",
    )
    note = Line("Note", limit=300, description="May stay empty")
    reason = Line("Why it is corrected", limit=500, description="The reading as it was first recorded stays")


@dataclass(frozen=True)
class Stood:
    """One batch with the stretches in which its containers were there."""

    record: BatchRecord
    stretches: tuple[Segment, ...]


@pages.page("/storage/places/<code>", needs=Permission.READ_BATCHES)
def log(code: str) -> ResponseReturnValue:
    register, item = place_or_404(code)
    session, now = db.session(), installation().store.clock()
    before, reviews_before = moment_key(), moment_key("reviews_before")
    page, reviews = log_page(session, code, before), review_page(session, code, reviews_before)
    open_count, unseen = unreviewed(session, code)
    newest = page.lines[0].reading.read_at if page.lines and not before else None
    actor, home = signed_in_actor(), url_for("place_log.log", code=code)
    return render_template(
        "storage/log.html",
        item=item,
        words=words(item),
        owner=owner_of(register, item.code, now),
        allowed=allowed_words(register, item, now),
        lines=page.lines,
        reviews=reviews.reviews,
        open_count=open_count,
        unseen=unseen,
        reading_due=None if before else reading_due(item, newest),
        review_due=review_due(item, unseen, reviewed_until(session, code)),
        now=now,
        newest_url=home if before else "",
        older_url=url_for("place_log.log", code=code, before=page.next) if page.next else "",
        newest_reviews_url=home if reviews_before else "",
        older_reviews_url=url_for("place_log.log", code=code, reviews_before=reviews.next)
        if reviews.next
        else "",
        may_read=actor.may(Permission.RECORD_CUSTODY),
        may_review=actor.may(Permission.REVIEW_PLACES),
    )


@pages.page("/storage/places/<code>/read", needs=Permission.RECORD_CUSTODY, methods=("GET", "POST"))
def read(code: str) -> ResponseReturnValue:
    register, item = place_or_404(code)
    form, status = ReadingForm(), 200
    replaces = (form.replaces.data if form.is_submitted() else request.args.get("replaces")) or ""
    wrong_one = _line_or_404(replaces) if replaces else None
    blockers: tuple[Blocker, ...] = ()
    if not form.is_submitted():
        _begin(form, wrong_one)
    else:
        status = 400
        if form.validate():
            try:
                place_log.record_reading(acting(), facts=_facts(form, code, replaces))
            except Invalid as problem:
                form.explain(problem.problems)
            except Refused as refusal:
                blockers, status = refusal.blockers, 403
            else:
                say("pass", "The reading is corrected." if replaces else "The reading is recorded.")
                return redirect(url_for("place_log.log", code=code), 303)
    return render_template(
        "storage/read.html",
        form=form,
        item=item,
        words=words(item),
        allowed=allowed_words(register, item, installation().store.clock()),
        replaces=wrong_one,
        blockers=blockers,
    ), status


@pages.page("/storage/places/<code>/log.csv", needs=Permission.READ_BATCHES)
def export(code: str) -> ResponseReturnValue:
    _, item = place_or_404(code)
    rows = (_cells(item, line) for line in whole_log(db.session(), code))
    response = table_download(f"temperatures-{code}.csv", COLUMNS, rows)
    note_access(acting(), "log.exported", place=code)
    return response


@pages.page("/storage/readings/<reading_id>", needs=Permission.READ_BATCHES)
def stood(reading_id: str) -> ResponseReturnValue:
    line, before, session = _line_or_404(reading_id), moment_key(), db.session()
    reading = line.reading
    register, item = place_or_404(reading.place_code)
    start, after = beside(session, reading)
    end = after if reading.still_outside else reading.read_at
    names = kept_alike(register, item.code, reading.read_at)
    ids, older = batches_naming(session, names, end, before, READ_AT_ONCE)
    return render_template(
        "storage/stood.html",
        reading=reading,
        words=words(item),
        allowed=range_words(reading.allowed) if reading.allowed else "",
        start=start,
        end=end,
        batches=list(_stood(ids, names, start, end)),
        looked=len(ids),
        newest_url=url_for("place_log.stood", reading_id=reading_id) if before else "",
        older_url=url_for("place_log.stood", reading_id=reading_id, before=older) if older else "",
    )


def _stood(
    batch_ids: Iterable[str], names: frozenset[str], start: datetime | None, end: datetime | None
) -> Iterator[Stood]:
    for batch_id in batch_ids:
        record = record_of(db.session(), batch_id)
        if found := tuple(stood_in(record, names, start, end)):
            yield Stood(record, found)


def overdue_of(*what: str) -> tuple[Overdue, ...]:
    """Which of these, READING or REVIEW, is overdue of a place, as the start page lists it."""
    found = overdue_logs(db.session(), installation().store.clock())
    return tuple(one for one in found if one.what in what)


def place_or_404(code: str) -> tuple[tuple[Equipment, ...], Equipment]:
    """Every version of every place, and the newest one of the place with this code."""
    register = place_versions(db.session())
    found = [item for item in register if item.code == code]
    if not found:
        abort(404)
    return register, found[-1]


def allowed_words(register: tuple[Equipment, ...], item: Equipment, at: datetime) -> str:
    """The range that the place keeps, in words; empty where nobody stated one."""
    found = range_kept(register, item.code, at)
    return range_words(found) if found else ""


def _line_or_404(reading_id: str) -> LogLine:
    found = reading_by_id(db.session(), reading_id)
    if found is None:
        abort(404)
    return found


def _begin(form: ReadingForm, wrong_one: LogLine | None) -> None:
    """What the form begins with: the time, or what is to be corrected."""
    place = installation()
    if wrong_one is None:
        form.read_at.data = f"{times.local(place.store.clock(), place.zone):%H:%M}"
        return
    reading = wrong_one.reading
    form.replaces.data = reading.id
    form.read_at.data = f"{times.local(reading.read_at, place.zone):%Y-%m-%d %H:%M}"
    for field, value in (
        (form.now_c, reading.now_c),
        (form.min_c, reading.min_c),
        (form.max_c, reading.max_c),
    ):
        field.data = _text(value)
    form.done.data, form.note.data = reading.done, reading.note


def _facts(form: ReadingForm, code: str, replaces: str) -> ReadingFacts:
    return ReadingFacts(
        place_code=code,
        read_at=form.read_at.value,
        now_c=form.now_c.value,
        min_c=form.min_c.value,
        max_c=form.max_c.value,
        note=form.note.text,
        done=form.done.text,
        replaces_id=replaces,
        reason=form.reason.text,
    )


def _cells(item: Equipment, line: LogLine) -> tuple[str | Decimal | None, ...]:
    one, zone = line.reading, installation().zone
    verdict = "not judged" if one.allowed is None else "outside" if one.outside else "within"
    return (
        item.code,
        times.show(one.read_at, zone),
        one.now_c,
        one.min_c,
        one.max_c,
        range_words(one.allowed) if one.allowed else "",
        verdict,
        one.done,
        one.note,
        one.by_name,
        times.show(one.recorded_at, zone),
        "yes" if line.corrected else "",
        one.replaces_id,
        one.reason,
        "yes" if line.reviewed else "no",
    )


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
