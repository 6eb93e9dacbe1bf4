"""Steps recorded in one go, each said to have been done at another time: filled in afterwards (domain 9, finding 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

WITHIN, AT_LEAST = timedelta(seconds=60), 4
"""So many steps, recorded by one person within this time, each stating another minute."""


def burst_findings(record: BatchRecord) -> list[Finding]:
    """Every burst of entries, once."""
    found = []
    for burst in _bursts(record):
        first, last = burst[0], burst[-1]
        seconds = int((last.recorded_at - first.recorded_at).total_seconds())
        numbers = ", ".join(str(record.process.step(entry.step_key).number) for entry in burst)
        sentence = (
            f"{record.name(first.recorded_by)} recorded {len(burst)} steps within {seconds} s, "
            f"each with another stated time: steps {numbers}."
        )
        found.append(
            Finding(
                "recorded in a burst",
                Severity.EXCEPTION,
                sentence,
                first.step_key,
                last.recorded_at,
                first.id,
            )
        )
    return found


def _bursts(record: BatchRecord) -> Iterator[list[Entry]]:
    """Runs of first versions by one recorder, as long as they go on in this pace."""
    for person in sorted({entry.recorded_by for entry in record.entries}):
        firsts = [entry for entry in record.entries if entry.recorded_by == person and not entry.replaces_id]
        run: list[Entry] = []
        for entry in sorted(firsts, key=lambda entry: entry.recorded_at):
            if run and entry.recorded_at - run[0].recorded_at > WITHIN:
                if _is_burst(run):
                    yield run
                    run = []
                run = [one for one in run if entry.recorded_at - one.recorded_at <= WITHIN]
            run.append(entry)
        if _is_burst(run):
            yield run


def _is_burst(run: list[Entry]) -> bool:
    return len({times.minute(entry.performed_at) for entry in run}) >= AT_LEAST
