"""The facts of one step: every value of every version, as entered, with its limit and verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column, Tag
from labrecords.documents.pages.column_widths import fitted_columns
from labrecords.documents.pages.outcomes import outcome_cell, tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, Table, table
from labrecords.documents.pages.values import entered, entered_fact, limit_words, shown
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import facts_in
from labrecords.domain.pauses import typed_by
from labrecords.domain.processes.process import Step
from labrecords.domain.results.results import JudgedValue, judged_values
from labrecords.domain.values.limits import Outcome
from labrecords.domain.values.typography import grouped, mid_sentence

_COLUMNS = (
    Column("Fact", 45),
    Column("As entered", 62),
    Column("Unit", 12),
    Column("Limit", 36),
    Column("Result", 23),
)
_ALIGN = {FactType.NUMBER: "d", FactType.WHOLE: "r"}
MOST_COLUMNS = 9
"""More columns than these are printed as several tables, each with the number of the row."""
COMPUTED = "not entered: computed below"


def facts_table(sheet: Sheet, step: Step, history: Sequence[Entry]) -> Table:
    """The table of the facts of a step, but of those that have rows of their own."""
    edition, current = sheet.edition, history[-1]
    judged = {value.name: value for value in judged_values(edition.record, current)}
    rows: list[Row] = []
    together = current.blanks_together
    empty = [fact for fact in facts_in(step) if together and all(_is_empty(one, fact) for one in history)]
    for fact in facts_in(step):
        if _is_table(fact, history) or fact in empty:
            continue
        rows.append(_fact_row(edition, step, history, fact, judged.pop(fact.name, None)))
    if empty:
        rows.append(("Left empty", "; ".join(fact.label for fact in empty), "", "", ""))
    if any(entry.note for entry in history):
        rows.append(_note_row(edition, history))
    rows += [_derived_row(edition, current, value) for value in judged.values()]
    return Table(sheet, _COLUMNS, rows, "What was recorded")


def _is_empty(entry: Entry, fact: Fact) -> bool:
    return getattr(entry, fact.name) in (None, "", ())


def draw_facts(facts: Table, step: Step, history: Sequence[Entry]) -> None:
    """The table of the facts, and one for each fact that has rows of its own."""
    if facts.rows:
        facts.draw()
    for fact in facts_in(step):
        if _is_table(fact, history):
            _draw_rows(facts.sheet, step, history, fact)


def _is_table(fact: Fact, history: Sequence[Entry]) -> bool:
    """Rows with one fact each are printed in one line: the counts of the squares."""
    return fact.type is FactType.ROWS and len(_columns(fact, history)) > 1


def _columns(fact: Fact, history: Sequence[Entry]) -> tuple[Fact, ...]:
    """The columns of a table: all of them, or those that were used where it may be written in one line."""
    columns = facts_of(fact.row or object)
    if not fact.in_line:
        return columns
    rows = [row for entry in history for row in getattr(entry, fact.name)]
    used = (column for column in columns if any(getattr(row, column.name) is not None for row in rows))
    return tuple(used) or columns[:1]


def _fact_row(
    edition: Edition, step: Step, history: Sequence[Entry], fact: Fact, judged: JudgedValue | None
) -> Row:
    texts = [_text(edition, entry, fact) for entry in history]
    current, limit = history[-1], step.limits.get(fact.name)
    tags = [*_correction_tags(edition, history, texts), *_unusual_tags(edition, current, fact.name)]
    result: Cell | str = (
        outcome_cell(judged.judgement.outcome, _judged_tags(edition, current, judged)) if judged else ""
    )
    unit = fact.unit
    if fact.type is FactType.ROWS:
        column = _columns(fact, history)[0]
        limit, unit = step.limits.get(f"{fact.name}.{column.name}"), mid_sentence(column.label)
    remark = "; ".join(filter(None, (texts[-1][1], authors_words(edition, current, fact.name))))
    value = Cell(texts[-1][0], old=_replaced(texts), tags=tags, remark=remark)
    return (fact.label, value, unit, limit_words(limit), result)


def _text(edition: Edition, entry: Entry, fact: Fact) -> tuple[str, str]:
    value = getattr(entry, fact.name)
    if fact.type is FactType.ROWS:
        return ", ".join(
            entered(edition, column, getattr(row, column.name), _typed(entry, fact, number, column))[0]
            for number, row in enumerate(value)
            for column in facts_of(type(row))
            if not fact.in_line or getattr(row, column.name) is not None
        ), f"n = {len(value)}"
    if value is None and fact.one_of:
        return COMPUTED, ""
    return entered_fact(edition, entry, fact)


def _typed(entry: Entry, fact: Fact, number: int, column: Fact) -> str:
    return entry.as_entered.get(f"{fact.name}-{number}-{column.name}", "")


def authors_words(edition: Edition, entry: Entry, name: str) -> str:
    """Who typed a fact before the step was handed over to its recorder; empty where nobody else did."""
    names = ", ".join(edition.name(who) for who in typed_by(entry, name))
    return f"typed by {names}" if names else ""


def _note_row(edition: Edition, history: Sequence[Entry]) -> Row:
    texts = [(entry.note or "no note", "") for entry in history]
    tags = _correction_tags(edition, history, texts)
    remark = authors_words(edition, history[-1], "note")
    return ("Note", Cell(texts[-1][0], old=_replaced(texts), tags=tags, remark=remark), "", "", "")


def _derived_row(edition: Edition, entry: Entry, judged: JudgedValue) -> Row:
    result = outcome_cell(judged.judgement.outcome, _judged_tags(edition, entry, judged))
    value = Cell(grouped(judged.value), remark="computed, see below")
    return (judged.label, value, judged.unit, limit_words(judged.limit), result)


def _replaced(texts: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The values before the last one, each once where it stood through several versions."""
    old: list[str] = []
    for (text, _), (following, _) in pairwise(texts):
        if text != following:
            old.append(text)
    return tuple(old)


