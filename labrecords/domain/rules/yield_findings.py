"""What is found in yields and balances: a recovery that counting does not explain, volumes that do not add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labrecords.domain.results.results import results
from labrecords.domain.results.step_balance import step_balances
from labrecords.domain.review.investigation import UNEXPECTED_RECOVERY
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.reconciliation import YieldReconciliation, beyond_counting

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

_RECONCILE = "Write in the reconciliation of the yield what was looked into, and what was found."


def yield_findings(record: BatchRecord) -> list[Finding]:
    """Findings of the processing as a whole (21 CFR 211.192; domain 4)."""
    return [*_of_recovery(record), *_of_steps(record)]


def _of_recovery(record: BatchRecord) -> list[Finding]:
    """More cells than there were cannot be: it blocks release until the yield is reconciled with an investigation.

    Once the reconciliation is recorded, its own finding says whether it was investigated (step_findings.py).
    """
    recovery, words = results(record).get("recovery_percent"), beyond_counting(record)
    counted = record.current(record.process.yields.count_after)
    if recovery is None or words is None or counted is None:
        return []
    if record.of_kind(YieldReconciliation):
        return []
    sentence = f"The recovery of {recovery.reported} % is above {words}: it is to be investigated."
    found = Finding(
        UNEXPECTED_RECOVERY,
        Severity.BLOCKING,
        sentence,
        counted.step_key,
        counted.performed_at,
        counted.id,
    )
    if any(step.kind == YieldReconciliation.kind for step in record.process.steps):
        return [replace(found, way_out=_RECONCILE)]
    return [found]


def _of_steps(record: BatchRecord) -> list[Finding]:
    return [
        Finding(
            "volume balance",
            Severity.EXCEPTION,
            f"{item.step.title}: {sentence}",
            item.step.key,
            item.entry.performed_at,
            item.entry.id,
        )
        for item in step_balances(record)
        for sentence in item.sentences()
    ]
