"""Section 12: in-process controls with their limits, and what was made of each sample (21 CFR 211.188(b)(5), (10))."""

from __future__ import annotations

from collections.abc import Iterator

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import outcome_cell
from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import limit_words
from labrecords.documents.sections.placement import SAMPLES, steps_in
from labrecords.documents.sections.second_person import verified_words
from labrecords.documents.sections.steps import draw_steps
from labrecords.domain.custody.names import same_container
from labrecords.domain.entries import Entry
from labrecords.domain.processes.process import PROCESSING
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.results import judged_values
from labrecords.domain.steps.counted import Counted
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values.limits import Outcome
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import grouped, mid_sentence, with_unit


def draw_in_process(sheet: Sheet) -> None:
    """Both tables, then the steps that drew the samples."""
    edition = sheet.edition
    sheet.begin_section(SAMPLES, need=120)
    steps = steps_in(edition.record, SAMPLES)
    controls, samples = list(_controls(edition)), list(_samples(edition))
    columns = (
        Column("Step", 10, "r", COND_BOLD),
        Column("Control", 44),
        Column("Value", 20, "r"),
        Column("Unit", 14),
        Column("Limit", 46),
        Column("Verified by", 26),
        Column("Outcome", 18),
    )
    table(
        sheet, columns, controls, "In-process controls: values with an alert limit or a range of acceptance"
    )
    if not controls:
        sheet.none("In-process controls: none recorded that has an alert limit or a range of acceptance.")
    made = (
        Column("Sample", 24, "l", COND_BOLD),
        Column("Drawn from", 22),
        Column("Drawn by, at", 40),
        Column("Volume", 16, "r"),
        Column("Counts and tests of it", 76),
    )
    table(sheet, made, samples, "Samples, and what was made of each")
    if not steps:
        sheet.none(NOT_PART)
    draw_steps(sheet, steps)


def _controls(edition: Edition) -> Iterator[Row]:
    for entry in edition.record.current_entries():
        step = edition.record.process.step(entry.step_key)
        if step.phase != PROCESSING:
            continue
        for value in judged_values(edition.record, entry):
            if value.judgement.outcome is not Outcome.NO_LIMIT:
                yield (
                    str(step.number),
                    value.label,
                    grouped(value.value),
                    value.unit,
                    limit_words(value.limit),
                    verified_words(edition, entry, when=False),
                    outcome_cell(value.judgement.outcome),
                )


def _samples(edition: Edition) -> Iterator[Row]:
    for sample in edition.record.of_kind(Sample):
        made = [_made_words(edition, entry) for entry in _of_sample(edition, sample)]
        yield (
            Cell(sample.sample_code),
            sample.container_code,
            f"{edition.name(sample.performed_by)}, {edition.when(sample.performed_at)}",
            with_unit(plain(sample.volume_ml), "mL"),
            "; ".join(made) or "none recorded",
        )


def _of_sample(edition: Edition, sample: Sample) -> list[Entry]:
    """The counts and tests that name the sample, repeats and earlier reports included."""
    return [
        entry
        for entry in edition.record.entries
        if isinstance(entry, (Counted, Assay))
        and same_container(edition.record, entry.sample_code, sample.sample_code)
    ]


def _made_words(edition: Edition, entry: Entry) -> str:
    step = edition.record.process.step(entry.step_key)
    state = f", {entry.state}" if isinstance(entry, Assay) else ""
    standing = "" if entry is edition.record.current(entry.step_key) else ", replaced or repeated"
    return f"step {step.number}, {mid_sentence(step.title)}{state}{standing}"
