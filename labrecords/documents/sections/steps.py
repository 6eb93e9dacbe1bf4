"""One step of the process on paper: instruction, facts, computed values, versions, reasons, signatures.

It works from what a kind declares (facts, derived numbers, stops), so that a new kind is printed without new code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labrecords.documents.drawing.ink import GREY
from labrecords.documents.drawing.typefaces import COND, COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.formulas import formula_box
from labrecords.documents.pages.outcomes import tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.signature_blocks import signature_blocks
from labrecords.documents.pages.tables import Row, Table, table
from labrecords.documents.sections.step_bench import draw_pauses, draw_timers
from labrecords.documents.sections.step_facts import draw_facts, facts_table
from labrecords.documents.sections.step_files import draw_files
from labrecords.documents.sections.step_sources import source_words
from labrecords.domain.entries import Entry
from labrecords.domain.processes.process import Step
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.measurements import measurements
from labrecords.domain.review.reentry import asked_again
from labrecords.domain.review.release import missing_confirmations
from labrecords.domain.rules.findings import stops_of
from labrecords.domain.values.typography import mid_sentence

_FORMER = {"counts": "", "replaced": ", which was replaced", "kept": ", a result kept"}
_CHANGES = ("correction", "changed after decision")
INTRODUCED, INTRODUCED_BY, STEP_HEADING = 90.0, 26, 36
"""Points that the beginning of a step takes at least, its instruction in two lines, and the heading above that."""
WHO_AND_WHEN, WHO_AND_WHEN_ROW = 64, 16
"""Points that head and notes, and a row, of the last table of a step take: its closing sentences stand on its page."""


def draw_steps(sheet: Sheet, steps: Iterable[Step]) -> None:
    """Steps one after another."""
    for step in steps:
        draw_step(sheet, step)


def begin_with_steps(sheet: Sheet, section: int, steps: Sequence[Step]) -> None:
    """The heading of a section, on the page on which its first step begins."""
    first = steps[0] if steps else None
    versions = measurements(sheet.edition.record.history(first.key))[:1] if first else ()
    need = max([0.0, *(_beginning(facts_table(sheet, first, item)) for item in versions if first)])
    sheet.begin_section(section, need=max(INTRODUCED, need) + STEP_HEADING)


def _beginning(facts: Table) -> float:
    """Points that the instruction of a step and the beginning of its facts take."""
    return INTRODUCED_BY + (facts.to_begin() if facts.rows else 0)


def draw_step(sheet: Sheet, step: Step) -> None:
    """Everything about one step, or why there is nothing."""
    edition = sheet.edition
    history = edition.record.history(step.key)
    results = measurements(history)
    facts = [facts_table(sheet, step, versions) for versions in results]
    need = max([INTRODUCED, *map(_beginning, facts[:1])])
    sheet.heading(f"Step {step.number}. {step.title}", tags_of(edition.flags_of_step(step.key)), need=need)
    sheet.text(step.instruction, COND, 8, colour=GREY, after=2)
    for number, versions in enumerate(results, start=1):
        if len(results) > 1:
            sheet.need(_beginning(facts[number - 1]))
            sheet.text(_result_words(edition, results, number), COND_BOLD, 9, after=3)
        draw_facts(facts[number - 1], step, versions)
        for derived in edition.record.derived(versions[-1]):
            formula_box(sheet, derived)
        for remark in versions[-1].remarks(edition.record):
            # Of the result that counts, what is a finding is printed with its tag below.
            if remark.severity is None or number < len(results):
                sheet.note(f"{remark.sentence} {remark.way_out}")
    if history:
        _draw_versions(sheet, history)
    draw_files(sheet, step)
    draw_timers(sheet, step)
    draw_pauses(sheet, step)
    _draw_not_done(sheet, step, recorded=bool(history))
    _draw_reasons(sheet, step, history)
    _draw_signatures(sheet, step, history)


def _result_words(edition: Edition, results: Sequence[Sequence[Entry]], number: int) -> str:
    """Which result of a repeated measurement follows, and why it was repeated."""
    entry = results[number - 1][-1]
    if isinstance(entry, Assay):
        counts = ", which counts" if number == len(results) else ""
        return f"Report {number}: {entry.state}{counts}"
    if number == len(results):
        return f"Result {number}, which counts"
    following = results[number][0]
    word = "First result" if number == 1 else f"Result {number}"
    return f"{word}. Repeated by {edition.name(following.recorded_by)}: {following.reason}"


def _draw_not_done(sheet: Sheet, step: Step, *, recorded: bool) -> None:
    edition, record = sheet.edition, sheet.edition.record
    notes = [item for item in record.not_done if item.step_key == step.key]
    if not notes and not recorded:
        needed = "required" if step.required else "optional"
        sheet.text(f"Not recorded up to this version of the record ({needed}).", COND, 8.4)
    rows: list[Row] = [
        (
            Cell("not done", mark="not done"),
            item.reason,
            edition.name(item.recorded_by),
            edition.when(item.recorded_at),
            edition.event_of(item.id),
        )
        for item in notes
    ]
    columns = (
        Column("State", 20),
        Column("Reason", 70),
        Column("Noted by", 38),
        Column("Noted at", 38),
        Column("Event", 12, "r"),
    )
    title = "Noted as not done" + (", and recorded later" if recorded else "")
    table(sheet, columns, rows, title)


def _draw_versions(sheet: Sheet, history: Sequence[Entry]) -> None:
    sheet.need(WHO_AND_WHEN + len(history) * WHO_AND_WHEN_ROW)
    edition = sheet.edition
    columns = (
        Column("Version", 24),
        Column(history[-1].performer_label, 33),
        Column(history[-1].ended_label, 36),
        Column("Recorded by", 33),
        Column("Recorded at", 42),
        Column("Event", 10, "r"),
    )
    rows: list[Row] = []
    for number, entry in enumerate(history, start=1):
        flags = edition.flags_of_entry(entry)
        late = tags_of([flag for flag in flags if flag.finding.rule == "late entry"])
        changed = tags_of(
            [
                flag
                for flag in flags
                if flag.finding.rule in _CHANGES or flag.finding.rule.startswith("repeat")
            ]
        )
        word = f"{number}, {_standing(history, number)}"
        rows.append(
            (
                Cell(word if len(history) > 1 else str(number), tags=changed),
                edition.name(entry.performed_by),
                edition.when(entry.performed_at),
                edition.name(entry.recorded_by),
                Cell(edition.when(entry.recorded_at), tags=late, remark="LATE ENTRY" if late else ""),
                edition.event_of(entry.id),
            )
        )
    table(sheet, columns, rows, "Who and when", [(None, source_words(edition, history[-1]))])


def _standing(history: Sequence[Entry], number: int) -> str:
    """What the version with this number is now: it counts, was replaced, or is a result kept beside a repeat."""
    if number == len(history):
        return "counts"
    return "replaced" if history[number].corrects else "kept"


def _draw_reasons(sheet: Sheet, step: Step, history: Sequence[Entry]) -> None:
    """Every flag of the step in full, then the reasons that no flag repeats."""
    edition = sheet.edition
    for flag in edition.flags_of_step(step.key):
        sheet.note(flag.finding.sentence, tags_of([flag])[0])
    for number, entry in enumerate(history, start=1):
        for sentence in _unflagged(edition, entry, current=entry is history[-1]):
            sheet.note(f"Version {number}: {sentence}" if len(history) > 1 else sentence)
    if history and not stops_of(edition.record, history[-1]):
        sheet.note(
            "Checked by the system against the order of steps, times, codes and registers: nothing stood against it."
        )


def _unflagged(edition: Edition, entry: Entry, *, current: bool) -> list[str]:
    rules = {flag.finding.rule for flag in edition.flags_of_entry(entry)}
    found = []
    if entry.late_reason and "late entry" not in rules:
        found.append(f"reason for recording it late: {entry.late_reason}")
    if entry.happened_reason and not (current and stops_of(edition.record, entry)):
        found.append(f"recorded although the system had stopped it, with the reason: {entry.happened_reason}")
    if not current:
        found += [
            f"reason for an unusual value of {name.replace('_', ' ')}: {why}"
            for name, why in entry.confirmed.items()
        ]
    return found


def _draw_signatures(sheet: Sheet, step: Step, history: Sequence[Entry]) -> None:
    record = sheet.edition.record
    shown: set[str] = set()
    for number, entry in enumerate(history, start=1):
        given = [record.signature(item.signature_id) for item in record.confirmations_of(entry)]
        shown |= {signature.id for signature in given}
        version = f", version {number}" + _FORMER[_standing(history, number)] if len(history) > 1 else ""
        signature_blocks(sheet, given, f"Signatures to step {step.number}{version}")
    labels = {again.name: again.fact.label for entry in history for again in asked_again(entry, step)}
    for item in (again for entry in history for again in record.reentries_of(entry) if not again.differs):
        values = ", ".join(
            f"{mid_sentence(labels.get(name, name))} {typed}" for name, typed in item.typed.items()
        )
        sheet.note(
            f"Entered again without seeing it by {sheet.edition.name(item.person_id)}, "
            f"{sheet.edition.when(item.recorded_at)}: {values}. Both entries agree."
        )
    others = [item for item in record.signatures if item.subject == step.key and item.id not in shown]
    signature_blocks(sheet, others, f"Signatures to step {step.number}")
    for blocker in missing_confirmations(record, step.phase):
        if blocker.step_key == step.key:
            sheet.text(f"Open: {blocker.sentence}", COND_BOLD, 8.4)
