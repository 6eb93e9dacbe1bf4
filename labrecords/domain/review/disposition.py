"""What stands in the way of the final disposition, and of setting a test result aside (domain 6.1; 211.165)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.notices import open_tasks
from labrecords.domain.entries import INVALIDATED
from labrecords.domain.processes.process import TESTING
from labrecords.domain.results.assay_results import failing_tests, open_late_tests
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.expiry import use_before
from labrecords.domain.review.decisions import (
    CONFORM,
    NOT_CONFORM,
    OF_EXPIRED,
    RELEASED,
    SEALED,
    expired_word,
    final_disposition,
    is_rejected,
    issue_of,
    results_after,
    standing_decision,
)
from labrecords.domain.review.independence import worked_on
from labrecords.domain.review.release import Blocker, missing_confirmations, state_blockers
from labrecords.domain.status import product_ended_at
from labrecords.domain.steps.administration import Injection
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

_TOOK_PART = Blocker("took part", "You took part in this batch.", "Somebody who did not take part signs.")


def disposition_blockers(record: BatchRecord, disposition: str, signer_id: str) -> tuple[Blocker, ...]:
    """Every reason why this person cannot sign this word on the late results now."""
    found = list(state_blockers(record))
    if worked_on(record, signer_id):
        found.append(_TOOK_PART)
    if not record.process.late_tests:
        found.append(
            Blocker("no late test", "This process has no late test.", "The decision on the product is final.")
        )
    decision = standing_decision(record)
    if not record.of_kind(Injection) and (decision is None or decision.decision != RELEASED):
        sentence = "The product was neither released nor used."
        found.append(Blocker("not decided", sentence, "Decide on the product: release, reject or hold it."))
    made = final_disposition(record)
    if made and made.decision == disposition:
        found.append(Blocker("decided", f"The {made.decision} already.", "Nothing needs to be done."))
    rules = {CONFORM: _against_conform, NOT_CONFORM: _against_not_conform}
    return (*found, *rules.get(disposition, _nothing_new)(record))


def word_blockers(record: BatchRecord, word: str, signer_id: str, now: datetime) -> tuple[Blocker, ...]:
    """Every reason why this person cannot sign this word of quality assurance now."""
    if word not in OF_EXPIRED:
        return disposition_blockers(record, word, signer_id)
    found = list(state_blockers(record))
    if worked_on(record, signer_id):
        found.append(_TOOK_PART)
    limit, given = use_before(record), expired_word(record)
    if limit is None or now <= limit.until:
        found.append(Blocker("in date", "The product has not expired.", "Nothing needs to be done."))
    elif product_ended_at(record) is not None:
        found.append(
            Blocker("ended", "The product is used up or done away with.", "Nothing needs to be done.")
        )
    if given and given.decision == word:
        found.append(Blocker("decided", f"The {word} already.", "Nothing needs to be done."))
    return tuple(found)


def waits_since(record: BatchRecord, now: datetime) -> datetime | None:
    """Since when a product is expired without a word on it; None while it is in date, used up, or spoken of."""
    limit = use_before(record)
    if limit is None or now <= limit.until or record.voids or product_ended_at(record) is not None:
        return None
    return None if is_rejected(record) or expired_word(record) else limit.until


def _against_conform(record: BatchRecord) -> tuple[Blocker, ...]:
    found = []
    for item in open_late_tests(record):
        sentence = f"Step {item.step.number}, {mid_sentence(item.step.title)}: {item.state}, and no valid final result."
        found.append(Blocker("test open", sentence, "Wait for the final result.", item.step.key))
    for step in record.process.late_tests:
        if step.required and record.not_done_reason(step.key):
            sentence = f"Step {step.number}, {mid_sentence(step.title)}: required, and not done."
            found.append(Blocker("missing step", sentence, "The product cannot conform.", step.key))
    for item in failing_tests(record):
        sentence = f"Step {item.step.number}, {mid_sentence(item.step.title)}: {item.judgement.sentence}"
        found.append(Blocker("test failed", sentence, "The product does not conform.", item.step.key))
    return (*found, *missing_confirmations(record, TESTING))


def _against_not_conform(record: BatchRecord) -> tuple[Blocker, ...]:
    left_out = any(step.required and record.not_done_reason(step.key) for step in record.process.late_tests)
    if failing_tests(record) or left_out:
        return missing_confirmations(record, TESTING)
    return (
        Blocker(
            "nothing failed",
            "No test failed, and none was left out.",
            "Wait for the results, or sign conforms.",
        ),
    )


def _nothing_new(record: BatchRecord) -> tuple[Blocker, ...]:
    if results_are_new(record):
        return ()
    return (
        Blocker(
            "nothing new", "The newest document holds every result.", "Wait until another result has come."
        ),
    )


def results_are_new(record: BatchRecord) -> bool:
    """Whether a late test was reported after what the newest sealed document shows."""
    causes = {item.id: item.decided_at for item in record.decisions}
    causes |= {item.id: item.closed_at for item in record.closures}
    sealed = [at for cause, at in causes.items() if _is_sealed(record, cause)]
    return bool(sealed) and results_after(record, max(sealed))


def _is_sealed(record: BatchRecord, cause_id: str) -> bool:
    issue = issue_of(record, cause_id)
    end = record.ending(issue) if issue else None
    return end is not None and end.outcome == SEALED


def invalidation_blockers(record: BatchRecord, entry: Assay, signer_id: str) -> tuple[Blocker, ...]:
    """Why this person cannot set this result aside: results are never dropped by those who made them."""
    found = []
    if worked_on(record, signer_id):
        found.append(_TOOK_PART)
    if entry.state == INVALIDATED:
        found.append(
            Blocker("invalidated", "This result is invalidated already.", "Report the repeated test.")
        )
    return tuple(found)


def late_tests(record: BatchRecord) -> str:
    """Where the late tests of a product that left the laboratory stand, in one word for lists.

    "failed" until quality assurance has signed that the product does not conform and every physician has said that the
    word of it has come; "pending" while a result is to come; "to sign" once all are there and no final disposition
    stands; empty where there is nothing to do.
    """
    used = bool(record.of_kind(Injection))
    decision = standing_decision(record)
    if not record.process.late_tests or not (used or (decision and decision.decision == RELEASED)):
        return ""
    made = final_disposition(record)
    if failing_tests(record):
        return "" if made and made.decision == NOT_CONFORM and not open_tasks(record) else "failed"
    if open_late_tests(record):
        return "pending"
    return "" if made else "to sign"
