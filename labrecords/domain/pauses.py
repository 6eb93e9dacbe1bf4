"""A paused step: what was typed so far is kept, with who typed it, for whoever goes on with it (domain 6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Pause:
    """What stood in the form of a step when a person paused it: text as typed, by the name of the entry.

    Nothing of it was judged, and nothing of it is a fact before the step is recorded.
    """

    id: str
    batch_id: str
    step_key: str
    typed: Mapping[str, str]
    note: str | None
    person_id: str
    recorded_at: datetime


@dataclass(frozen=True)
class Typed:
    """The text of one entry, and who typed it first."""

    text: str
    person_id: str
    at: datetime


def pauses_of(record: BatchRecord, step_key: str) -> tuple[Pause, ...]:
    """The pauses of a step, the oldest first."""
    return tuple(pause for pause in record.pauses if pause.step_key == step_key)


def paused(record: BatchRecord, step_key: str) -> Pause | None:
    """The last pause of a step that nobody went on with; None once it was recorded or said not to have been done."""
    before = pauses_of(record, step_key)
    noted = record.not_done_reason(step_key)
    if not before or record.current(step_key) or (noted and noted.recorded_at > before[-1].recorded_at):
        return None
    return before[-1]


def kept(record: BatchRecord, step_key: str) -> dict[str, Typed]:
    """What the last pause kept, each text with who typed it: it is that of the first pause since which it stood."""
    found: dict[str, Typed] = {}
    for pause in pauses_of(record, step_key):
        found = {
            name: found[name]
            if name in found and found[name].text == text
            else Typed(text, pause.person_id, pause.recorded_at)
            for name, text in pause.typed.items()
        }
    return found


def authors(record: BatchRecord, step_key: str, typed: Mapping[str, str], recorder: str) -> dict[str, str]:
    """For each entry whose text is still what somebody else typed before the step was handed over: their id."""
    return {
        name: before.person_id
        for name, before in kept(record, step_key).items()
        if before.text == typed.get(name) and before.person_id != recorder
    }


def typed_by(entry: Entry, name: str) -> tuple[str, ...]:
    """Ids of those who typed a fact, or a cell of it, before the recorder took it over."""
    found = (who for entered, who in entry.authors.items() if entered.partition("-")[0] == name)
    return tuple(dict.fromkeys(found))
