"""Section 3: the master record, reproduced: all steps with their parameters, time limits, and the results judged."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND, COND_BOLD, MONO
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.signature_blocks import signature_blocks
from labrecords.documents.pages.tables import Row, Table, table
from labrecords.domain.processes import reproduction
from labrecords.domain.processes.parameters import label_in
from labrecords.domain.processes.process import Process


def draw_process(sheet: Sheet) -> None:
    """The definition that the batch was opened with, as data: nothing of it is written in code."""
    record = sheet.edition.record
    process, batch = record.process, record.batch
    sheet.begin_section(3)
    sheet.text(
        f"This is an accurate reproduction of master {process.key} version {process.version}, frozen by digest when "
        f"the batch was opened by {sheet.edition.name(batch.opened_by)} on {sheet.edition.when(batch.opened_at)}. "
        "It is made from the text inside the attached record, which has this digest. Checked by the system against the "
        "digest that the two people below signed: when the batch was opened, and when this document was drawn on "
        f"{sheet.edition.when(sheet.edition.document.issued_at)}."
    )
    sheet.pairs([("SHA-256 of the text", process.digest, MONO)], 1)
    _draw_approvals(sheet)
    sheet.pairs(reproduction.head_facts(process))
    _draw_steps(sheet, process)
    _draw_parameters(sheet, process)
    _draw_time_limits(sheet, process)
    _draw_visits(sheet, process)
    _draw_results(sheet, process)
    sheet.heading("Steps from which the yield is computed")
    sheet.pairs(reproduction.yield_facts(process))
    _draw_sources(sheet, process)


def _draw_approvals(sheet: Sheet) -> None:
    """Who prepared and who approved the master (21 CFR 211.186(a))."""
    approvals = sheet.edition.record.approvals
    if not approvals:
        sheet.none("Who prepared and who approved this master is not part of this record.")
    days = [day.isoformat() for item in approvals if (day := item.effective_from) is not None]
    words = f"Prepared, and checked and approved, effective from {days[0]}" if days else "Signatures"
    signature_blocks(sheet, [item.signature for item in approvals], words)


def _draw_steps(sheet: Sheet, process: Process) -> None:
    columns = (
        Column("Step", 10, "r", COND_BOLD),
        Column("Title and instruction", 66),
        Column("Kind", 22),
        Column("Phase", 20),
        Column("Required", 14),
        Column("Second person", 20),
        Column("Procedure", 26),
    )
    rows: list[Row] = [
        (
            str(step.number),
            f"{step.title}. {step.instruction}",
            step.kind.replace("_", " "),
            step.phase,
            "yes" if step.required else "no",
            reproduction.second_person_words(step),
            step.sop or reproduction.NONE,
        )
        for step in process.steps
    ]
    below = [
        [(sentence, COND) for sentence in reproduction.particulars(process, step)] for step in process.steps
    ]
    Table(sheet, columns, rows, "Steps, in their order", below=below).draw()


def _draw_parameters(sheet: Sheet, process: Process) -> None:
    columns = (
        Column("Step", 10, "r", COND_BOLD),
        Column("Parameter", 34),
        Column("Unit", 12),
        Column("Target", 14),
        Column("Possible", 23),
        Column("Usual", 23),
        Column("No alert", 23),
        Column("Accepted", 23),
        Column("Decimals", 16),
    )
    rows: list[Row] = []
    for step in process.steps:
        for name, limit in step.limits.items():
            words = reproduction.ranges(limit)
            rows.append(
                (
                    str(step.number),
                    label_in(step, name),
                    limit.unit,
                    words.target,
                    words.hard,
                    words.soft,
                    words.alert,
                    words.acceptance,
                    words.rounding,
                )
            )
    table(sheet, columns, rows, "Parameters of each step")


def _draw_time_limits(sheet: Sheet, process: Process) -> None:
    columns = (
        Column("What is limited", 50),
        Column("From the end of step", 48),
        Column("To the end of step", 48),
        Column("At least, min", 16, "r"),
        Column("At most, min", 16, "r"),
    )
    rows: list[Row] = [
        (
            limit.label,
            reproduction.step_of(process, limit.start),
            reproduction.step_of(process, limit.end),
            reproduction.number(limit.min_min),
            reproduction.number(limit.max_min),
        )
        for limit in process.time_limits
    ]
    table(sheet, columns, rows, "Time limits between steps")
    if not rows:
        sheet.none("Time limits between steps: none.")


def _draw_visits(sheet: Sheet, process: Process) -> None:
    columns = (Column("Follow-up visit", 60), Column("When it is due", 118))
    rows: list[Row] = [(visit.name, reproduction.visit_words(visit)) for visit in process.follow_up]
    table(sheet, columns, rows, "Follow-up visits after the injection")
    if not rows:
        sheet.none("Follow-up visits after the injection: none are scheduled.")


def _draw_results(sheet: Sheet, process: Process) -> None:
    columns = (
        Column("Result", 42),
        Column("Unit", 12),
        Column("No alert", 26),
        Column("Accepted", 26),
        Column("Rule", 56),
        Column("Required", 16),
    )
    rows: list[Row] = []
    for spec in process.results:
        words = reproduction.ranges(spec.limit)
        required = "yes" if spec.required else "no"
        rows.append(
            (
                spec.label,
                spec.limit.unit,
                words.alert,
                words.acceptance,
                reproduction.rule(spec.limit),
                required,
            )
        )
    table(sheet, columns, rows, "Results judged at release")


def _draw_sources(sheet: Sheet, process: Process) -> None:
    if process.sources:
        sheet.heading("Sources")
    for source in process.sources:
        sheet.note(source)
