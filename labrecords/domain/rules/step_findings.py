"""Findings of single kinds of steps: what one reads in the entry itself, and what nobody may overlook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.entries import REPEATED
from labrecords.domain.review.investigation import YIELD
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.reconciliation import YieldReconciliation, unexpected_recovery
from labrecords.domain.steps.wash import Wash

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.record import BatchRecord


def of_step(record: BatchRecord, entry: Entry) -> list[Finding]:
    """What the version of an entry that counts says about itself."""
    if isinstance(entry, YieldReconciliation):
        return _of_yield(record, entry)
    if isinstance(entry, CentrifugationRun):
        return _of_run(record, entry)
    if isinstance(entry, Harvest) and entry.clots:
        return [_finding(record, "clots", Severity.EXCEPTION, "clots were seen.", entry)]
    if isinstance(entry, Wash) and not entry.clear:
        return [_finding(record, "wash", Severity.EXCEPTION, "the last wash fluid was not clear.", entry)]
    if isinstance(entry, Injection):
        return [
            _finding(record, "complication", Severity.EXCEPTION, f"complication: {words}", entry)
            for words in entry.complications_said()
        ]
    return []


def of_earlier(record: BatchRecord, entry: Entry) -> list[Finding]:
    """What stays to be seen of a run that was repeated: aborted runs are part of the record (domain 9, finding 9)."""
    if not isinstance(entry, CentrifugationRun) or not entry.aborted:
        return []
    if not any(later.replaces_id == entry.id and later.follows_as == REPEATED for later in record.entries):
        return []
    sentence = f"the run was aborted and repeated. {entry.aborted_reason}"
    return [_finding(record, "aborted run", Severity.EXCEPTION, sentence, entry)]


def _of_run(record: BatchRecord, entry: CentrifugationRun) -> list[Finding]:
    found = []
    if entry.aborted:
        sentence = f"the run was aborted and not repeated. {entry.aborted_reason}"
        found.append(_finding(record, "aborted run", Severity.BLOCKING, sentence, entry))
    if entry.alarms:
        found.append(_finding(record, "alarm", Severity.EXCEPTION, f"alarm: {entry.alarms}", entry))
    return found


def _of_yield(record: BatchRecord, entry: YieldReconciliation) -> list[Finding]:
    """An unexpected recovery is shown with its investigation, and blocks while there is none (21 CFR 211.192)."""
    wanted = unexpected_recovery(record)
    if not wanted:
        return []
    if entry.investigation:
        return [
            _finding(
                record, YIELD, Severity.EXCEPTION, f"{wanted} Investigation: {entry.investigation}", entry
            )
        ]
    return [_finding(record, YIELD, Severity.BLOCKING, f"{wanted} It was not investigated.", entry)]


def _finding(record: BatchRecord, rule: str, severity: Severity, sentence: str, entry: Entry) -> Finding:
    title = record.process.step(entry.step_key).title
    return Finding(rule, severity, f"{title}: {sentence}", entry.step_key, entry.performed_at, entry.id)
