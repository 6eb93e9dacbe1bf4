"""Section 14: the counts with their raw data, and every result beside its limit (211.194)."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.outcomes import outcome_cell
from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import limit_words
from labrecords.documents.sections.placement import QUALITY, steps_in
from labrecords.documents.sections.steps import begin_with_steps, draw_steps
from labrecords.documents.sections.tests import draw_tests
from labrecords.domain.results.results import judged_results
from labrecords.domain.values.typography import grouped, grouped_within


def draw_quality(sheet: Sheet) -> None:
    """Counts and tests, then the results that are judged at release, and where each test stands."""
    steps = steps_in(sheet.edition.record, QUALITY)
    begin_with_steps(sheet, QUALITY, steps)
    if not steps:
        sheet.none(NOT_PART)
    draw_steps(sheet, steps)
    draw_judged(sheet)
    draw_tests(sheet)


def draw_judged(sheet: Sheet) -> None:
    """Each result with its limits, the sentence of the verdict and the rule by which it was reached."""
    rows: list[Row] = []
    notes: list[tuple[None, str]] = []
    for result in judged_results(sheet.edition.record):
        spec, derived, judgement = result.spec, result.derived, result.judgement
        rows.append(
            (
                spec.label,
                grouped(derived.reported) if derived else "",
                spec.limit.unit or (derived.unit if derived else ""),
                limit_words(spec.limit),
                grouped_within(judgement.sentence),
                outcome_cell(judgement.outcome),
            )
        )
        notes.append((None, f"{spec.label}: {grouped_within(judgement.rule)}."))
    columns = (
        Column("Result", 40, "l", COND_BOLD),
        Column("Reported", 22, "r"),
        Column("Unit", 12),
        Column("Limits", 38),
        Column("Verdict in words", 46),
        Column("Outcome", 20),
    )
    table(sheet, columns, rows, "Results against their limits", notes)
    if not rows:
        sheet.none("The process asks for no result at release.")
