"""Section 23: the complete audit trail of the record: every event with every value it inserted, and its digest."""

from __future__ import annotations

import json
from typing import Any

from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO
from labrecords.documents.drawing.wrapping import groups
from labrecords.documents.edition import Edition, Event
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.outcomes import tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, Table
from labrecords.domain.evidence.trail import GENESIS
from labrecords.domain.values import times

_COLUMNS = (
    Column("No.", 8, "r", COND_BOLD, 7.2),
    Column("UTC", 40, "l", COND, 7.2),
    Column("Local", 36, "l", COND, 7.2),
    Column("User", 26, "l", COND, 7.2),
    Column("Act", 38, "l", COND_BOLD, 7.2),
    Column("Object", 30, "l", COND, 7.2),
)


_ONCE = ("id", "batch_id", "statement")
"""Columns that are not repeated: the row's id stands before its values, the batch is that of the chain, and a
signature's statement consists of the values beside it, with its digest."""


def draw_trail(sheet: Sheet) -> None:
    """All events of the batch's chain, from its opening to the event before this document."""
    edition = sheet.edition
    sheet.begin_section(23, need=120)
    sheet.text(
        f"{len(edition.events)} events of the chain {edition.record.head.chain}, complete from the first; reading a "
        "record is no event. Each event's digest is the SHA-256 of its bytes in the attached record, and those bytes "
        f"name the digest of the event before it; the first names {GENESIS[:8]}… (64 zeros). Every inserted row (+) is "
        "printed with its id and all its values; the batch is named once, and of a signature's statement, which "
        "consists of the values beside it, the digest is printed."
    )
    rows: list[Row] = []
    below, edges = [], []
    flags_of_event = _flags_by_event(edition)
    for event in edition.events:
        rows.append(_head(edition, event))
        below.append(_body(event))
        edges.append(tags_of(flags_of_event.get(event.seq, ())))
    Table(sheet, _COLUMNS, rows, "Audit trail", below=below, edges=edges, size=7.2, lead=8.7, pad=2.4).draw()


def _flags_by_event(edition: Edition) -> dict[int, Any]:
    found: dict[int, list[Any]] = {}
    for flag in edition.flags:
        seq = edition.event_of(flag.finding.entry_id)
        if seq:
            found.setdefault(int(seq), []).append(flag)
    return found


def _head(edition: Edition, event: Event) -> Row:
    fields = event.fields
    at = times.from_text(fields["at"])
    subject = edition.step_words(fields["subject"]) or fields["subject"] or "batch"
    return (
        str(fields["seq"]),
        fields["at"],
        edition.when(at),
        fields["actor"]["username"],
        fields["act"],
        subject,
    )


def _body(event: Event) -> list[tuple[str, str]]:
    fields = event.fields
    lines = []
    if fields["reason"] is not None:
        lines.append((f"reason: {fields['reason']}", COND_BOLD))
    for name in ("detail", "refs"):
        if fields[name]:
            lines.append(
                (f"{name}: {'; '.join(f'{key} = {value}' for key, value in fields[name].items())}", COND)
            )
    lines.append((f"by {fields['actor']['name']}, id {fields['actor']['id'] or 'none'}", COND))
    lines += [(_row_words(row), COND) for row in fields["rows"]]
    lines.append((f"SHA-256 {groups(event.digest)}", MONO))
    return lines


def _row_words(row: dict[str, Any]) -> str:
    """Every column of an inserted row; those without a value are named at the end."""
    values = {name: value for name, value in row["values"].items() if name not in _ONCE}
    stated = [f"{name} = {_value(value)}" for name, value in values.items() if value not in (None, "")]
    empty = [name for name, value in values.items() if value in (None, "")]
    words = f"+ {row['table']} {row['id']}: " + "; ".join(stated)
    return words + (f"; empty: {', '.join(empty)}" if empty else "")


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
