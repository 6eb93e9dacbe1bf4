"""What happened beside the entries of a step: its timers, and its pauses with what was typed until then."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.pauses import Pause, pauses_of
from labrecords.domain.processes.process import Step
from labrecords.domain.timers import Timer, end_of, timers_of
from labrecords.domain.values.typography import counted, mid_sentence


def draw_timers(sheet: Sheet, step: Step) -> None:
    """Every timer of a step, ended or not."""
    edition = sheet.edition
    columns = (
        Column("Timer", 34),
        Column("Planned", 18, "r"),
        Column("Started", 48),
        Column("Ended", 48),
        Column("Ran", 20, "r"),
        Column("Event", 10, "r"),
    )
    rows = [_timer_row(edition, timer) for timer in timers_of(edition.record, step.key)]
    table(sheet, columns, rows, "Timers, by the server's clock")


def _timer_row(edition: Edition, timer: Timer) -> Row:
    end = end_of(edition.record, timer)
    return (
        timer.label,
        counted(timer.due_at - timer.started_at) if timer.due_at else "counted up",
        Cell(edition.when(timer.started_at), remark=edition.name(timer.started_by)),
        Cell(edition.when(end.ended_at), remark=f"{end.outcome}, {edition.name(end.ended_by)}")
        if end
        else "nobody ended it",
        counted(end.ended_at - timer.started_at) if end else "",
        edition.event_of(timer.id),
    )


def draw_pauses(sheet: Sheet, step: Step) -> None:
    """Every pause of a step, with the texts that stood in its form."""
    edition = sheet.edition
    columns = (
        Column("Paused by", 32),
        Column("At", 38),
        Column("Note", 38),
        Column("Typed until then", 60),
        Column("Event", 10, "r"),
    )
    rows: list[Row] = [
        (
            edition.name(pause.person_id),
            edition.when(pause.recorded_at),
            pause.note or "",
            _typed_words(edition, step, pause),
            edition.event_of(pause.id),
        )
        for pause in pauses_of(edition.record, step.key)
    ]
    table(sheet, columns, rows, "Pauses: what was typed was kept, and not judged")


def _typed_words(edition: Edition, step: Step, pause: Pause) -> str:
    """Label and text of every entry, names and codes in the place of ids."""
    facts = {fact.name: fact for fact in facts_of(KINDS[step.kind])}
    names = {person.id: person.name for person in edition.record.people}
    names |= {item.id: item.code for item in edition.record.equipment}
    found = []
    for name, text in sorted(pause.typed.items(), key=lambda item: _place(list(facts), item[0])):
        fact = facts.get(name.partition("-")[0])
        label = mid_sentence(fact.label) if fact else name.replace("_", " ")
        number, _, column = name.partition("-")[2].partition("-")
        if fact is not None and fact.type is FactType.ROWS and number.isdigit():
            label += f" {int(number) + 1}, {column.replace('_', ' ')}"
        found.append(f"{label}: {names.get(text, text)}")
    return "; ".join(found) or "nothing"


def _place(order: list[str], name: str) -> tuple[int, str]:
    fact = name.partition("-")[0]
    return (order.index(fact) if fact in order else len(order), name)
