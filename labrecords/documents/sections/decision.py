"""Section 19: the criteria of release, and every decision with its signature."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.outcomes import met
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.signature_blocks import signature_blocks
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.decisions import SEALED, issue_of
from labrecords.domain.expiry import use_before
from labrecords.domain.finding import Severity
from labrecords.domain.findings import findings
from labrecords.domain.limits import Outcome
from labrecords.domain.process import PROCESSING
from labrecords.domain.record import Decision
from labrecords.domain.release import missing_confirmations, missing_steps
from labrecords.domain.results import judged_results

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


def _draw_criteria(sheet: Sheet) -> None:
    """The grounds, as the processing stands in this copy."""
    edition, record = sheet.edition, sheet.edition.record
    steps = missing_steps(record, PROCESSING)
    confirmations = missing_confirmations(record, PROCESSING)
    failed = [
        result.spec.label
        for result in judged_results(record)
        if result.judgement.outcome is Outcome.FAIL
        or (result.judgement.outcome is Outcome.NOT_DONE and result.spec.required)
    ]
    keys = {step.key for step in record.process.phase(PROCESSING)}
    blocking = [
        found
        for found in findings(record)
        if found.severity >= Severity.BLOCKING and found.step_key in keys and found.rule != "not done"
    ]
    decided, limit = edition.decision, use_before(record)
    rows: list[Row] = [
        (
            "All required steps recorded",
            "; ".join(item.sentence for item in steps) or "sections 5 to 14",
            met(not steps),
        ),
        (
            "All confirmations given",
            "; ".join(item.sentence for item in confirmations) or "signatures at each step",
            met(not confirmations),
        ),
        ("Results final and within limits", ", ".join(failed) or "section 14", met(not failed)),
        (
            "No finding stands in the way",
            "; ".join(found.sentence for found in blocking) or "section 17",
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
        apart = not record.took_part(decided.person_id)
        rows.append(("The decider took no part in the batch", edition.name(decided.person_id), met(apart)))
    columns = (Column("Criterion", 60), Column("Evidence", 96), Column("Met", 22))
    table(sheet, columns, rows, "Criteria of release, as the processing stands in this version")