def _correction_tags(
    edition: Edition, history: Sequence[Entry], texts: Sequence[tuple[str, str]]
) -> list[Tag]:
    tags: list[Tag] = []
    for number, entry in enumerate(history[1:], start=1):
        if texts[number - 1][0] != texts[number][0]:
            flags = [flag for flag in edition.flags_of_entry(entry) if flag.finding.rule == "correction"]
            tags += tags_of(flags)
    return tags


def _unusual_tags(edition: Edition, entry: Entry, name: str) -> tuple[Tag, ...]:
    flags = [flag for flag in edition.flags_of_entry(entry) if flag.finding.rule == "unusual value"]
    return tags_of([flag for key, flag in zip(entry.confirmed, flags, strict=False) if key == name])


def _judged_tags(edition: Edition, entry: Entry, judged: JudgedValue) -> tuple[Tag, ...]:
    rule = {Outcome.FAIL: "out of limits", Outcome.ALERT: "alert"}.get(judged.judgement.outcome, "")
    flags = [flag for flag in edition.flags_of_entry(entry) if flag.finding.rule == rule]
    return tags_of([flag for flag in flags if judged.judgement.sentence in flag.finding.sentence])


def _draw_rows(sheet: Sheet, step: Step, history: Sequence[Entry], fact: Fact) -> None:
    edition = sheet.edition
    columns = _columns(fact, history)
    count = max(len(getattr(entry, fact.name)) for entry in history)
    if not count:
        sheet.note(f"{fact.label}: none recorded.")
        return
    notes = [
        (tag, f"{fact.label}: usual range left, see below.")
        for tag in _unusual_tags(edition, history[-1], fact.name)
    ]
    limits = [
        (None, f"{column.label}: {words} {column.unit}".rstrip() + ".")
        for column in columns
        if (words := limit_words(step.limits.get(f"{fact.name}.{column.name}")))
    ]
    by = authors_words(edition, history[-1], fact.name)
    authors = [(None, f"{fact.label}: {by}.")] if by else []
    bands = list(_bands(columns))
    for band in bands:
        rows = [_band_row(edition, history, fact, columns, band, number) for number in range(count)]
        titles = ["No.", *(_title(column) for column in band)]
        texts = [
            [cell if isinstance(cell, str) else " ".join((*cell.old, cell.text)) for cell in row]
            for row in rows
        ]
        aligns = ["r", *(_ALIGN.get(column.type, "l") for column in band)]
        name = fact.label if band is bands[0] else f"{fact.label}, more of each"
        below = [*notes, *limits, *authors] if band is bands[-1] else []
        table(sheet, fitted_columns(titles, texts, aligns), rows, name, below)


def _title(column: Fact) -> str:
    return f"{column.label}, {column.unit}" if column.unit else column.label


def _bands(columns: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    """The columns as tables that fit the width of a page, about the same number in each."""
    tables = -(-len(columns) // MOST_COLUMNS)
    size = -(-len(columns) // tables)
    for first in range(0, len(columns), size):
        yield columns[first : first + size]


def _band_row(
    edition: Edition,
    history: Sequence[Entry],
    fact: Fact,
    columns: Sequence[Fact],
    band: Sequence[Fact],
    number: int,
) -> list[Cell | str]:
    """One row of one table: its number, and each value with those it replaced."""
    versions = [_row_texts(edition, entry, fact, columns, number) for entry in history]
    cells: list[Cell | str] = [str(number + 1)]
    for column in band:
        texts = [version[columns.index(column)] for version in versions]
        tags = _correction_tags(edition, history, texts)
        cells.append(Cell(texts[-1][0], old=_replaced(texts), tags=tags, remark=texts[-1][1]))
    return cells


def _row_texts(
    edition: Edition, entry: Entry, fact: Fact, columns: Sequence[Fact], number: int
) -> list[tuple[str, str]]:
    given: tuple[Any, ...] = getattr(entry, fact.name)
    if number >= len(given):
        return [("no such row", "")] * len(columns)
    row = given[number]
    return [
        entered(edition, column, getattr(row, column.name), _typed(entry, fact, number, column))
        for column in columns
    ]


def facts_in_words(edition: Edition, entry: Entry) -> list[tuple[str, str]]:
    """Label and value of every fact of an entry, rows included, for comparing two versions."""
    found = []
    for fact in facts_in(edition.record.process.step(entry.step_key)):
        if fact.type is not FactType.ROWS:
            unit = f" {fact.unit}" if fact.unit and getattr(entry, fact.name) is not None else ""
            found.append((fact.label, entered_fact(edition, entry, fact)[0] + unit))
            continue
        columns = facts_of(fact.row or object)
        for number, row in enumerate(getattr(entry, fact.name), start=1):
            words = ", ".join(
                f"{mid_sentence(column.label)} {shown(edition, column, getattr(row, column.name))} "
                f"{column.unit}".rstrip()
                for column in columns
                if not fact.in_line or getattr(row, column.name) is not None
            )
            found.append((f"{fact.label}, row {number}", words))
    return found
