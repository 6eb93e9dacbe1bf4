"""Findings of single kinds of steps: what one reads in the entry itself, and what nobody may overlook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.finding import Finding, Severity
from labrecords.domain.steps.reconciliation import YieldReconciliation, unexpected_recovery

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.record import BatchRecord


def of_step(record: BatchRecord, entry: Entry) -> list[Finding]:
    """What the version of an entry that counts says about itself."""
    if isinstance(entry, YieldReconciliation):
        return _of_yield(record, entry)
    return []


def _of_yield(record: BatchRecord, entry: YieldReconciliation) -> list[Finding]:
    """An unexpected recovery is shown with its investigation, and blocks while there is none (21 CFR 211.192)."""
    wanted = unexpected_recovery(record)
    if not wanted:
        return []
    if entry.investigation:
        return [
            _finding(
                record, "yield", Severity.EXCEPTION, f"{wanted} Investigation: {entry.investigation}", entry
            )
        ]
    return [_finding(record, "yield", Severity.BLOCKING, f"{wanted} It was not investigated.", entry)]


def _finding(record: BatchRecord, rule: str, severity: Severity, sentence: str, entry: Entry) -> Finding:
    title = record.process.step(entry.step_key).title
    return Finding(rule, severity, f"{title}: {sentence}", entry.step_key, entry.performed_at, entry.id)
