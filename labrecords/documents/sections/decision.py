"""Section 19: the criteria of release, and every decision with its signature."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.outcomes import met
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.signature_blocks import signature_blocks
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.processes.process import PROCESSING
from labrecords.domain.record import BatchRecord, Decision
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.results import judged_results
from labrecords.domain.review.decisions import SEALED, issue_of
from labrecords.domain.review.independence import worked_on
from labrecords.domain.review.investigation import accepted
from labrecords.domain.review.release import idle_tests, missing_confirmations, missing_steps, missing_tests
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.values.limits import Outcome
from labrecords.domain.values.typography import one_after_another

_COLUMNS = (
    Column("Decision", 20, "l", COND_BOLD),
    Column("Reason", 50),
    Column("By", 34),
    Column("At", 37),
    Column("Reviewed", 18),
    Column("Document", 19),
)


def draw_decision(sheet: Sheet) -> None:
    """What was decided, on which grounds, and by whom."""
    edition, record = sheet.edition, sheet.edition.record
    sheet.begin_section(19, need=130)
    _draw_criteria(sheet)
    rows: list[Row] = [
        (
            made.decision,
            made.reason or "none given; none is needed for a release",
            edition.name(made.person_id),
            edition.when(made.decided_at),
            f"events 1 to {made.reviewed_seq}",
            _document(edition, made),
        )
        for made in record.decisions
    ]
    table(sheet, _COLUMNS, rows, "Decisions, in their order")
    for void in record.voids:
        words = f"Voided by {edition.name(void.person_id)}, {edition.when(void.voided_at)}: {void.reason}"
        sheet.text(words, COND_BOLD, 9)
    if not rows and not record.voids:
        sheet.none("None up to this version of the record.")
    ids = [made.signature_id for made in record.decisions] + [void.signature_id for void in record.voids]
    signed = [record.signature(signature_id) for signature_id in ids]
    signature_blocks(sheet, signed, "Signatures to section 19: decisions")


def _document(edition: Edition, decision: Decision) -> str:
    issue = issue_of(edition.record, decision.id)
    if issue is None:
        return "none"
    end = edition.record.ending(issue)
    if issue.id == edition.document.id:
        return f"{issue.version}, this one"
    return f"{issue.version}, {end.outcome}" if end and end.outcome != SEALED else f"{issue.version}"


def _of_results(record: BatchRecord) -> Row:
    """Results out of limits are no obstacle where quality assurance investigated and accepted them (section 17)."""
    wanted = [result for result in judged_results(record) if result.judgement.outcome is Outcome.FAIL]
    blank = [
        result
        for result in judged_results(record)
        if result.judgement.outcome is Outcome.NOT_DONE and result.spec.required
    ]
    failed = [result for result in (*wanted, *blank) if not accepted(record, result)]
    words = [f"{result.spec.label}: no result" for result in blank]
    words += [
        f"{result.spec.label}: out of limits" + ("" if result in failed else ", investigated and accepted")
        for result in wanted
    ]
    label = "Results final, and within limits or investigated"
    return label, "; ".join(words) or "section 14", met(not failed)


def _of_tests(record: BatchRecord) -> list[Row]:
    """The tests that release waits for, and those that must be on their way by then, where the process has some."""
    awaited = any(step.phase != PROCESSING for step in record.process.decisive)
    late = any(step.required for step in record.process.late_tests)
    rows = [("Tests that release waits for final and reviewed", missing_tests(record))] if awaited else []
    rows += [("Tests that may come after release started", idle_tests(record))] if late else []
    return [
        (label, one_after_another([item.sentence for item in found]) or "section 14", met(not found))
        for label, found in rows
    ]


def _draw_criteria(sheet: Sheet) -> None:
    """The grounds, as the processing stands in this copy."""
    edition, record = sheet.edition, sheet.edition.record
    steps = missing_steps(record, PROCESSING)
    confirmations = missing_confirmations(record, PROCESSING)
    keys = {step.key for step in record.process.decisive}
    blocking = [
        found
        for found in findings(record)
        if found.severity >= Severity.BLOCKING and found.step_key in keys and found.rule != "not done"
    ]
    decided, limit = edition.decision, use_before(record)
    rows: list[Row] = [
        (
            "All required steps recorded",
            one_after_another([item.sentence for item in steps]) or "sections 5 to 14",
            met(not steps),
        ),
        (
            "All confirmations given",
            one_after_another([item.sentence for item in confirmations]) or "signatures at each step",
            met(not confirmations),
        ),
        _of_results(record),
        *_of_tests(record),
        (
            "No finding stands in the way",
            one_after_another([found.sentence for found in blocking]) or "section 17",
            met(not blocking),
        ),
    ]
    if limit:
        words = f"use before {edition.when(limit.until)}"
        at = decided.decided_at if decided else edition.document.issued_at
        rows.append(
            ("In date at the decision" if decided else "In date at issue", words, met(at <= limit.until))
        )
    if decided:
        apart = not worked_on(record, decided.person_id)
        rows.append(("The decider took no part in the batch", edition.name(decided.person_id), met(apart)))
    columns = (Column("Criterion", 60), Column("Evidence", 96), Column("Met", 22))
    table(sheet, columns, rows, "Criteria of release, as the processing stands in this version")
