"""Which containers hold the material at which step: that of the harvest, until a step fills others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.label_overs import unread_codes
from labrecords.domain.custody.names import key_of, label_overs, labelled_over, named_over
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
            holding = _after(record, holding, entry)
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


def _poured_into(record: BatchRecord, but: Entry) -> set[str]:
    """Every container that another act of this batch filled, by its code in one spelling."""
    return {
        key_of(record, code)
        for _, _, entry in _fillings(record)
        if entry.step_key != but.step_key
        for code in entry.pours_into()
    }


def _after(record: BatchRecord, holding: tuple[str, ...], entry: Entry) -> tuple[str, ...]:
    """The containers that hold material after an act: what was not touched by it, what it left, and what it filled.

    A code that this batch never filled stands for all that there was.
    """
    if over := entry.labels_over():
        return tuple(over[1] if named_over(record, code, over[1]) else code for code in holding)
    sources = {key_of(record, code) for code in entry.sources()}
    kept = tuple(code for code in holding if key_of(record, code) not in sources)
    named = entry.collects or len(kept) < len(holding) or sources & _poured_into(record, entry)
    filled = {key_of(record, code) for code in entry.pours_into()}
    # A code on two containers is told as such, and stands here once.
    untouched = [code for code in kept if key_of(record, code) not in filled] if named else []
    mine = filled | {key_of(record, code) for code in holding}
    return (*untouched, *(code for code in entry.fills() if key_of(record, code) in mine))


def filled_by(record: BatchRecord, entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """From which containers into which others an act moved material, or None where it stayed where it was."""
    if not entry.pours_into() or entry.collects:
        return None
    holding = containers_at(record, entry.step_key)
    sources = {key_of(record, code) for code in entry.sources()}
    # A code of this batch is taken by its word, also where that container holds nothing any more.
    origins = (
        tuple(code for code in holding if key_of(record, code) in sources)
        or tuple(code for code in entry.sources() if key_of(record, code) in _poured_into(record, entry))
        or holding[-1:]
    )
    if not origins:
        return None
    if len(sources) > 1:
        return origins, entry.pours_into()
    filled = tuple(code for code in entry.fills() if key_of(record, code) != key_of(record, origins[0]))
    return (origins, filled) if filled else None


def holding_now(record: BatchRecord) -> tuple[str, ...]:
    """Codes of the containers that hold the material after everything that is recorded; none before the harvest."""
    holding: tuple[str, ...] = ()
    for _, _, entry in _fillings(record):
        holding = _after(record, holding, entry)
    return holding


def line_of(record: BatchRecord, code: str) -> tuple[Entry, ...]:
    """Every act that filled a container, or one that its material came out of, the last one first."""
    wanted, found = {key_of(record, code)}, []
    for entry, into, origins in _moves_back(record):
        if not wanted.isdisjoint(into):
            found.append(entry)
            wanted |= origins
    return tuple(found)


def last_filled(record: BatchRecord, code: str) -> tuple[Entry, ...]:
    """On each way that the material of a container came, the last act that filled it over whole; not a harvest.

    What was poured together came more than one way. The last one of all comes first.
    """
    ways, found = {key_of(record, code)}, []
    for entry, into, origins in _moves_back(record):
        if ways.isdisjoint(into):
            continue
        if entry.holds() and not entry.collects:
            found.append(entry)
            ways -= into
        else:
            ways |= origins
    return tuple(found)


@once
def _moves_back(record: BatchRecord) -> tuple[tuple[Entry, frozenset[str], frozenset[str]], ...]:
    """Each act that filled containers, into which and out of which, by their codes in one spelling; the last first."""
    found = []
    for _, _, entry in reversed(_fillings(record)):
        moved = filled_by(record, entry)
        into, origins = entry.pours_into(), moved[0] if moved else entry.sources()
        found.append((entry, _keys(record, into), _keys(record, origins)))
    return tuple(found)


def _keys(record: BatchRecord, stated: Iterable[str]) -> frozenset[str]:
    return frozenset(key_of(record, code) for code in stated)


def filled_codes(record: BatchRecord, but: str = "") -> set[str]:
    """The codes, as they are compared, on every container that the record fills; without what the step `but` does."""
    tubes = tube_codes(record)
    return {
        codes.normalise(code)
        for _, step, entry in _fillings(record)
        for code in (*entry.pours_into(), *(entry.labels_over() or ())[1:])
        if step.key != but and not (entry.labels_over() and codes.normalise(code) in tubes)
    }


def tube_codes(record: BatchRecord, but: str = "") -> set[str]:
    """The same, on every tube with a sample."""
    entries = [entry for entry in record.current_entries() if entry.step_key != but]
    found = {codes.normalise(code) for entry in entries for code in entry.tubes()}
    for entry, old, new in label_overs(record):
        if entry.step_key != but and codes.normalise(old) in found:
            found.add(codes.normalise(new))
    return found


def own_code_stop(record: BatchRecord, step_key: str, code: str, way_out: str, *others: str) -> Stop | None:
    """A stop where a new code stands on another container of this batch already, or is one of these others."""
    taken = filled_codes(record, but=step_key) | set(map(codes.normalise, others))
    if codes.normalise(code) not in taken:
        return None
    return Stop("code in use", f"{code} is on a container of this batch already.", way_out)


def tube_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop for each code that an act puts on a container, and that stands on a tube with a sample of this batch."""
    taken = tube_codes(record, but=entry.step_key)
    return tuple(
        Stop(
            "code in use",
            f"{code} is on a tube with a sample of this batch.",
            "Read both labels again. The container gets a code of its own, from the page Labels.",
        )
        for code in (*entry.pours_into(), *(entry.labels_over() or ())[1:])
        if codes.normalise(code) in taken
    )


def record_before(record: BatchRecord, act: Entry) -> BatchRecord:
    """The record as it would be, had nothing been done since this act, and it neither."""
    mine = order_of(record.process.step(act.step_key), act.performed_at)
    earlier = [
        entry
        for entry in record.entries
        if entry.step_key != act.step_key
        and order_of(record.process.step(entry.step_key), entry.performed_at) < mine
    ]
    return replace(record, entries=tuple(earlier))


def only_out_of(record: BatchRecord, code: str, act: Entry) -> bool:
    """Whether all that the record knows of a container came out of what this act fills: then it was there later."""
    into = {key_of(record, one) for one in act.pours_into()}
    rest = replace(record, entries=tuple(one for one in record.entries if one.step_key != act.step_key))
    if into & filled_codes(rest):
        return False
    return any(into & {key_of(rest, one) for one in entry.sources()} for entry in line_of(rest, code))


def container_stop(record: BatchRecord, step_key: str, found: str) -> Stop | None:
    """A critical stop when the container holds none of this batch's material; none while nothing is filled or named."""
    expected = containers_at(record, step_key)
    if not expected or not found or codes.normalise(found) in map(codes.normalise, expected):
        return None
    if now := labelled_over(record, found):
        since = "" if codes.normalise(now) in unread_codes(record) else f": this container is {now} since"
        sentence = f"{found} was labelled over{since}."
        return Stop("labelled over", sentence, "Scan the new label on the container, and state that code.")
    unread = unread_codes(record)
    said = [unread.get(codes.normalise(code), code) for code in expected]
    words = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return Stop(
        rule="identity",
        sentence=f"Wrong container: the material of this batch is in {words}, and {found} was given.",
        way_out="Stop. Put the container aside, find the right one, and tell QA.",
        critical=True,
        expected=words,
        found=found,
    )
