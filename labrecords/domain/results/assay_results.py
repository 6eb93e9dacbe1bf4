"""Where each test of a batch stands: its state, whether it passes, by when its result is expected (domain 2.6, 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.entries import INVALIDATED
from labrecords.domain.once import once
from labrecords.domain.processes.process import TESTING, Step
from labrecords.domain.results.assays import FINAL, PRELIMINARY, RUNNING, Assay
from labrecords.domain.results.measurements import measurements
from labrecords.domain.results.results import judged_values
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values import times
from labrecords.domain.values.limits import Judgement, Outcome

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

PLANNED, AMENDED, NOT_DONE = "planned", "amended", "not done"
"""States besides those that a report has: nothing recorded, a final result that was corrected, said not to be done."""
ENDED = (FINAL, AMENDED)
_AS_READ = "as read, not compared with a number"
_WORST = (Outcome.FAIL, Outcome.ALERT, Outcome.PASS)


@dataclass(frozen=True)
class AssayStanding:
    """One test of the process as the record has it."""

    step: Step
    state: str
    entry: Assay | None
    """The version that counts, or None while nothing is recorded."""
    judgement: Judgement
    sample: Sample | None
    """The sample that was tested, or is to be."""
    due_at: datetime | None
    """By when the final result is expected; None where the process names no time, or nothing was drawn yet."""

    @property
    def fails(self) -> bool:
        """Whether the result, preliminary ones included, is out of what is accepted."""
        return self.judgement.outcome is Outcome.FAIL

    @property
    def open(self) -> bool:
        """Whether a valid final result is still to come. An optional test is open only once it was begun."""
        if self.state == NOT_DONE:
            return False
        if self.state == PLANNED:
            return self.step.required
        return self.state not in ENDED or self.judgement.outcome is Outcome.NOT_DONE

    def overdue(self, now: datetime) -> bool:
        """Whether the result should have come by now."""
        return self.open and self.due_at is not None and now > self.due_at


@once
def assay_standings(record: BatchRecord) -> tuple[AssayStanding, ...]:
    """Every test of the process, in its order."""
    return tuple(_standing(record, step) for step in record.process.phase(TESTING))


def open_late_tests(record: BatchRecord) -> tuple[AssayStanding, ...]:
    """The tests that may come after release and whose valid final result is still to come."""
    return tuple(item for item in assay_standings(record) if item.step.late and item.open)


def failing_tests(record: BatchRecord) -> tuple[AssayStanding, ...]:
    """The tests whose result, preliminary or final, is out of what is accepted."""
    return tuple(item for item in assay_standings(record) if item.fails)


def _standing(record: BatchRecord, step: Step) -> AssayStanding:
    entry = record.current(step.key)
    assay = entry if isinstance(entry, Assay) else None
    sample = assay.sample(record) if assay else _drawn_before(record, step)
    due_at = None
    if sample and step.due_days is not None:
        due_at = times.add_hours(sample.performed_at, Decimal(24 * step.due_days))
    return AssayStanding(step, _state(record, step, assay), assay, assess(record, assay), sample, due_at)


def _state(record: BatchRecord, step: Step, entry: Assay | None) -> str:
    if entry is None:
        return NOT_DONE if record.not_done_reason(step.key) else PLANNED
    corrected = entry.corrects and any(
        isinstance(old, Assay) and old.state == FINAL
        for old in measurements(record.history(step.key))[-1][:-1]
    )
    return AMENDED if corrected and entry.state == FINAL else entry.state


def _drawn_before(record: BatchRecord, step: Step) -> Sample | None:
    """The sample that a test which is not begun will take: the last that the process draws before it."""
    number = step.number
    drawn = [item for item in record.of_kind(Sample) if record.process.step(item.step_key).number < number]
    return drawn[-1] if drawn else None


def assess(record: BatchRecord, entry: Assay | None) -> Judgement:
    """Whether a report passes. A blank, a running test, a preliminary one and one with wrong controls never pass."""
    if entry is None:
        return _nothing("Nothing is recorded yet.")
    if entry.state == INVALIDATED:
        return _nothing("The result was invalidated.")
    if entry.state == RUNNING:
        return _nothing("The test is running; it has no result.")
    if wrong := entry.invalid():
        return _nothing(f"No valid result. {wrong}")
    found = _seen(record, entry)
    if entry.state == PRELIMINARY and found.outcome is not Outcome.FAIL:
        return _nothing(f"Preliminary: {entry.result_words()}. The final result is to come.")
    return found


def _seen(record: BatchRecord, entry: Assay) -> Judgement:
    """The worst of what was read and of the values that have a limit."""
    values = (value.judgement for value in judged_values(record, entry))
    parts = [judgement for judgement in values if judgement.outcome is not Outcome.NO_LIMIT]
    if verdict := entry.verdict():
        passes, words = verdict
        outcome = Outcome.PASS if passes else Outcome.FAIL
        parts.insert(0, Judgement(outcome, None, None, f"{words[:1].upper()}{words[1:]}.", _AS_READ))
    if not parts:
        sentence = f"{entry.result_words()}; no limit is set."
        return Judgement(Outcome.NO_LIMIT, None, None, sentence, "reported only")
    worst = min(parts, key=lambda part: _WORST.index(part.outcome))
    if len(parts) == 1 or worst.outcome is not Outcome.PASS:
        return worst
    sentences, rules = (part.sentence for part in parts), dict.fromkeys(part.rule for part in parts)
    return Judgement(Outcome.PASS, None, None, " ".join(sentences), "; ".join(rules))


def _nothing(sentence: str) -> Judgement:
    return Judgement(Outcome.NOT_DONE, None, None, sentence, "not compared with a limit")
