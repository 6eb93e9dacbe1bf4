"""What a reviewer must see first: everything that is not as it should be, found by rule from the record (domain 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from labrecords.domain.attachments import withdrawal_findings
from labrecords.domain.custody import batch_chain
from labrecords.domain.custody.containers import tube_stops
from labrecords.domain.custody.mixups import foreign_codes, lock_stops, mixup_findings
from labrecords.domain.custody.own_ids import own_id_stops
from labrecords.domain.custody.recalls import product_stops, recall_findings, recalled_things
from labrecords.domain.entries import REPEATED, VERIFIED, Entry, Stop
from labrecords.domain.evidence.signatures import BYPASSED
from labrecords.domain.facts import PLACE
from labrecords.domain.labels.rules import label_findings, label_stops
from labrecords.domain.once import once
from labrecords.domain.processes.process import PROCESSING, TESTING, Step
from labrecords.domain.registers.equipment import registered_late, undated
from labrecords.domain.registers.lots import lot_findings
from labrecords.domain.registers.places import place_findings
from labrecords.domain.registers.training import training_findings
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.balance import balance
from labrecords.domain.results.container_balance import container_findings
from labrecords.domain.results.repeats import of_repeat
from labrecords.domain.results.results import judged_results, judged_values, sentence_of
from labrecords.domain.review.bypass import bypass_of
from labrecords.domain.review.bypass import words as bypass_words
from labrecords.domain.review.decisions import ON_HOLD, RELEASED, sealed_decisions
from labrecords.domain.review.independence import worked_on
from labrecords.domain.review.investigation import YIELD_OUT_OF_LIMITS, YIELDS, with_investigation
from labrecords.domain.review.reentry import of_reentry
from labrecords.domain.rules.assay_findings import assay_findings
from labrecords.domain.rules.begun import REGISTER_RULES
from labrecords.domain.rules.bursts import burst_findings
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.order_match import injected_findings, order_findings
from labrecords.domain.rules.sequence import sequence_stops
from labrecords.domain.rules.step_findings import of_earlier, of_step
from labrecords.domain.rules.temperature_findings import temperature_findings, temperature_stops
from labrecords.domain.rules.time_limits import time_limit_findings, time_limit_stops
from labrecords.domain.rules.yield_findings import yield_findings
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.receipt import ACCEPT, Receipt
from labrecords.domain.steps.residual import Residual
from labrecords.domain.values.limits import Outcome
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, NotDone


def stops_of(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Why this act must not begin: locks, recalls, order of steps, time limits, equipment, lots, its kind's own."""
    of_its_kind = entry.stops(record)
    return (
        *lock_stops(record, entry),
        *product_stops(record, entry),
        *recalled_things(record, entry),
        *sequence_stops(record, entry),
        *time_limit_stops(record, entry),
        *(stop for rule in REGISTER_RULES for stop in rule(record, entry)),
        *label_stops(record, entry),
        *tube_stops(record, entry),
        *temperature_stops(record, entry),
        *of_its_kind,
        *own_id_stops(record, entry, named=foreign_codes(of_its_kind)),
    )


@once
def findings(record: BatchRecord) -> tuple[Finding, ...]:
    """All findings of a record: the gravest first, then in the order of time."""
    found: list[Finding] = []
    for entry in record.entries:
        found += _of_version(record, entry)
    for entry in record.current_entries():
        found += _of_current(record, entry)
    found += [_of_not_done(record, item) for item in record.not_done]
    found += [finding for item in record.reentries if (finding := of_reentry(record, item))]
    for broken in batch_chain.breaks(record):
        found.append(
            Finding(
                "custody " + broken.rule, Severity.BLOCKING, broken.sentence, broken.step_key, broken.start
            )
        )
    found += [*time_limit_findings(record), *burst_findings(record)]
    found += [*mixup_findings(record), *recall_findings(record), *withdrawal_findings(record)]
    found += [*order_findings(record), *injected_findings(record), *label_findings(record)]
    found += temperature_findings(record)
    found += [
        *_of_balance(record),
        *container_findings(record),
        *yield_findings(record),
        *_of_results(record),
    ]
    found += [*_of_holds(record), *_of_releases(record), *assay_findings(record)]
    found = [with_investigation(record, item) for item in found]
    return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.at)))


def _of_not_done(record: BatchRecord, item: NotDone) -> Finding:
    """A step that was said not to have been done stays a finding when it is recorded after all."""
    step, later = record.process.step(item.step_key), record.history(item.step_key)
    if not later:
        needed = step.required and step.phase in (PROCESSING, TESTING)
        grave = Severity.BLOCKING if needed else Severity.EXCEPTION
        return Finding(
            "not done", grave, f"{step.title}: not done. {item.reason}", step.key, item.recorded_at
        )
    between = [
        entry
        for entry in record.entries
        if step.ordered
        and record.process.step(entry.step_key).number > step.number
        and item.recorded_at <= entry.recorded_at <= later[0].recorded_at
    ]
    sentence = f"{step.title}: first said not to have been done ({item.reason}), then recorded"
    sentence += ", after the work had gone on." if between else "."
    grave = Severity.BLOCKING if between and step.required else Severity.EXCEPTION
    return Finding("recorded after all", grave, sentence, step.key, later[0].recorded_at, later[0].id)


