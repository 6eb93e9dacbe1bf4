"""The codes of one container: what stood on a label, and what stands on the one that was put over it (1271.290(c)).

Another code on the label changes nothing of what is inside: from then on both name the same container.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry
from labrecords.domain.once import once
from labrecords.domain.values import codes, times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@once
def _later_names(record: BatchRecord) -> dict[str, str]:
    """Each code that was labelled over, as codes are compared, with the one that stands on the label since.

    A code that stood on another container by then names that one, and no second.
    """
    found: dict[str, str] = {}
    overs, taken = label_overs(record), set[str]()
    if not overs:
        return found
    for entry in sorted(record.current_entries(), key=lambda one: _in_time(record, one)):
        taken |= set(map(codes.normalise, (*entry.pours_into(), *entry.tubes())))
        if names := entry.labels_over():
            old, new = names
            key = codes.normalise(old)
            while key in found:
                key = codes.normalise(found[key])
            if codes.normalise(new) not in taken and key in taken:
                found[key] = new
                taken.add(codes.normalise(new))
    return found


@once
def label_overs(record: BatchRecord) -> tuple[tuple[Entry, str, str], ...]:
    """Every label over that counts, with the code before and the one since, in the order in which it happened."""
    found = [(entry, *both) for entry in record.current_entries() if (both := entry.labels_over())]
    return tuple(sorted(found, key=lambda one: _in_time(record, one[0])))


def _in_time(record: BatchRecord, entry: Entry) -> tuple[datetime, bool, int]:
    """Within a minute the steps of the process by their order, then the acts of custody by their numbers."""
    step = record.process.step(entry.step_key)
    return times.minute(entry.performed_at), not step.ordered, step.number


def name_now(record: BatchRecord, code: str) -> str:
    """The code on the label that the container has now; what was never labelled over keeps its own."""
    later = _later_names(record)
    while (key := codes.normalise(code)) in later:
        code = later[key]
    return code


def named_over(record: BatchRecord, code: str, new: str) -> bool:
    """Whether the container with this code on its label was given this new one, on a label over it or over a later one.

    It was not where the new code stood on another container: then it keeps the one that it has.
    """
    later = _later_names(record)
    while (key := codes.normalise(code)) in later:
        code = later[key]
        if codes.normalise(code) == codes.normalise(new):
            return True
    return False


def key_of(record: BatchRecord, code: str) -> str:
    """By what containers are compared: whichever of its labels was read."""
    return codes.normalise(name_now(record, code))


def same_container(record: BatchRecord, one: str, other: str) -> bool:
    """Whether two codes name one container or tube, whichever of its labels was read."""
    return key_of(record, one) == key_of(record, other)


def codes_of(record: BatchRecord, code: str) -> frozenset[str]:
    """Every code that stood on this container, before and since, as codes are compared."""
    now = key_of(record, code)
    return frozenset(
        {codes.normalise(code), now, *(old for old in _later_names(record) if key_of(record, old) == now)}
    )


def labelled_over(record: BatchRecord, code: str) -> str:
    """The code that a container with this one on its label has now; empty where it was not labelled over."""
    now = name_now(record, code)
    return "" if codes.normalise(now) == codes.normalise(code) else now
