"""Time limits between steps: from the end of one to the end of another (21 CFR 211.111; domain 3.9).

Computed in UTC from the stated times and judged like every value: rounded to a decimal of a minute, ends included, so
60.0 min pass "at most 60 min" and 60.1 do not. Where the server's time of recording, or what was stated before a
correction, speaks against the times that count, both computations are shown: a back-dated entry cannot open a passed
limit again silently (domain 6.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.once import once
from labrecords.domain.processes.process import TimeLimit
from labrecords.domain.results.measurements import measurements
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import times
from labrecords.domain.values.limits import Judgement, Limit, Outcome, judge, round_half_up
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

RULE = "time limit"


@dataclass(frozen=True)
class Interval:
    """One time limit as it stands in a record. `ended_at` is None while it runs, `began_at` before it begins."""

    limit: TimeLimit
    began_at: datetime | None
    ended_at: datetime | None
    not_done: str = ""
    """Title of a step that was said not to have been done: then nothing is to be judged."""
    judgement: Judgement | None = None
    """On the stated times; None until the interval has ended."""
    against: Judgement | None = None
    """On what was stated first and the server's time of recording, where that does not keep the limit and the times
    that count do."""
    derived: Derived | None = None
    """How long it took, with formula and inputs; None until the interval has ended."""

    @property
    def running(self) -> bool:
        return self.began_at is not None and self.ended_at is None and not self.not_done

    @property
    def words(self) -> str:
        """The limit in words: "at most 60 min", "30 to 60 min"."""
        return limit_words(self.limit)

    @property
    def earliest(self) -> datetime | None:
        """From when on the later step may end; None where there is no such bound or the interval has not begun."""
        return _after(self.began_at, self.limit.min_min)

    @property
    def latest(self) -> datetime | None:
        """Until when the later step must end."""
        return _after(self.began_at, self.limit.max_min)


def _after(instant: datetime | None, minutes: Decimal | None) -> datetime | None:
    return None if instant is None or minutes is None else times.add_hours(instant, minutes / 60)


@once
def intervals(record: BatchRecord) -> tuple[Interval, ...]:
    """Every time limit of the process, in its order, as far as it has come."""
    return tuple(_interval(record, limit) for limit in record.process.time_limits)


def _interval(record: BatchRecord, limit: TimeLimit) -> Interval:
    start, end = _done(record, limit.start), _done(record, limit.end)
    began, ended = start.performed_at if start else None, end.performed_at if end else None
    left_out = [key for key in (limit.start, limit.end) if record.not_done_reason(key)]
    not_done = record.process.step(left_out[0]).title if left_out else ""
    if start is None or end is None:
        return Interval(limit, began, ended, not_done)
    derived = _taken(record, limit, start, end)
    judgement = judge_interval(limit, derived.value)
    return Interval(limit, began, ended, not_done, judgement, _against(record, limit, judgement), derived)


def _taken(record: BatchRecord, limit: TimeLimit, start: Entry, end: Entry) -> Derived:
    """How long it took, as the number that is judged."""
    used, zone = record.formula("minutes"), ZoneInfo(record.laboratory.zone)
    value, decimals = used.compute(start.performed_at, end.performed_at), _decimals(limit)
    ends = (("t1", limit.start, start), ("t2", limit.end, end))
    return Derived(
        key=f"minutes.{limit.start}.{limit.end}",
        label=limit.label,
        value=value,
        reported=plain(round_half_up(value, decimals)),
        unit="min",
        formula=used.text,
        formula_id=used.id,
        inputs=tuple(
            Input(
                symbol,
                f"end of {mid_sentence(record.process.step(key).title)}",
                times.show(entry.performed_at, zone),
                "",
                f"step {record.process.step(key).number}",
            )
            for symbol, key, entry in ends
        ),
        rounding=f"rounded half-up to {decimals} decimal{'' if decimals == 1 else 's'}",
    )


def _done(record: BatchRecord, step_key: str) -> Entry | None:
    """What a step first gave: a repeat of a measurement does not begin or end an interval anew."""
    history = record.history(step_key)
    return measurements(history)[0][-1] if history else None


def judge_interval(limit: TimeLimit, minutes: Decimal) -> Judgement:
    """The verdict on an interval that took so long."""
    bounds = (limit.min_min, limit.max_min)
    return judge(minutes, Limit(unit="min", decimals=_decimals(limit), acceptance=bounds))


def _decimals(limit: TimeLimit) -> int:
    """As many as the limit has, and at least one."""
    bounds = (limit.min_min, limit.max_min)
    return max(1, *(-int(bound.as_tuple().exponent) for bound in bounds if bound is not None), 1)


def _against(record: BatchRecord, limit: TimeLimit, judgement: Judgement) -> Judgement | None:
    """The longest or the shortest interval that any version and the server's clock allow, where it breaks a limit."""
    starts, ends = (measurements(record.history(key))[0] for key in (limit.start, limit.end))
    stated_starts, stated_ends = [one.performed_at for one in starts], [one.performed_at for one in ends]
    found, minutes = [], record.formula("minutes").compute
    if limit.max_min is not None:
        longest = minutes(min(stated_starts), max(ends[0].recorded_at, *stated_ends))
        found.append(judge_interval(limit, longest))
    if limit.min_min is not None:
        shortest = minutes(max(starts[0].recorded_at, *stated_starts), min(stated_ends))
        found.append(judge_interval(limit, shortest))
    broken = [one for one in found if one.outcome is Outcome.FAIL]
    return broken[0] if broken and judgement.outcome is not Outcome.FAIL else None


def time_limit_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Stops for an act that ends too late, or too early, after the step that a limit counts from."""
    zone, found = ZoneInfo(record.laboratory.zone), []
    for limit in record.process.time_limits:
        start, ended = _done(record, limit.start), _done(record, limit.end) or entry
        if limit.end != entry.step_key or start is None:
            continue
        judgement = judge_interval(limit, _taken(record, limit, start, ended).value)
        if judgement.outcome is not Outcome.FAIL:
            continue
        interval = Interval(limit, start.performed_at, ended.performed_at)
        early = interval.earliest is not None and ended.performed_at < interval.earliest
        until = times.show(interval.earliest, zone) if early and interval.earliest else ""
        found.append(
            Stop(
                rule=RULE,
                sentence=f"{limit.label}: {judgement.sentence}",
                way_out=f"Wait until {until}."
                if early
                else "Correct the time if it is wrong. Else QA decides.",
            )
        )
    return tuple(found)


def time_limit_findings(record: BatchRecord) -> list[Finding]:
    """Limits that are kept only by the times that count. What breaks its limit is found as a stop of the later step."""
    found = []
    for interval in intervals(record):
        end = _done(record, interval.limit.end)
        if interval.against is None or interval.judgement is None or end is None:
            continue
        sentence = (
            f"{interval.limit.label}. By the stated times: {interval.judgement.sentence} "
            f"By the time of recording and what was stated first: {interval.against.sentence}"
        )
        found.append(
            Finding(
                "time limit in doubt", Severity.EXCEPTION, sentence, end.step_key, end.recorded_at, end.id
            )
        )
    return found


def limit_words(limit: TimeLimit) -> str:
    """The limit in words: "at most 60 min", "30 to 60 min"."""
    low, high = limit.min_min, limit.max_min
    if low is not None and high is not None:
        return f"{plain(low)} to {plain(high)} min"
    if low is not None:
        return f"at least {plain(low)} min"
    return f"at most {plain(high)} min" if high is not None else "no limit"
