"""Which containers hold the material at which step: that of the harvest, until a step fills others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.once import once
from labrecords.domain.values import codes, times

if TYPE_CHECKING:
    from labrecords.domain.processes.process import Step
    from labrecords.domain.record import BatchRecord

Order = tuple[datetime, bool, int]


def order_of(step: Step, at: datetime) -> Order:
    """By what acts are put in the order in which they happened.

    Times are compared by the minute, as they are stated. Within a minute the order of the process decides; acts of
    custody, which happen at any time, come after the steps, by their numbers.
    """
    return times.minute(at), not step.ordered, step.number


def containers_at(record: BatchRecord, step_key: str) -> tuple[str, ...]:
    """Codes of the containers that hold the material before the given step; none before the harvest.

    A step of the process goes on from the steps before it, whatever times were stated. An act of custody, and what
    it filled, has its place by its time; one that is not recorded yet comes last.
    """
    step, act = record.process.step(step_key), record.current(step_key)
    mine = order_of(step, act.performed_at) if act else None
    holding: tuple[str, ...] = ()
    for order, earlier, entry in _fillings(record):
        if earlier.key == step_key:
            continue
        by_steps = step.ordered and earlier.ordered
        before = earlier.number < step.number if by_steps else mine is None or order < mine
        if before:
            holding = _after(holding, entry)
    return holding


def container_at(record: BatchRecord, step_key: str) -> str | None:
    """Code of the container that holds the material before the given step, the last one filled of several; or None."""
    return next(reversed(containers_at(record, step_key)), None)


@once
def _fillings(record: BatchRecord) -> tuple[tuple[Order, Step, Entry], ...]:
    """Every entry that counts and fills a container, in the order in which it happened."""
    found = []
    for entry in record.current_entries():
        if entry.fills():
            step = record.process.step(entry.step_key)
            found.append((order_of(step, entry.performed_at), step, entry))
    return tuple(sorted(found, key=lambda one: one[0]))


def _after(holding: tuple[str, ...], entry: Entry) -> tuple[str, ...]:
    """The containers that hold material after an act: what was not touched by it, and what it filled."""
    source = codes.normalise(entry.source() or "")
    kept = tuple(code for code in holding if codes.normalise(code) != source)
    untouched = kept if source and len(kept) < len(holding) else ()
    return (*untouched, *entry.fills())


def filled_by(record: BatchRecord, entry: Entry) -> tuple[str, tuple[str, ...]] | None:
    """From which container into which others an act moved material, or None where it stayed where it was."""
    if not entry.fills():
        return None
    holding = containers_at(record, entry.step_key)
    source = codes.normalise(entry.source() or "")
    origin = next(
        (code for code in holding if codes.normalise(code) == source), next(reversed(holding), None)
    )
    if origin is None:
        return None
    filled = tuple(code for code in entry.fills() if codes.normalise(code) != codes.normalise(origin))
    return (origin, filled) if filled else None


def holding_now(record: BatchRecord) -> tuple[str, ...]:
    """Codes of the containers that hold the material after everything that is recorded; none before the harvest."""
    holding: tuple[str, ...] = ()
    for _, _, entry in _fillings(record):
        holding = _after(holding, entry)
    return holding


def line_of(record: BatchRecord, code: str) -> tuple[Entry, ...]:
    """Every act that filled a container, or one that its material came out of, the last one first."""
    wanted, found = {codes.normalise(code)}, []
    for _, _, entry in reversed(_fillings(record)):
        if wanted.isdisjoint(map(codes.normalise, entry.fills())):
            continue
        found.append(entry)
        moved = filled_by(record, entry)
        origin = moved[0] if moved else entry.source()
        wanted |= {codes.normalise(origin)} if origin else set()
    return tuple(found)


def container_stop(record: BatchRecord, step_key: str, found: str) -> Stop | None:
    """A critical stop when the container holds none of this batch's material; none while nothing is filled or named."""
    expected = containers_at(record, step_key)
    if not expected or not found or codes.normalise(found) in map(codes.normalise, expected):
        return None
    words = expected[0] if len(expected) == 1 else f"{', '.join(expected[:-1])} and {expected[-1]}"
    return Stop(
        rule="identity",
        sentence=f"Wrong container: the material of this batch is in {words}, and {found} was given.",
        way_out="Stop. Put the container aside, find the right one, and tell QA.",
        critical=True,
        expected=words,
        found=found,
    )