def _of_balance(record: BatchRecord) -> list[Finding]:
    found, residuals = balance(record), record.of_kind(Residual)
    if found is None or found.closed:
        return []
    much, tolerance = plain(found.difference_ml.copy_abs()), plain(found.tolerance_percent)
    less = (
        f"{much} mL are unaccounted for"
        if found.difference_ml > 0
        else f"{much} mL more came out than there was"
    )
    sentence = f"The balance of the product is open: {less}, more than {tolerance} %."
    return [_finding("balance", Severity.EXCEPTION, sentence, residuals[-1])]


def _of_results(record: BatchRecord) -> list[Finding]:
    """Results of the whole batch that are out of limits or over an alert limit."""
    counted, injected = record.current(record.process.yields.count_after), record.of_kind(Injection)
    if counted is None:
        return []
    found = []
    for result in judged_results(record):
        sentence = sentence_of(result)
        if result.judgement.outcome is Outcome.FAIL:
            if result.spec.key in YIELDS:
                found.append(_finding(YIELD_OUT_OF_LIMITS, Severity.BLOCKING, sentence, counted))
                continue
            grave = Severity.CRITICAL if injected else Severity.BLOCKING
            found.append(_finding("out of limits", grave, sentence, counted))
        elif result.judgement.outcome is Outcome.ALERT:
            found.append(_finding("alert", Severity.EXCEPTION, sentence, counted))
    return found


def _of_holds(record: BatchRecord) -> list[Finding]:
    """A batch that was on hold shows it for good, also when it is released later."""
    return [
        Finding(
            "hold",
            Severity.EXCEPTION,
            f"The batch was put on hold: {decision.reason}",
            "",
            decision.decided_at,
        )
        for decision, _ in sealed_decisions(record)
        if decision.decision == ON_HOLD
    ]


def _of_releases(record: BatchRecord) -> list[Finding]:
    """Who released and worked on the batch afterwards has judged what they then used (21 CFR 211.22)."""
    return [
        Finding(
            "released by a participant",
            Severity.EXCEPTION,
            f"{record.name(decision.person_id)} released the batch and took part in it afterwards.",
            "",
            decision.decided_at,
        )
        for decision, _ in sealed_decisions(record)
        if decision.decision == RELEASED and worked_on(record, decision.person_id)
    ]


def is_late(record: BatchRecord, entry: Entry) -> bool:
    """Whether an entry that is no correction was recorded later after the act than the process allows (domain 6.4)."""
    allowed = timedelta(minutes=record.process.late_after_min)
    return not entry.corrects and entry.recorded_at - entry.performed_at > allowed


