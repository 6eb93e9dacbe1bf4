"""At which temperatures each container was: in transport and in store, by loggers and by single readings (domain 3.9).

A *period* is a stretch of the chain of custody whose temperature matters: a transport, which ends with a hand-over, or
the time in which a place keeps the container. A container filled from another one brings along what that one had.

What a person measured outside the range beside a logger counts as a reading does: it runs straight from the
last reading before to it, and on to the next one after. Without a logger it makes all of its period count. Between two
periods it is a finding, and no time counts: there nothing keeps or carries the container.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from labrecords.domain.custody.batch_chain import chain_of, events_of
from labrecords.domain.custody.events import CustodyEvent, Filled, HandedOver, Pooled
from labrecords.domain.custody.excursions import (
    MEASURED,
    Outside,
    Range,
    outside_beside,
    outside_by,
    range_or_none,
    total,
)
from labrecords.domain.custody.holders import Segment
from labrecords.domain.custody.names import key_of, name_now, same_container
from labrecords.domain.custody.stated_temperatures import Stated, stated_temperatures
from labrecords.domain.custody.temperature_logs import (
    Sample,
    TemperatureLog,
    gap_of,
    runs_of,
    samples_of,
    standing_logs,
)
from labrecords.domain.once import grouped, once
from labrecords.domain.registers.place_tree import range_kept, registered_within
from labrecords.domain.registers.places import is_transport
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.storage import TAKEN_OUT, Storage

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

TRANSPORT, STORAGE = "transport", "storage"
OTHER_CLASS = "kept otherwise"
"""Why a time in store counts: the place is kept at other temperatures."""
OUT_OF_STORE = "out of store"
"""Why a stretch counts: no place kept it."""


@dataclass(frozen=True)
class Period:
    """One transport or one time in store of one container."""

    kind: str
    container: str
    start: datetime
    end: datetime | None
    """None while a place keeps it."""
    steps: tuple[str, ...]
    """Keys of the steps to which a logger file of this period is attached; findings stand at the last."""
    where: str
    people: tuple[str, ...]
    """Names of those who had to do with it."""
    at_start_c: Decimal | None = None
    at_end_c: Decimal | None = None
    """Temperatures measured at its ends, in °C."""
    logs: tuple[TemperatureLog, ...] = ()
    stated: tuple[Stated, ...] = ()
    """What people measured in it, its ends included."""

    @property
    def until(self) -> datetime:
        """To when it is judged: to its end, or to the last reading while it lasts."""
        last = max((samples_of(log)[-1].at for log in self.logs), default=self.start)
        return self.end or max(last, self.start)


@dataclass(frozen=True)
class Exposure:
    """The time that one container was outside the range, what it brought along included."""

    container: str
    own: tuple[Outside, ...]
    brought: tuple[Outside, ...]
    """What the containers had that it was filled from, until then."""

    @property
    def lasted(self) -> timedelta:
        """In all, to the second: times are stated to the minute, and what the clock adds to one is no excursion."""
        return timedelta(seconds=total((*self.own, *self.brought)) // timedelta(seconds=1))


def range_of(record: BatchRecord) -> Range | None:
    """The range in which the product is kept and carried; None where the process has none."""
    return range_or_none(record.process.temperature_min_c, record.process.temperature_max_c)


def allowed_out(record: BatchRecord) -> timedelta:
    """How long a container may be outside in all; what is exactly that long is allowed."""
    return timedelta(seconds=int((record.process.out_of_range_max_min or Decimal(0)) * 60))


@once
def periods(record: BatchRecord) -> tuple[Period, ...]:
    """Every transport and every time in store, in the order of time."""
    found = [*_transports(record), *_kept(record)]
    return tuple(sorted(found, key=lambda one: one.start))


def period_of(record: BatchRecord, step_key: str) -> Period | None:
    """The period that a logger file attached to this step belongs to, or None."""
    return next((one for one in periods(record) if step_key in one.steps), None)


def outside_of(record: BatchRecord, period: Period, at: datetime | None = None) -> tuple[Outside, ...]:
    """When it was outside the range in this period: by its loggers, or by the temperatures at its ends.

    One end outside the range makes all of it count, since nobody knows when it left the range. Where there is no range,
    nothing is outside. What lasts is judged to the instant `at`; without one, to the last reading of its loggers.
    """
    allowed, end = range_of(record), period.end or at
    if allowed is None:
        return ()
    if end is not None and at is not None:
        end = min(end, at)
    if not period.logs:
        return _by_hand(record, period, allowed, end)
    until = period.until if at is None else min(period.until, at)
    found = _by_logs(period.logs, _beyond(period, allowed), allowed, period.start, until)
    if period.end is None and end is not None:
        # What came after the last reading is not read out yet: until then the place tells.
        found += tuple(_in_place(record, period, until, end))
    return found


def _by_hand(
    record: BatchRecord, period: Period, allowed: Range, end: datetime | None
) -> tuple[Outside, ...]:
    if end is None or end <= period.start:
        return ()
    ends = [value for value in (period.at_start_c, period.at_end_c) if value is not None]
    found, whole = tuple(_in_place(record, period, period.start, end)), end - period.start
    out = any(not allowed.holds(value) for value in ends) or bool(_beyond(period, allowed))
    return (Outside(period.start, end, MEASURED),) if total(found) < whole and out else found


def _beyond(period: Period, allowed: Range) -> tuple[Sample, ...]:
    """What people measured outside the range in this period."""
    return tuple(one.sample for one in period.stated if not allowed.holds(one.sample.celsius))


def outside_in(record: BatchRecord, log: TemperatureLog) -> tuple[Outside, ...]:
    """What one log says was outside in the period of its step, whether its file stands or was withdrawn.

    Where its step belongs to no period any more, it is judged from its first reading to its last.
    """
    allowed, period, samples = range_of(record), period_of(record, log.step_key), samples_of(log)
    if allowed is None:
        return ()
    if period is None:
        return _by_logs((log,), (), allowed, samples[0].at, samples[-1].at)
    alone = replace(period, logs=(log,))
    return _by_logs((log,), (), allowed, alone.start, alone.until)


@once
def measured_outside(record: BatchRecord) -> tuple[Stated, ...]:
    """What people measured outside the range, and neither a logger nor the verdict on a whole period tells already."""
    allowed = range_of(record)
    if allowed is None:
        return ()
    out = [one for one in stated_temperatures(record) if not allowed.holds(one.sample.celsius)]
    return tuple(
        one
        for one in out
        if not any(_tells(record, period, one, allowed) for period in periods(record) if one in period.stated)
    )


def _tells(record: BatchRecord, period: Period, one: Stated, allowed: Range) -> bool:
    if not period.logs:
        return bool(outside_of(record, period) or kept_otherwise(record, period))
    found = _by_logs(period.logs, (), allowed, period.start, period.until)
    return any(piece.why == MEASURED and piece.start <= one.sample.at <= piece.end for piece in found)


def _in_place(record: BatchRecord, period: Period, start: datetime, end: datetime) -> Iterator[Outside]:
    """The parts of a stretch in which the place was kept at other temperatures."""
    for since, until, _ in kept_otherwise(record, period):
        begin, finish = max(since, start), min(until or end, end)
        if begin < finish:
            yield Outside(begin, finish, OTHER_CLASS)


def kept_otherwise(
    record: BatchRecord, period: Period
) -> tuple[tuple[datetime, datetime | None, Range], ...]:
    """When the place did not keep what lies in it within the range of the product: from, until, and at what it kept.

    A place may be moved, or kept otherwise, while it holds a container: each registration in that time is looked at.
    """
    allowed = range_of(record)
    if allowed is None or period.kind != STORAGE:
        return ()
    cuts = registered_within(record.equipment, period.start, period.end)
    spans = zip([period.start, *cuts], [*cuts, period.end], strict=True)
    known = ((since, until, range_kept(record.equipment, period.where, since)) for since, until in spans)
    return tuple((since, until, kept) for since, until, kept in known if kept and not allowed.covers(kept))


@lru_cache(maxsize=32)
def _by_logs(
    logs: tuple[TemperatureLog, ...],
    beyond: tuple[Sample, ...],
    allowed: Range,
    start: datetime,
    until: datetime,
) -> tuple[Outside, ...]:
    """By the readings of every file, and what people measured `beyond` the range beside them.

    Kept: they never change, and a long file is asked on every page of its batch.
    """
    found = outside_by(runs_of(logs), allowed, start, until)
    if not beyond:
        return found
    readings = sorted((item for log in logs for item in samples_of(log)), key=lambda item: item.at)
    return outside_beside(found, beyond, readings, allowed, max(map(gap_of, logs)), start, until)


@once
def exposures(record: BatchRecord) -> tuple[Exposure, ...]:
    """The time outside the range of every container, in the order in which they were filled: what has ended of it."""
    return _exposures(record, None)


def exposures_at(record: BatchRecord, at: datetime) -> tuple[Exposure, ...]:
    """The same as it stands at an instant: what lasts then counts until then (domain 3.9)."""
    return _exposures(record, at)


def _exposures(record: BatchRecord, at: datetime | None) -> tuple[Exposure, ...]:
    if range_of(record) is None:
        return ()
    own: dict[str, list[Outside]] = {}
    names: dict[str, str] = {}
    for segment in chain_of(record).segments:
        names.setdefault(key_of(record, segment.container), name_now(record, segment.container))
    for key, piece in (*_of_periods(record, at), *_out_of_store(record, at)):
        own.setdefault(key, []).append(piece)
    filled = [event for event in events_of(record) if isinstance(event, (Filled, Pooled))]
    brought = _brought(record, filled, own)
    return tuple(Exposure(name, tuple(own.get(key, ())), brought.get(key, ())) for key, name in names.items())


@once
def excursions(record: BatchRecord) -> tuple[tuple[str, Outside], ...]:
    """Every stretch outside the range with the container that it was measured on, as the ribbon shows them."""
    return tuple(
        (period.container, piece) for period in periods(record) for piece in outside_of(record, period)
    )


def _of_periods(record: BatchRecord, at: datetime | None) -> Iterator[tuple[str, Outside]]:
    for period in periods(record):
        if at is None or period.start < at:
            for piece in outside_of(record, period, at):
                yield key_of(record, period.container), piece


def _out_of_store(record: BatchRecord, at: datetime | None) -> Iterator[tuple[str, Outside]]:
    """The stretches in which nothing kept a container that had been put away, where the process counts them.

    A transport with a temperature of its own is judged by that.
    """
    if not record.process.out_of_store_counts:
        return
    judged = [one for one in periods(record) if one.logs or one.at_start_c is not None]
    stored: set[str] = set()
    for segment in chain_of(record).segments:
        key, end = key_of(record, segment.container), segment.end or at
        if segment.kept:
            stored.add(key)
        elif key in stored and end is not None and not _within(record, segment, judged):
            end = end if at is None else min(end, at)
            if segment.start < end:
                yield key, Outside(segment.start, end, OUT_OF_STORE)


def _within(record: BatchRecord, segment: Segment, judged: list[Period]) -> bool:
    return any(
        same_container(record, one.container, segment.container)
        and one.start <= segment.start
        and segment.end == one.end
        for one in judged
    )


def _brought(
    record: BatchRecord, filled: Sequence[Filled | Pooled], own: Mapping[str, Sequence[Outside]]
) -> dict[str, tuple[Outside, ...]]:
    """What the containers before each had outside, until it was filled from them, by the code it goes by. What was
    filled from several, or twice, has the longest. `filled` is in the order in which it happened."""
    found: dict[str, tuple[Outside, ...]] = {}
    for event in filled:
        key = key_of(record, event.container)
        for origin in (key_of(record, code) for code in event.origins):
            if origin != key:
                had = tuple(_until((*own.get(origin, ()), *found.get(origin, ())), event.at))
                found[key] = max(found.get(key, had), had, key=total)
    return found


def _until(pieces: tuple[Outside, ...], at: datetime) -> Iterator[Outside]:
    for piece in pieces:
        if piece.start < at:
            yield Outside(piece.start, min(piece.end, at), piece.why)


def _transports(record: BatchRecord) -> Iterator[Period]:
    """Each way that ended with a hand-over and took longer than a hand-over may.

    It begins when the container was given away, or when the one who gave it had received it for the transport.
    """
    for event in events_of(record):
        act = record.current(event.source)
        if not isinstance(event, HandedOver) or not isinstance(act, Handover):
            continue
        start, at_start = event.given_at, act.given_temperature_c
        before = _carried(record, event)
        if before:
            start, at_start = before.start, before.temperature_c
        if event.at - start <= record.process.custody_gap:
            continue
        people = (record.name(event.giver), record.name(event.person))
        where = (
            f"{event.place_from} to {event.place_to}" if not before else f"{before.place} to {event.place_to}"
        )
        yield _period(
            record,
            Period(
                TRANSPORT,
                event.container,
                start,
                event.at,
                (event.source,),
                where,
                tuple(dict.fromkeys(people)),
                at_start,
                event.temperature_c,
            ),
        )


def _carried(record: BatchRecord, event: CustodyEvent) -> Segment | None:
    """The stretch in which the giver carried it, where a hand-over into a transport began it."""
    for segment in _ended_by(record).get(event.source, ()):
        if segment.gap or not same_container(record, segment.container, event.container):
            continue
        began = record.current(segment.begun_by)
        if isinstance(began, Handover) and (began.transport_box or is_transport(record, began.place_to)):
            return segment
    return None


@once
def _ended_by(record: BatchRecord) -> dict[str, tuple[Segment, ...]]:
    """The stretches by the step with which they ended."""
    return grouped(chain_of(record).segments, lambda segment: segment.ended_by)


def _kept(record: BatchRecord) -> Iterator[Period]:
    for segment in chain_of(record).segments:
        if not segment.kept:
            continue
        acts = [record.current(key) for key in (segment.begun_by, segment.ended_by) if key]
        steps = tuple(act.step_key for act in acts if isinstance(act, Storage))
        if not steps:
            continue
        people = tuple(dict.fromkeys(record.name(act.performed_by) for act in acts if act))
        out = record.current(segment.ended_by) if segment.ended_by else None
        at_end = out.temperature_c if isinstance(out, Storage) and out.movement == TAKEN_OUT else None
        yield _period(
            record,
            Period(
                STORAGE, segment.container, segment.start, segment.end, steps, segment.place, people,
                segment.temperature_c, at_end,
            ),
        )  # fmt: skip


def _period(record: BatchRecord, bare: Period) -> Period:
    """The period with the logs that are attached to its steps, and with what people measured in it."""
    logs = tuple(log for log in standing_logs(record) if log.step_key in bare.steps)
    measured = _measured_on(record).get(key_of(record, bare.container), ())
    begin = bisect_left(measured, bare.start, key=_at)
    end = len(measured) if bare.end is None else bisect_right(measured, bare.end, key=_at)
    return replace(
        bare, logs=logs, stated=tuple(one for one in measured[begin:end] if _measured_in(bare, one))
    )


def _at(one: Stated) -> datetime:
    return one.sample.at


@once
def _measured_on(record: BatchRecord) -> dict[str, tuple[Stated, ...]]:
    """The temperatures that people measured, by the container."""
    return grouped(stated_temperatures(record), lambda one: key_of(record, one.container))


def _measured_in(period: Period, one: Stated) -> bool:
    """Whether what was measured on its container was so in this period.

    In store that is the place: at its begin, and when it is taken out.
    """
    if one.of_place != (period.kind == STORAGE):
        return False
    if period.kind == STORAGE:
        return one.step_key in period.steps and one.begins == (one.sample.at == period.start)
    return period.start <= one.sample.at and (period.end is None or one.sample.at <= period.end)
