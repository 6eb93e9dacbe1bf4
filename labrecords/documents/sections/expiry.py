"""Section 16: until when the product may be used, and how long each part of the work took."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.formulas import formula_box
from labrecords.documents.pages.outcomes import outcome_cell, tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.timing_results import timing_results
from labrecords.domain.rules.time_limits import Interval, intervals
from labrecords.domain.values.numbers import plain


def draw_expiry(sheet: Sheet) -> None:
    """Every limit with its derivation."""
    sheet.begin_section(16, need=110)
    _draw_use_before(sheet)
    _draw_intervals(sheet)
    for derived in timing_results(sheet.edition.record):
        formula_box(sheet, derived)


def _draw_use_before(sheet: Sheet) -> None:
    edition = sheet.edition
    found = use_before(edition.record)
    if found is None:
        sheet.none("Use before: none, since nothing was harvested or the process sets no limit.")
        return
    rows: list[Row] = [
        (
            f"after {limit.label}",
            edition.when(limit.since),
            f"{plain(limit.hours)} h",
            edition.when(limit.until),
            edition.utc(limit.until),
            "yes, earliest" if limit.until == found.until else "no",
        )
        for limit in found.limits
    ]
    columns = (
        Column("Limit", 37),
        Column("Begins", 38),
        Column("Allowed", 16, "r"),
        Column("Ends", 38, "l", COND_BOLD),
        Column("UTC", 34),
        Column("Counts", 15),
    )
    table(sheet, columns, rows, "Use before: the earliest limit, computed in UTC")


def _draw_intervals(sheet: Sheet) -> None:
    """Every time limit between two steps, with what it took, and both computations where they differ."""
    found = intervals(sheet.edition.record)
    if not found:
        sheet.none("Time limits between steps: this process sets none.")
        return
    columns = (
        Column("From the end of one step to the end of another", 45),
        Column("Begins", 36),
        Column("Ends", 36),
        Column("Took", 18, "r"),
        Column("Limit", 25),
        Column("Verdict", 18),
    )
    title = "Time limits between steps, from the stated times, computed in UTC"
    table(sheet, columns, [_interval_row(sheet, interval) for interval in found], title)
    for interval in found:
        if interval.judgement is not None:
            sheet.note(f"{interval.limit.label}: {interval.judgement.rule}.")
        if interval.against is not None:
            sheet.note(
                f"{interval.limit.label}, by the time of recording and what was stated first: "
                f"{interval.against.sentence}"
            )


def _interval_row(sheet: Sheet, interval: Interval) -> Row:
    edition, limit = sheet.edition, interval.limit
    steps = f"{edition.step_words(limit.start)} to {edition.step_words(limit.end).lower()}"
    judgement = interval.judgement
    if judgement is not None:
        flags = [
            flag
            for flag in edition.flags_of_step(limit.end)
            if flag.finding.rule.startswith("time limit") and limit.label in flag.finding.sentence
        ]
        verdict = outcome_cell(judgement.outcome, tags_of(flags))
    else:
        verdict = Cell(_state(interval))
    return (
        Cell(limit.label, remark=steps),
        edition.when(interval.began_at) if interval.began_at else "",
        edition.when(interval.ended_at) if interval.ended_at else "",
        f"{plain(judgement.rounded)} min" if judgement is not None and judgement.rounded is not None else "",
        interval.words,
        verdict,
    )


def _state(interval: Interval) -> str:
    """Why there is nothing to be judged."""
    if interval.not_done:
        return f"not judged: not done, {interval.not_done.lower()}"
    return "was running" if interval.running else "had not begun"