def _of_version(record: BatchRecord, entry: Entry) -> list[Finding]:
    """Findings that stay even when the version was corrected later."""
    title = record.process.step(entry.step_key).title
    found = []
    if is_late(record, entry):
        minutes = int((entry.recorded_at - entry.performed_at).total_seconds() // 60)
        sentence = f"{title}: recorded {minutes} min after the act. {entry.late_reason or 'No reason given.'}"
        found.append(_finding("late entry", Severity.EXCEPTION, sentence, entry))
    # The result of a test is reviewed when its papers are complete, and not at the bench.
    for item in () if isinstance(entry, Assay) else record.confirmations_of(entry):
        waited = item.recorded_at - entry.recorded_at
        if waited > timedelta(minutes=record.process.late_after_min):
            minutes = int(waited.total_seconds() // 60)
            sentence = (
                f"{title}: {item.act} by {record.name(item.person_id)} {minutes} min after it was recorded."
            )
            found.append(_finding("late confirmation", Severity.EXCEPTION, sentence, entry))
    found += [
        _finding(
            "own work verified",
            Severity.BLOCKING,
            f"{title}: verified by an account of the one whose work it is, {record.name(item.person_id)}.",
            entry,
        )
        for item in record.confirmations_of(entry)
        if item.act == VERIFIED and any(record.same_human(known, item.person_id) for known in entry.hands())
    ]
    if entry.happened_reason and record.current(entry.step_key) is not entry:
        found += _of_replaced_stop(record, entry)
    found += of_earlier(record, entry)
    if entry.follows_as == REPEATED and not isinstance(entry, Assay):
        found.append(of_repeat(record, entry))
    elif entry.corrects:
        sentence = f"{title}: corrected by {record.name(entry.recorded_by)}. {entry.reason}"
        found.append(_recorded("correction", sentence, entry))
    after = [decision for decision, _ in sealed_decisions(record) if decision.decided_at < entry.recorded_at]
    if after and record.process.step(entry.step_key) in record.process.decisive:
        done = "corrected" if entry.corrects else entry.follows_as or "recorded"
        sentence = f"{title}: {done} after the decision “{after[-1].decision}”."
        found.append(_recorded("changed after decision", sentence, entry))
    return found


def _of_replaced_stop(record: BatchRecord, entry: Entry) -> list[Finding]:
    """What had to be recorded as having happened stays visible when it is corrected: critical stays critical."""
    title = record.process.step(entry.step_key).title
    return [
        _finding(
            stop.rule,
            Severity.CRITICAL if stop.critical else Severity.EXCEPTION,
            f"{title}: {stop.sentence} Recorded as having happened ({entry.happened_reason}), corrected since.",
            entry,
        )
        for stop in stops_of(record.as_it_stood(entry.recorded_at), entry)
    ]


def _of_current(record: BatchRecord, entry: Entry) -> list[Finding]:
    step = record.process.step(entry.step_key)
    found = []
    for stop in stops_of(record, entry):
        if bypass := bypass_of(record, entry, stop):
            sentence = f"{step.title}: {stop.sentence} {bypass_words(record, bypass)}"
            found.append(_finding(BYPASSED, Severity.EXCEPTION, sentence, entry))
            continue
        severity = Severity.CRITICAL if stop.critical else Severity.BLOCKING
        why = f" Reason given: {entry.happened_reason}" if entry.happened_reason else ""
        found.append(_finding(stop.rule, severity, f"{step.title}: {stop.sentence}{why}", entry))
    for code in registered_late(record, entry):
        sentence = f"{step.title}: {code} was registered only after the act."
        found.append(_finding("registered late", Severity.EXCEPTION, sentence, entry))
    for code in undated(record, entry):
        sentence = f"{step.title}: until when {code} was checked, the register does not say."
        found.append(_finding("no check date", Severity.EXCEPTION, sentence, entry))
    doubts = entry.doubts(record)
    found += [*lot_findings(record, entry), *training_findings(record, entry), *place_findings(record, entry)]
    for name, reason in entry.confirmed.items():
        found.append(_of_reason(step, entry, name, reason, doubts.get(name)))
    # What a test's values mean hangs on its state and its controls: see assay_findings.
    for value in () if isinstance(entry, Assay) else judged_values(record, entry):
        if value.judgement.outcome is Outcome.FAIL:
            sentence = f"{step.title}: {value.label}: {value.judgement.sentence}"
            found.append(_finding("out of limits", Severity.BLOCKING, sentence, entry))
        elif value.judgement.outcome is Outcome.ALERT:
            sentence = f"{step.title}: {value.label}: {value.judgement.sentence}"
            found.append(_finding("alert", Severity.EXCEPTION, sentence, entry))
    if isinstance(entry, Receipt) and entry.decision != ACCEPT:
        sentence = f"{step.title}: the harvest was not accepted, decision “{entry.decision}”."
        found.append(_finding("receipt", Severity.BLOCKING, sentence, entry))
    elif isinstance(entry, Receipt) and entry.defects():
        sentence = f"{step.title}: {', '.join(entry.defects())}."
        found.append(_finding("receipt", Severity.EXCEPTION, sentence, entry))
    found += of_step(record, entry)
    for remark in entry.remarks(record):
        if remark.severity is not None:
            sentence = f"{step.title}: {mid_sentence(remark.sentence)}"
            found.append(
                replace(_finding(remark.rule, remark.severity, sentence, entry), way_out=remark.way_out)
            )
    return found


def _of_reason(step: Step, entry: Entry, name: str, reason: str, doubt: str | None) -> Finding:
    """A value that was asked back when it was entered, and was confirmed with a reason."""
    fact = next(fact for fact in type(entry).asked(step) if fact.name == name)
    rule = "code in use" if fact.new else "place full" if fact.register == PLACE else "unusual value"
    what = doubt or f"{rule}, {mid_sentence(fact.label)}."
    sentence = f"{step.title}: {what} Reason given: {reason}"
    return _finding(rule, Severity.EXCEPTION, sentence, entry)


def _recorded(rule: str, sentence: str, entry: Entry) -> Finding:
    """A finding about when something was recorded, and not about when it was done."""
    return Finding(rule, Severity.EXCEPTION, sentence, entry.step_key, entry.recorded_at, entry.id)


def _finding(rule: str, severity: Severity, sentence: str, entry: Entry) -> Finding:
    return Finding(rule, severity, sentence, entry.step_key, entry.performed_at, entry.id)
