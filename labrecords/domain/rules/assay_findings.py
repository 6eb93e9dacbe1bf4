"""What a reviewer must see of the tests: failures, controls that do not hold, results set aside (domain 6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.entries import INVALIDATED
from labrecords.domain.results.assay_results import AssayStanding, assay_standings, assess, failing_tests
from labrecords.domain.results.assays import FINAL, Assay
from labrecords.domain.review.decisions import RELEASED, sealed_decisions
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.administration import Injection
from labrecords.domain.values.limits import Outcome

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

FAILED, FAILED_AFTER_USE = "test failed", "late test failed"


def assay_findings(record: BatchRecord) -> list[Finding]:
    """Findings about the tests of a batch."""
    found = [_failed(record, item) for item in failing_tests(record)]
    for item in assay_standings(record):
        found += _of_standing(item)
    for entry in record.entries:
        if isinstance(entry, Assay):
            found += _of_version(record, entry)
    return found


def alarms(record: BatchRecord) -> tuple[Finding, ...]:
    """The findings that say that a test failed after the product had left or was used."""
    return tuple(_failed(record, item) for item in failing_tests(record) if _after(record, item.entry))


def _failed(record: BatchRecord, item: AssayStanding) -> Finding:
    entry = item.entry
    assert entry is not None, "what fails was reported"
    after, words = _after(record, entry), entry.result_words() or item.judgement.sentence
    if after:
        late = "late test" if item.step.late else "test"
        sentence = f"{item.step.title}: {late} failed {after}: {_reported(words, entry)}"
        return _finding(FAILED_AFTER_USE, Severity.CRITICAL, sentence, entry)
    sentence = f"{item.step.title}: test failed: {_reported(words, entry)}"
    return _finding(FAILED, Severity.BLOCKING, sentence, entry)


def _reported(words: str, entry: Assay) -> str:
    return f"{words.rstrip('.')}." if entry.state == FINAL else f"{words.rstrip('.')} ({entry.state} result)."


def _after(record: BatchRecord, entry: Assay | None) -> str:
    """What had become of the product when the result was reported; empty while it was still in the laboratory."""
    if entry is None:
        return ""
    injected = record.of_kind(Injection)
    if any(item.first_injected_at() <= entry.recorded_at for item in injected):
        return "after injection"
    released = (since for made, since in sealed_decisions(record) if made.decision == RELEASED)
    if any(since <= entry.recorded_at for since in released):
        return "after release"
    return "before the product was injected all the same" if injected else ""


def _of_standing(item: AssayStanding) -> list[Finding]:
    entry = item.entry
    if entry is None or entry.state == INVALIDATED:
        return []
    if wrong := entry.invalid():
        grave = Severity.EXCEPTION if item.step.late else Severity.BLOCKING
        return [_finding("test not valid", grave, f"{item.step.title}: no valid result. {wrong}", entry)]
    if item.judgement.outcome is Outcome.ALERT:
        sentence = f"{item.step.title}: {item.judgement.sentence}"
        return [_finding("alert", Severity.EXCEPTION, sentence, entry)]
    return []


def _of_version(record: BatchRecord, entry: Assay) -> list[Finding]:
    """What stays visible for good: a result that was set aside, and a failing report that another followed."""
    title, current = record.process.step(entry.step_key).title, record.current(entry.step_key)
    if entry.state == INVALIDATED:
        sentence = f"{title}: result invalidated by {record.name(entry.recorded_by)}. {entry.reason}"
        return [_finding("result invalidated", Severity.EXCEPTION, sentence, entry)]
    if entry is current or assess(record, entry).outcome is not Outcome.FAIL:
        return []
    sentence = f"{title}: an earlier report failed: {entry.result_words()} ({entry.state})."
    return [_finding("earlier report failed", Severity.EXCEPTION, sentence, entry)]


def _finding(rule: str, severity: Severity, sentence: str, entry: Assay) -> Finding:
    return Finding(rule, severity, sentence, entry.step_key, entry.recorded_at, entry.id)
