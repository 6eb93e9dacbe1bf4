"""Section 3: the master record, reproduced: all steps with their limits, and the results that are judged."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD, MONO
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import limit_words
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.limits import Limit, judge
from labrecords.domain.numbers import plain
from labrecords.domain.process import Step
from labrecords.domain.typography import grouped_within

_NO = "no limit"


def draw_process(sheet: Sheet) -> None:
    """The definition that the batch was opened with, as data: nothing of it is written in code."""
    process = sheet.edition.record.process
    sheet.begin_section(3)
    sheet.text(
        f"This is the process definition {process.key}, version {process.version}, that this batch was opened with. "
        "It was frozen by its digest then; the definition itself is inside the attached record, and this section is "
        "made from it."
    )
    sheet.pairs(
        [
            ("Title", process.title),
            ("Product", process.product),
            ("What is counted as dose", process.population),
            ("Pathway", process.pathway),
            ("Release before use", "required" if process.release_required else "not required"),
            ("Entry is late after", f"{process.late_after_min} min"),
            (
                "Age since harvest, at most",
                f"{plain(process.max_age_h)} h" if process.max_age_h is not None else _NO,
            ),
            (
                "Shelf life since filling",
                f"{plain(process.shelf_life_h)} h" if process.shelf_life_h is not None else _NO,
            ),
            ("Custody gap, tolerated", f"{plain(process.custody_gap_min)} min"),
        ]
    )
    sheet.pairs([("SHA-256 of the definition", process.digest, MONO)], 1)
    columns = (
        Column("Step", 10, "r", COND_BOLD),
        Column("Title and instruction", 76),
        Column("Kind", 24),
        Column("Phase", 22),
        Column("Required", 18),
        Column("Second person", 28),
    )
    rows: list[Row] = [
        (
            str(step.number),
            f"{step.title}. {step.instruction}",
            step.kind,
            step.phase,
            "yes" if step.required else "no",
            "verifies" if step.second_person else "no",
        )
        for step in process.steps
    ]
    table(sheet, columns, rows, "Steps, in their order")
    _draw_limits(sheet)
    _draw_results(sheet)
    for source in process.sources:
        sheet.note(source)
    sheet.note(
        "Reproduced from the frozen definition by the system; approvals of masters are not part of this version."
    )


def _draw_limits(sheet: Sheet) -> None:
    columns = (
        Column("Step", 10, "r", COND_BOLD),
        Column("Value", 46),
        Column("Unit", 14),
        Column("Limits", 84),
        Column("Decimals", 24),
    )
    rows: list[Row] = [
        (
            str(step.number),
            _label(step, name),
            limit.unit,
            limit_words(limit, possible=True),
            _decimals(limit),
        )
        for step in sheet.edition.record.process.steps
        for name, limit in step.limits.items()
    ]
    table(sheet, columns, rows, "Limits of the values of each step")


def _label(step: Step, name: str) -> str:
    """The label of a fact, of a fact within its rows ("draws.volume_ml"), or the name of a computed value."""
    kind: type | None = KINDS.get(step.kind)
    labels: list[str] = []
    for part in name.split("."):
        found = [fact for fact in facts_of(kind) if fact.name == part] if kind else []
        if not found:
            return name.replace("_", " ")
        labels.append(found[0].label)
        kind = found[0].row
    return ": ".join(labels)


def _decimals(limit: Limit) -> str:
    return "as entered" if limit.decimals is None else f"{limit.decimals}, {limit.rounding}"


def _draw_results(sheet: Sheet) -> None:
    columns = (
        Column("Result", 44),
        Column("Unit", 14),
        Column("Limits", 42),
        Column("Rule", 60),
        Column("Required", 18),
    )
    rows: list[Row] = [
        (
            spec.label,
            spec.limit.unit,
            limit_words(spec.limit),
            grouped_within(judge(None, spec.limit).rule),
            "yes" if spec.required else "no",
        )
        for spec in sheet.edition.record.process.results
    ]
    table(sheet, columns, rows, "Results judged at release")
