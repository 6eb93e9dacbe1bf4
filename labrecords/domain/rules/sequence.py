"""The order of steps and times (21 CFR 11.10(f); domain 6.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.processes.process import Step
from labrecords.domain.results.measurements import measurements
from labrecords.domain.values import times
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


def sequence_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Stops for a step that comes before an unanswered one, or is stated to have ended before the previous one.

    Tests stand outside the order: they run beside the other steps, and some come back long after the last of them.
    """
    step = record.process.step(entry.step_key)
    first = (*record.history(entry.step_key), entry)[0]
    found = []
    ordered = _before(record, step)
    for earlier in ordered:
        if not _answered_by(record, earlier.key, first.recorded_at):
            found.append(
                Stop(
                    rule="order of steps",
                    sentence=f"Step {earlier.number}, {mid_sentence(earlier.title)}, comes first and was not recorded.",
                    way_out=f"Record step {earlier.number} first, or say that it was not done.",
                )
            )
            break
    found += _before_the_last(record, entry, ordered)
    inner = [moment for moment in entry.moments() if moment > times.end_of_minute(entry.performed_at)]
    if inner:
        found.append(
            Stop(
                rule="order of times",
                sentence="A time within this step is later than its stated end.",
                way_out="Correct one of the times.",
            )
        )
    return tuple(found)


def _before(record: BatchRecord, step: Step) -> tuple[Step, ...]:
    """The steps that come before this one in the order of the process."""
    if not step.ordered:
        return ()
    return tuple(earlier for earlier in record.process.steps[: step.number - 1] if earlier.ordered)


def _before_the_last(record: BatchRecord, entry: Entry, ordered: tuple[Step, ...]) -> list[Stop]:
    """Stops for an act that is stated to have ended, or to have begun, before an earlier step ended.

    What is done on a sample goes on beside the work on the material: nobody waits for it to begin.
    """
    if not ordered:
        return []
    keys = {step.key for step in ordered}
    earlier = [other for other in record.current_entries() if other.step_key in keys]
    ended = [other for other in earlier if times.minute(_done_at(record, other)) > entry.performed_at]
    if ended:
        return [_of_times(record, ended[-1], "ended", "Correct the time.")]
    began = entry.began_at()
    if began is None:
        return []
    way_out = "Correct the times or the duration."
    return [
        _of_times(record, other, "begun", way_out)
        for other in reversed(earlier)
        if not other.aside and times.minute(_done_at(record, other)) > times.end_of_minute(began)
    ][:1]


def _of_times(record: BatchRecord, other: Entry, done: str, way_out: str) -> Stop:
    title = mid_sentence(record.process.step(other.step_key).title)
    sentence = f"It is stated to have {done} before “{title}” ended."
    return Stop(rule="order of times", sentence=sentence, way_out=way_out)


def _done_at(record: BatchRecord, entry: Entry) -> datetime:
    """When a step first gave a result: a repeat of it may come after the steps that follow."""
    return measurements(record.history(entry.step_key))[0][-1].performed_at


def _answered_by(record: BatchRecord, step_key: str, instant: datetime) -> bool:
    answers = [entry.recorded_at for entry in record.entries if entry.step_key == step_key]
    answers += [item.recorded_at for item in record.not_done if item.step_key == step_key]
    return any(at <= instant for at in answers)
