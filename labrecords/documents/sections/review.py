"""Section 18: who reviewed the record up to which event, and what was open when this copy was made."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, section_with_table
from labrecords.domain.processes.process import ADMINISTRATION, PROCESSING, TESTING
from labrecords.domain.review.release import missing_confirmations, missing_steps
from labrecords.domain.values.typography import one_after_another


def draw_review(sheet: Sheet) -> None:
    """Reviews by quality assurance and by the physician; then open steps and confirmations."""
    edition, record = sheet.edition, sheet.edition.record
    rows: list[Row] = [
        (
            "Release review, with the audit trail",
            edition.name(decision.person_id),
            edition.when(decision.decided_at),
            f"events 1 to {decision.reviewed_seq}",
            f"decision: {decision.decision}",
        )
        for decision in record.decisions
    ]
    rows += [
        (
            "Administration, by the physician",
            edition.name(closure.person_id),
            edition.when(closure.closed_at),
            f"events 1 to {closure.reviewed_seq}",
            "recorded completely",
        )
        for closure in record.closures
    ]
    columns = (
        Column("Review", 50),
        Column("By", 42, "l", COND_BOLD),
        Column("At", 38),
        Column("What was looked at", 26),
        Column("Outcome", 22),
    )
    section_with_table(sheet, 18, columns, rows, "Reviews")
    if not rows:
        sheet.none("None up to this version of the record.")
    for phase in (PROCESSING, TESTING, ADMINISTRATION):
        open_ = [*missing_steps(record, phase), *missing_confirmations(record, phase)]
        sheet.text(
            f"Open in the {phase} phase: {one_after_another([blocker.sentence for blocker in open_]) or 'none.'}"
        )
