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

    A code that stands on another container too names that one, and no second.
    """
    found: dict[str, str] = {}
    poured = [code for entry in record.current_entries() for code in (*entry.pours_into(), *entry.tubes())]
    taken = set(map(codes.normalise, poured))
    for _, old, new in label_overs(record):
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


def _in_time(record: BatchRecord, over: Entry) -> tuple[datetime, int]:
    """Labels over are acts of custody: within a minute by their numbers, as everywhere."""
    return times.minute(over.performed_at), record.process.step(over.step_key).number


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
