"""What the temperatures of a batch say against it: excursions, too long outside, transports without any (domain 3.9).

An excursion within what the process allows is looked at by the reviewer. A container that was outside for longer blocks
the release, and stops its injection, until quality assurance has investigated it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.custody.excursions import MISSING, Outside, Range, total
from labrecords.domain.custody.exposure import (
    TRANSPORT,
    Exposure,
    Period,
    allowed_out,
    exposures,
    exposures_at,
    kept_otherwise,
    measured_outside,
    outside_in,
    outside_of,
    period_of,
    periods,
    range_of,
)
from labrecords.domain.custody.names import key_of
from labrecords.domain.custody.stated_temperatures import stated_temperatures
from labrecords.domain.custody.temperature_logs import standing_logs, withdrawn_logs
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.place_tree import range_kept
from labrecords.domain.review.investigation import (
    LOG_WITHDRAWN,
    OUT_OF_RANGE,
    TRANSPORT_TEMPERATURE,
    of_finding,
)
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.storage import Storage
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

PLACE_TEMPERATURE = "place temperature"
EXCURSION, LOG, BY_HAND = "temperature excursion", "temperature log", "temperature by hand"
RULES = (PLACE_TEMPERATURE, EXCURSION, LOG, BY_HAND, OUT_OF_RANGE, TRANSPORT_TEMPERATURE, LOG_WITHDRAWN)
_NAMED = 4
"""So many intervals of a period are named; the rest is counted."""


def temperature_findings(record: BatchRecord) -> list[Finding]:
    """Everything that the temperatures say, each fault once."""
    found = [*_of_logs(record), *_of_transports(record), *_of_places(record)]
    if range_of(record) is not None:
        found += [finding for period in periods(record) if (finding := _of_period(record, period))]
        found += [finding for item in exposures(record) if (finding := _too_long(record, item))]
        found += _by_hand(record)
        found += _of_withdrawn(record)
    return found


def temperature_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Why a container must not be injected: it was outside the range for too long, and nobody investigated that."""
    if not isinstance(entry, Injection):
        return ()
    used = {key_of(record, code) for code in entry.containers()}
    way_out = "Put it aside and tell QA: it investigates this on the review page, or rejects the batch."
    return tuple(
        Stop(OUT_OF_RANGE, exposure_words(record, item), way_out)
        for item in too_long_at(record, entry.performed_at)
        if key_of(record, item.container) in used
    ) + tuple(
        Stop(LOG_WITHDRAWN, finding.sentence, way_out)
        for finding in _of_withdrawn(record)
        if finding.at <= entry.performed_at and not of_finding(record, finding)
    )


def too_long_at(record: BatchRecord, at: datetime) -> Iterator[Exposure]:
    """The containers that were outside for longer than is allowed, what lasts at that instant included.

    Where all of it that has ended was investigated, what is added since then is judged anew, by itself.
    """
    limit = allowed_out(record)
    ended = {item.container: item.lasted for item in exposures(record)}
    told = [finding for item in exposures(record) if (finding := _too_long(record, item))]
    accepted = all(of_finding(record, finding) for finding in told)
    for item in exposures_at(record, at):
        before = ended.get(item.container, timedelta(0))
        if item.lasted - (before if accepted and before > limit else timedelta(0)) > limit:
            yield item


def too_long_now(record: BatchRecord, now: datetime) -> Iterator[Exposure]:
    """Those of them whose time outside goes on, so that no finding says yet how long it was."""
    ended = {item.container: item.lasted for item in exposures(record)}
    return (item for item in too_long_at(record, now) if item.lasted > ended[item.container])


def range_words(allowed: Range) -> str:
    """The range in words: "2 to 8 °C", "at most 8 °C"."""
    if allowed.low is None or allowed.high is None:
        end, value = ("most", allowed.high) if allowed.low is None else ("least", allowed.low)
        return f"at {end} {plain(value or Decimal(0))} °C"
    return f"{plain(allowed.low)} to {plain(allowed.high)} °C"


