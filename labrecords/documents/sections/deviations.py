"""Section 17: everything that is not as it should be, found by rule, in full."""

from __future__ import annotations

from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.results.results import judged_results
from labrecords.domain.rules.finding import Severity
from labrecords.domain.values.limits import Outcome

_WORDS = {
    Severity.CRITICAL: "critical: a person may have been harmed",
    Severity.BLOCKING: "stands in the way of release",
    Severity.EXCEPTION: "to be looked at",
}


def draw_deviations(sheet: Sheet) -> None:
    """The findings, the gravest first; then what is none is said to be none."""
    edition = sheet.edition
    sheet.begin_section(17, need=110)
    flags = sorted(edition.flags, key=lambda flag: (-flag.finding.severity, flag.finding.at))
    rows: list[Row] = [
        (
            Cell(tags=tags_of([flag])),
            flag.finding.rule,
            _WORDS[flag.finding.severity],
            edition.step_words(flag.finding.step_key),
            edition.when(flag.finding.at),
            flag.finding.sentence,
        )
        for flag in flags
    ]
    columns = (
        Column("Tag", 11),
        Column("Rule", 24),
        Column("Weight", 29),
        Column("Step", 14),
        Column("At", 24),
        Column("What", 76),
    )
    table(sheet, columns, rows, "Findings of the system, from the record")
    if not rows:
        sheet.none("None: the system found nothing that is not as it should be.")
    failed = [
        result.spec.label
        for result in judged_results(edition.record)
        if result.judgement.outcome is Outcome.FAIL
    ]
    sheet.text(f"Results out of specification: {', '.join(failed) or 'none'}.")
    sheet.text(
        "Changes to the master during the batch: none; a batch keeps the definition it was opened with."
    )
    _draw_investigations(sheet)


def _draw_investigations(sheet: Sheet) -> None:
    """What quality assurance looked into and found, also where the finding has changed since and blocks anew."""
    edition = sheet.edition
    rows: list[Row] = [
        (
            edition.step_words(item.step_key),
            item.sentence,
            item.reason,
            edition.name(item.person_id),
            edition.when(item.recorded_at),
        )
        for item in edition.record.investigations
    ]
    columns = (
        Column("Step", 14),
        Column("Finding", 58),
        Column("What was looked into and found", 56),
        Column("Signed by", 24),
        Column("At", 26),
    )
    table(sheet, columns, rows, "Investigations by quality assurance")
    if not rows:
        sheet.text("Investigations by quality assurance: none.")
