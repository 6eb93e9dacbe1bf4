"""A batch as it should be, played without a mistake, and the same batch with one thing otherwise.

`played` writes the story up to a step; `altered` gives the record that it would be, had one step been entered so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from labrecords.domain.entries import Entry
from labrecords.domain.processes.process import ADMINISTRATION
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import RELEASED
from tests.support import story
from tests.support.example_pen import BEGIN, Example

LAST = "residual"
REVIEWED = story.LAST_STEP_BEFORE_RELEASE


def process_text(*changes: tuple[str, str]) -> str:
    """The text of the shipped process with some of it replaced."""
    text = Example().record.process.text
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is not there once"
        text = text.replace(old, new)
    return text


def played(
    last: str = REVIEWED,
    *,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    text: str = "",
    begin: datetime = BEGIN,
    decision: str = RELEASED,
) -> Example:
    """The story up to and including the step `last`, every step confirmed, decided and sealed where that is due."""
    example = Example(process_text=text, now=begin)
    for key in story.PARTS:
        if (
            example.record.process.step(key).phase == ADMINISTRATION
            and not example.record.decisions
            and decision
        ):
            example.decide(decision)
            example.seal()
        example.wait(5)
        if key in story.NOT_DONE:
            example.leave_out(key, story.NOT_DONE[key])
        else:
            example.step(key, **(changes or {}).get(key, {}))
            example.confirm_all(key)
        if key == last:
            break
    return example


@cache
def clean(last: str = REVIEWED) -> BatchRecord:
    """The record of `played`: made once a run, it never changes."""
    return played(last).record


@cache
def acted(last: str = "") -> BatchRecord:
    """The record up to the receipt, with the acts of custody that no process foresees after it: all, or up to one."""
    example = played("receipt")
    for key in story.ACTS:
        example.wait(5)
        example.step(key)
        example.confirm_all(key)
        if key == last:
            break
    return example.record


def entry_of(record: BatchRecord, key: str) -> Entry:
    """The version that counts of a step that was recorded."""
    entry = record.current(key)
    assert entry is not None
    return entry


def altered(record: BatchRecord, key: str, **changes: Any) -> BatchRecord:
    """The record as it would be, had the step's entry been entered with other facts or circumstances."""
    old = entry_of(record, key)
    entries = tuple(replace(entry, **changes) if entry is old else entry for entry in record.entries)
    return replace(record, entries=entries)


def without(record: BatchRecord, key: str) -> BatchRecord:
    """The record as it would be, had the step not been recorded."""
    return replace(record, entries=tuple(entry for entry in record.entries if entry.step_key != key))


def person_id(record: BatchRecord, username: str) -> str:
    """Id of one of the cast."""
    return next(person.id for person in record.people if person.username == username)
