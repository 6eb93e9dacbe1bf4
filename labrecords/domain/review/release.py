"""What stands in the way of a decision by QA: reasons, never a bare no (211.22, 211.165, 211.192; domain 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.label_overs import UNREAD, WAY_OUT, unread
from labrecords.domain.custody.product_checks import unchecked_before_release
from labrecords.domain.entries import ATTESTED, GIVEN, INVALIDATED, RECEIVED, VERIFIED
from labrecords.domain.evidence.signatures import ADMINISTERED, CONDITIONAL, NOT_ADMINISTERED
from labrecords.domain.labels.rules import waiting_copies
from labrecords.domain.processes.process import ADMINISTRATION, PROCESSING, TESTING, Step
from labrecords.domain.results.assay_results import (
    NOT_DONE,
    PLANNED,
    AssayStanding,
    assay_standings,
    open_late_tests,
)
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.results import judged_results
from labrecords.domain.review.decisions import (
    ON_HOLD,
    REJECTED,
    RELEASED,
    expired_word,
    open_issue,
    sealed_decisions,
    standing_decision,
)
from labrecords.domain.review.independence import worked_on
from labrecords.domain.review.investigation import OUT_OF_RANGE
from labrecords.domain.review.outdated import renewable
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.rules.temperature_findings import exposure_words, too_long_now
from labrecords.domain.status import closed, not_administered
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.residual import Residual
from labrecords.domain.values.limits import Outcome
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Blocker:
    """One reason why an act cannot be done now, and what would clear it."""

    rule: str
    sentence: str
    way_out: str
    step_key: str = ""


def decision_blockers(
    record: BatchRecord, decision: str, signer_id: str, now: datetime
) -> tuple[Blocker, ...]:
    """Every reason why this person cannot sign this decision on this record now."""
    found = list(state_blockers(record))
    if worked_on(record, signer_id):
        found.append(
            Blocker("took part", "You took part in this batch.", "Somebody who did not take part decides.")
        )
    standing = standing_decision(record)
    if standing and standing.decision == decision and not renewable(record):
        found.append(Blocker("decided", f"This batch is {decision} already.", "Nothing needs to be done."))
    if decision != REJECTED and standing and standing.decision == REJECTED:
        found.append(
            Blocker(
                "rejected", "This batch was rejected, and rejection is final.", "The product is destroyed."
            )
        )
    if decision == RELEASED:
        found += release_blockers(record, now)
    return tuple(found)


def state_blockers(record: BatchRecord) -> tuple[Blocker, ...]:
    """Why nothing at all can be signed on this record now."""
    if record.voids:
        return (Blocker("voided", "This batch is void.", "Open a new batch."),)
    if open_issue(record):
        return (
            Blocker(
                "sealing",
                "A document of this batch is being sealed, or its sealing failed.",
                "Wait for it; if it failed, try again or withdraw it.",
            ),
        )
    return ()


def investigation_blockers(record: BatchRecord, signer_id: str) -> tuple[Blocker, ...]:
    """Why this person cannot sign an investigation on this record now."""
    found = list(state_blockers(record))
    if worked_on(record, signer_id):
        found.append(
            Blocker(
                "took part", "You took part in this batch.", "Somebody who did not take part investigates."
            )
        )
    return tuple(found)


def release_blockers(record: BatchRecord, now: datetime) -> tuple[Blocker, ...]:
    """What stands in the way of release, whoever signs: steps, confirmations, results, findings, expiry."""
    found = [*missing_steps(record, PROCESSING), *missing_confirmations(record, PROCESSING)]
    found += [*missing_tests(record), *idle_tests(record)]
    found += [Blocker(*waiting) for waiting in waiting_copies(record)]
    found += [Blocker(UNREAD, words, WAY_OUT, entry.step_key) for entry, words in unread(record)]
    found += [Blocker(*unchecked) for unchecked in unchecked_before_release(record)]
    for result in judged_results(record):
        if result.judgement.outcome is Outcome.NOT_DONE and result.spec.required:
            label = result.spec.label
            found.append(Blocker("no result", f"{label} has no result.", "Record what it is computed from."))
    for finding in findings(record):
        if finding.severity >= Severity.BLOCKING and finding.rule != "not done":
            found.append(
                Blocker(
                    finding.rule,
                    finding.sentence,
                    finding.way_out
                    or "Correct it if it was entered wrongly; otherwise reject the batch or hold it.",
                    finding.step_key,
                )
            )
    way_out = (
        "Put it into a place that keeps it, and record that. Then QA investigates how long it was outside."
    )
    found += [
        Blocker(OUT_OF_RANGE, f"{exposure_words(record, item)} It goes on.", way_out)
        for item in too_long_now(record, now)
    ]
    if word := expired_word(record):
        sentence = f"Quality assurance signed “{word.decision}”."
        found.append(
            Blocker("disposition", sentence, "Reject the batch: that word makes nothing usable again.")
        )
    limit = use_before(record)
    if limit and now > limit.until and not record.of_kind(Injection):
        found.append(
            Blocker("expired", "The product has expired.", "Sign what becomes of it, and reject the batch.")
        )
    return tuple(found)


def closure_blockers(record: BatchRecord, signer_id: str) -> tuple[Blocker, ...]:
    """What stands in the way of closing the administration."""
    found = [*state_blockers(record)]
    if closed(record) and not renewable(record):
        found.append(Blocker("closed", "The administration is closed already.", "Nothing needs to be done."))
    decision = standing_decision(record)
    if record.process.release_required and (decision is None or decision.decision == ON_HOLD):
        said = (
            "Quality assurance has not decided on this batch."
            if decision is None
            else "This batch is on hold."
        )
        found.append(Blocker("not decided", said, "Ask quality assurance to review it and to decide."))
    elif decision and decision.decision == REJECTED and not record.of_kind(Injection):
        found.append(
            Blocker(
                "rejected", "This batch was rejected and not used.", "The rejection closes it: nothing to do."
            )
        )
    found += [*missing_at_closure(record), *missing_confirmations(record, ADMINISTRATION)]
    if not record.took_part(signer_id):
        found.append(
            Blocker(
                "took no part", "You took no part in this batch.", "Who injected closes the administration."
            )
        )
    return tuple(found)


def closing(record: BatchRecord) -> str:
    """What the signature that closes the administration means: that there was one, or that there was none."""
    return NOT_ADMINISTERED if not_administered(record) else ADMINISTERED


def missing_at_closure(record: BatchRecord) -> tuple[Blocker, ...]:
    """Required steps of the administration that are not recorded.

    Where the product was not administered, only what became of it must be: the rest was said not to have been done.
    """
    missing = missing_steps(record, ADMINISTRATION)
    if not not_administered(record):
        return missing
    return tuple(
        blocker
        for blocker in missing
        if record.process.step(blocker.step_key).kind == Residual.kind
        or not record.not_done_reason(blocker.step_key)
    )


def missing_steps(record: BatchRecord, phase: str) -> tuple[Blocker, ...]:
    """Required steps of a phase that are not recorded, or noted as not done."""
    return tuple(
        _missing(record, step)
        for step in record.process.phase(phase)
        if step.required and not record.current(step.key)
    )


def _missing(record: BatchRecord, step: Step) -> Blocker:
    reason = record.not_done_reason(step.key)
    sentence = f"Step {step.number}, {mid_sentence(step.title)}: " + (
        f"required, and not done. {reason.reason}" if reason else "not recorded."
    )
    return Blocker("missing step", sentence, "Record the step.", step.key)


def missing_tests(record: BatchRecord) -> tuple[Blocker, ...]:
    """Tests whose final, reviewed result release waits for (211.165). Late ones need none: see `idle_tests`."""
    found, steps = [], {step.key for step in record.process.decisive}
    for item in assay_standings(record):
        step, state = item.step, item.state
        if step.late:
            continue
        if state in (PLANNED, NOT_DONE):
            if step.required:
                found.append(_missing(record, step))
        elif item.open and not (item.entry and item.entry.invalid()):
            sentence = f"Step {step.number}, {mid_sentence(step.title)}: {state}, and no final result yet."
            found.append(Blocker("test open", sentence, "Report the final result.", step.key))
    found += [item for item in missing_confirmations(record, TESTING) if item.step_key in steps]
    return tuple(found)


_IDLE = "late test idle"


def idle_tests(record: BatchRecord) -> tuple[Blocker, ...]:
    """Late tests that no result can come of: left out, never started, set aside, or of no sample of this batch.

    A product is released before these results only while they are on their way (domain 2.6, 6.1; 211.165). An
    optional test is none of them until it was started.
    """
    late = (item for item in assay_standings(record) if item.step.late)
    return tuple(found for item in late if (found := _idle(record, item)))


def _idle(record: BatchRecord, item: AssayStanding) -> Blocker | None:
    step, title = item.step, f"Step {item.step.number}, {mid_sentence(item.step.title)}: "
    if item.state in (PLANNED, NOT_DONE) and not step.required:
        return None
    if item.state == NOT_DONE:
        return _missing(record, step)
    if item.state == PLANNED:
        sentence = f"{title}its result comes after release, but it was never started."
        way_out = "Record its sample where that is not recorded, and report the test as running."
        return Blocker(_IDLE, sentence, way_out, step.key)
    if item.state == INVALIDATED:
        way_out = "Start it again, and report it as running."
        return Blocker(
            _IDLE, f"{title}its result was set aside, and it was not started again.", way_out, step.key
        )
    if item.sample is None:
        way_out = "Record the sample, or correct its code in the report."
        return Blocker(
            _IDLE, f"{title}the sample that it was started with is none of this batch.", way_out, step.key
        )
    return None


def deciding(record: BatchRecord, decision: str) -> str:
    """What the signature of a decision means: a release while late tests are open says so."""
    return CONDITIONAL if decision == RELEASED and open_late_tests(record) else decision


_WORDS = {
    VERIFIED: "not verified by a second person",
    ATTESTED: "not attested by who performed it",
    GIVEN: "not confirmed by who gave it",
    RECEIVED: "not confirmed by who received it",
}


def missing_confirmations(record: BatchRecord, phase: str) -> tuple[Blocker, ...]:
    """Confirmations of a phase that the versions that count still lack."""
    found = []
    for entry in record.current_entries():
        step = record.process.step(entry.step_key)
        if step.phase != phase:
            continue
        for wanted in record.outstanding(entry):
            who = f" ({record.name(wanted.person_id)})" if wanted.person_id else ""
            sentence = f"Step {step.number}, {mid_sentence(step.title)}: {_WORDS[wanted.act]}{who}."
            way_out = "Ask them to sign on the step's page."
            if wanted.person_id:
                way_out += " Where somebody has left and cannot sign, hold or reject the batch, and say so."
            found.append(Blocker(f"not {wanted.act}", sentence, way_out, step.key))
    return tuple(found)


_BEFORE_THE_WORK = frozenset({"order", "line_clearance", "identity_check"})
"""Kinds of steps in which nothing is taken from the patient, and nothing is used up."""


def void_blockers(record: BatchRecord) -> tuple[Blocker, ...]:
    """Why a batch can no longer be voided: something was performed, so it must run to a decision (domain 6.1).

    Nor can it once quality assurance has decided: what QA rejected or holds is not set aside by who opened it.
    """
    found = list(state_blockers(record))
    if decisions := sealed_decisions(record):
        word = decisions[-1][0].decision
        found.append(
            Blocker("decided", f"Quality assurance has decided: {word}.", "QA decides what follows.")
        )
    performed = [entry for entry in record.entries if entry.kind not in _BEFORE_THE_WORK]
    begun = {timer.step_key for timer in record.timers} | {pause.step_key for pause in record.pauses}
    if performed or any(record.process.step(key).kind not in _BEFORE_THE_WORK for key in begun):
        found.append(
            Blocker(
                "performed", "Work on this batch has been recorded.", "QA rejects the batch, with the reason."
            )
        )
    return tuple(found)
