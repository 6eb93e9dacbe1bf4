"""Containers whose new label one person alone has read: nothing says yet that it is the right one (1271.290(c))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.names import key_of, label_overs
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.once import once
from labrecords.domain.values import codes, times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

UNREAD = "label"
WAY_OUT = "Have a second person read both labels and sign that, on the page of the batch."


def unread(record: BatchRecord, by: datetime | None = None) -> Iterator[tuple[Entry, str]]:
    """Each label over that a second person has not read (or had not, at an instant), with a sentence that says so."""
    for entry, old, new in label_overs(record):
        if record.outstanding(entry, by) and (by is None or entry.performed_at <= by):
            yield entry, f"{new} was put over the label of {old}, and no second person has read both."


@once
def unread_codes(record: BatchRecord) -> dict[str, str]:
    """Each new code that one person alone has read, as codes are compared, with the words that stand for it until a
    second person has read it too: who is still to read it must not have seen it."""
    found: dict[str, str] = {}
    for entry, old, new in label_overs(record):
        if record.outstanding(entry):
            found[codes.normalise(new)] = f"{found.get(codes.normalise(old), old)} (new label)"
    return found


def unread_stops(record: BatchRecord, at: datetime, used: Iterable[str]) -> tuple[Stop, ...]:
    """Why these containers must not be used at an instant: their new label was read by one person alone."""
    wanted = {key_of(record, code) for code in used}
    return tuple(
        Stop(UNREAD, sentence, WAY_OUT)
        for entry, sentence in unread(record, times.end_of_minute(at))
        if key_of(record, entry.fills()[0]) in wanted
    )


def labelled_over_at(record: BatchRecord, code: str) -> datetime | None:
    """When a new label was last put on a container; None where none was."""
    wanted = key_of(record, code)
    made = (entry.performed_at for entry, _, new in label_overs(record) if key_of(record, new) == wanted)
    return max(made, default=None)
