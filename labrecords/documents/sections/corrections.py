"""Section 22: every changed value with its old one, every late entry, every unusual value, in one place."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.second_person import verified_words
from labrecords.documents.sections.step_facts import facts_in_words
from labrecords.domain.entries import Entry

_RULES = {"late entry": "Late entries", "unusual value": "Unusual values", "not done": "Steps not done"}


def draw_corrections(sheet: Sheet) -> None:
    """Corrections value by value; then what else was entered otherwise than at once and as usual."""
    edition = sheet.edition
    sheet.begin_section(22, need=110)
    rows = [row for entry in edition.record.entries if entry.corrects for row in _changes(edition, entry)]
    columns = (
        Column("Tag", 10),
        Column("Where", 34),
        Column("Old and new", 44),
        Column("By, at", 30),
        Column("Why", 32),
        Column("Authorised: verified by", 28),
    )
    table(sheet, columns, rows, f"Corrected values: {len(rows)}")
    if not rows:
        sheet.none("Corrected values: none.")
    else:
        sheet.note(
            "A correction voids the signatures on the version before it. It is authorised by the second person who "
            "verifies the new one, where the process asks for one, and by the review before the decision (section 18)."
        )
    for rule, title in _RULES.items():
        _draw_flags(sheet, rule, title)


def _changes(edition: Edition, entry: Entry) -> list[Row]:
    """One row for each fact that differs, rows of facts and circumstances included."""
    old = edition.record.replaced(entry)
    if old is None:
        return []
    before, after = dict(_all_words(edition, old)), dict(_all_words(edition, entry))
    flags = [flag for flag in edition.flags_of_entry(entry) if flag.finding.rule == "correction"]
    where = edition.step_words(entry.step_key)
    return [
        (
            Cell(tags=tags_of(flags)),
            f"{where}: {label}",
            Cell(after.get(label, "no such row"), old=(before.get(label, "no such row"),)),
            f"{edition.name(entry.recorded_by)}\n{edition.when(entry.recorded_at)}",
            entry.reason or "",
            verified_words(edition, entry),
        )
        for label in dict.fromkeys([*before, *after])
        if before.get(label) != after.get(label)
    ]


def _all_words(edition: Edition, entry: Entry) -> list[tuple[str, str]]:
    return [
        *facts_in_words(edition, entry),
        (entry.performer_label, edition.name(entry.performed_by)),
        ("Performed at", edition.when(entry.performed_at)),
        ("Note", entry.note or "no note"),
    ]


def _draw_flags(sheet: Sheet, rule: str, title: str) -> None:
    edition = sheet.edition
    flags = [flag for flag in edition.flags if flag.finding.rule == rule]
    rows: list[Row] = [
        (
            Cell(tags=tags_of([flag])),
            edition.step_words(flag.finding.step_key),
            edition.when(flag.finding.at),
            flag.finding.sentence,
        )
        for flag in flags
    ]
    columns = (
        Column("Tag", 11),
        Column("Step", 20, "l", COND_BOLD),
        Column("At", 38),
        Column("What and why", 109),
    )
    table(sheet, columns, rows, f"{title}: {len(rows)}")
    if not rows:
        sheet.none(f"{title}: none.")