def minutes(lasted: timedelta) -> str:
    """A length of time in minutes, to the tenth begun: what is longer than a limit never reads as the limit."""
    exact = Decimal(lasted // timedelta(seconds=1)) / 60
    shown = exact.quantize(Decimal("0.1"), ROUND_CEILING)
    return plain(shown.to_integral_value()) if shown == shown.to_integral_value() else plain(shown)


def _of_period(record: BatchRecord, period: Period) -> Finding | None:
    pieces, allowed = outside_of(record, period), range_of(record)
    if allowed is not None and not period.logs and (told := kept_otherwise(record, period)):
        since, _, kept = told[0]
        lasted = f" It lay there for {minutes(total(pieces))} min." if pieces else ""
        how = f"was put into {period.where}"
        if since > period.start:
            how = f"lay in {period.where} when that was registered anew at {_clock(record, since)}"
        sentence = (
            f"{period.container} {how} ({', '.join(period.people)}), which is kept at "
            f"{range_words(kept)}; the product is kept at {range_words(allowed)}.{lasted}"
        )
        return Finding(PLACE_TEMPERATURE, Severity.EXCEPTION, sentence, period.steps[0], since)
    if not pieces or allowed is None:
        return None
    how = _by_what(period, allowed)
    sentence = (
        f"{period.container}, {period.kind} {period.where} ({', '.join(period.people)}): outside "
        f"{range_words(allowed)} for {minutes(total(pieces))} min, {how}: {_named(record, pieces)}."
    )
    return Finding(EXCURSION, Severity.EXCEPTION, sentence, period.steps[-1], pieces[0].start)


def _by_what(period: Period, allowed: Range) -> str:
    """What the time outside of a period was taken from."""
    by_hand = any(not allowed.holds(one.sample.celsius) for one in period.stated)
    if period.logs:
        return "by the logger and what was measured by hand" if by_hand else "by the logger"
    ends = [value for value in (period.at_start_c, period.at_end_c) if value is not None]
    if any(not allowed.holds(value) for value in ends):
        return "by the temperatures at its ends, so all of it counts"
    return "by what was measured in between, so all of it counts"


def _by_hand(record: BatchRecord) -> Iterator[Finding]:
    """What people measured outside the range, where nothing else tells it: beside a logger, or between two periods."""
    allowed = range_of(record)
    if allowed is None:
        return
    for one in measured_outside(record):
        sentence = (
            f"{one.container} had {plain(one.sample.celsius)} °C {one.when}, measured by "
            f"{record.name(one.person_id)}; the product is kept and carried at {range_words(allowed)}."
        )
        yield Finding(BY_HAND, Severity.EXCEPTION, sentence, one.step_key, one.sample.at)


def _too_long(record: BatchRecord, item: Exposure) -> Finding | None:
    """One container beyond what is allowed in all. What it only brought along is told of the container before."""
    limit = allowed_out(record)
    if item.lasted <= limit or (total(item.brought) > limit and not item.own):
        return None
    last = max((*item.own, *item.brought), key=lambda piece: piece.end)
    step_key = _step_at(record, item, last)
    return Finding(OUT_OF_RANGE, Severity.BLOCKING, exposure_words(record, item), step_key, last.end)


def exposure_words(record: BatchRecord, item: Exposure) -> str:
    """How long a container was outside, and how long it may be."""
    allowed, limit = range_of(record), allowed_out(record)
    brought = f", {minutes(total(item.brought))} min of it in the containers before" if item.brought else ""
    most = f"at most {minutes(limit)} min are allowed" if limit else "no time outside is allowed"
    within = range_words(allowed) if allowed else ""
    return f"{item.container} was outside {within} for {minutes(item.lasted)} min in all{brought}; {most}."


def _step_at(record: BatchRecord, item: Exposure, last: Outside) -> str:
    """The step that ended the stretch in which a piece lies, where one looks first."""
    step_key, key = "", key_of(record, item.container)
    for one in segments(record):
        if key_of(record, one.container) == key:
            step_key = one.ended_by or one.begun_by
            if one.end is None or last.end <= one.end:
                break
    return step_key


def _of_transports(record: BatchRecord) -> Iterator[Finding]:
    """Transports without a temperature, where the process wants one at both ends or a logger file."""
    if not record.process.transport_temperature:
        return
    for period in periods(record):
        missing = [
            word
            for word, value in (("beginning", period.at_start_c), ("end", period.at_end_c))
            if value is None
        ]
        if period.kind != TRANSPORT or period.logs or not missing:
            continue
        both = len(missing) == 2
        what = (
            "nobody stated its temperature" if both else f"its temperature at the {missing[0]} was not stated"
        )
        sentence = (
            f"{period.container}, {period.kind} {period.where} ({', '.join(period.people)}), "
            f"{_clock(record, period.start)} to {_clock(record, period.until)}: {what}, and there is no logger file."
        )
        grave = Severity.BLOCKING if both else Severity.EXCEPTION
        yield Finding(TRANSPORT_TEMPERATURE, grave, sentence, period.steps[-1], period.start)


def _of_places(record: BatchRecord) -> Iterator[Finding]:
    """What was measured in a place, outside the range at which that place keeps what lies in it.

    Of a place that is not kept within the range of the product another finding says so already.
    """
    allowed = range_of(record)
    for one in stated_temperatures(record):
        act = record.current(one.step_key)
        if not one.of_place or not isinstance(act, Storage):
            continue
        kept = range_kept(record.equipment, act.place, one.sample.at)
        if kept is None or (allowed is not None and not allowed.covers(kept)):
            continue
        if not kept.holds(one.sample.celsius):
            sentence = (
                f"{act.place} had {plain(one.sample.celsius)} °C when {one.container} was {act.movement}, measured by "
                f"{record.name(one.person_id)}; it is kept at {range_words(kept)}."
            )
            yield Finding(PLACE_TEMPERATURE, Severity.EXCEPTION, sentence, one.step_key, one.sample.at)


def _of_logs(record: BatchRecord) -> Iterator[Finding]:
    """Logger files whose clock went back, and those that belong to no transport or storage any more."""
    for log in standing_logs(record):
        title = record.process.step(log.step_key).title
        if log.put_back:
            sentence = (
                f"{title}: the clock of the logger went back {log.put_back} times. What it showed twice is left "
                "out, and counts as missing."
            )
            yield Finding(LOG, Severity.EXCEPTION, sentence, log.step_key, log.starts_at)
        if period_of(record, log.step_key) is None:
            sentence = f"{title}: a logger file is attached, and there is no transport or storage that it belongs to."
            yield Finding(LOG, Severity.EXCEPTION, sentence, log.step_key, log.starts_at)


def _of_withdrawn(record: BatchRecord) -> Iterator[Finding]:
    """Logger files that said it was outside, and were withdrawn: nobody takes an excursion away alone (211.192)."""
    allowed = range_of(record)
    if allowed is None:
        return
    for log, gone in withdrawn_logs(record):
        if pieces := outside_in(record, log):
            sentence = (
                f"{record.process.step(log.step_key).title}: {record.name(gone.person_id)} withdrew a logger file "
                f"that said it was outside {range_words(allowed)} for {minutes(total(pieces))} min: "
                f"{_named(record, pieces)}. {gone.reason}"
            )
            yield Finding(LOG_WITHDRAWN, Severity.BLOCKING, sentence, log.step_key, gone.withdrawn_at)


def _named(record: BatchRecord, pieces: Sequence[Outside]) -> str:
    named = ", ".join(_interval(record, piece) for piece in pieces[:_NAMED])
    return f"{named} and {len(pieces) - _NAMED} more" if len(pieces) > _NAMED else named


def _interval(record: BatchRecord, piece: Outside) -> str:
    words = f"{_clock(record, piece.start)} to {_clock(record, piece.end)}"
    return f"{words} (no reading)" if piece.why == MISSING else words


def _clock(record: BatchRecord, at: datetime) -> str:
    return times.show(at, ZoneInfo(record.laboratory.zone))
