"""Section 13, its tables: theoretical and actual yield (21 CFR 211.103), and the balance of volumes step by step."""

from __future__ import annotations

from decimal import Decimal

from labrecords.documents.drawing.marks import ALERT
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.domain.calculations.derived import scientific
from labrecords.domain.results.balance import balance
from labrecords.domain.results.cell_balance import CellBalance, cell_balances
from labrecords.domain.results.results import results
from labrecords.domain.results.step_balance import StepBalance, step_balances
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import grouped

NOT_COUNTED = "not counted"


def draw_theoretical(sheet: Sheet) -> None:
    """What was to be expected, what there is, and the one in per cent of the other."""
    record = sheet.edition.record
    have, rows = results(record), list[Row]()
    for theory, share in (("tnc_before", "recovery_percent"), ("expected_cells", "yield_percent")):
        if theory in have and share in have:
            part = have[share]
            rows.append(
                (
                    "Nucleated cells of the product",
                    have[theory].label,
                    have[theory].reported,
                    have["tnc_after"].reported,
                    f"{part.reported} %",
                    part.formula_id,
                )
            )
    given = balance(record)
    if given is not None and given.available_ml > 0:
        actual = given.injected_ml + given.residual_ml
        given_share = round_half_up(actual / given.available_ml * 100, 1)
        words = "Left for injection, mL"
        rows.append(
            (
                "Product, mL",
                words,
                plain(given.available_ml),
                plain(actual),
                f"{plain(given_share)} %",
                "balance",
            )
        )
    columns = (
        Column("Stage", 44),
        Column("Theoretical is", 41),
        Column("Theoretical", 24, "r"),
        Column("Actual", 24, "r"),
        Column("Share", 18, "r"),
        Column("Formula", 27),
    )
    table(sheet, columns, rows, "Theoretical and actual yield")


def draw_balance(sheet: Sheet) -> None:
    """In and added = out, sample, waste and kept apart; the difference is what stayed behind or was lost."""
    record = sheet.edition.record
    rows: list[Row] = [
        (
            f"{item.step.number}. {item.step.title}",
            _ml(item.in_ml),
            _ml(item.added_ml),
            _ml(item.out_ml),
            _ml(item.sample_ml),
            _ml(item.waste_ml),
            _ml(item.retained_ml),
            _difference(item),
            grouped(scientific(item.cells)) if item.cells is not None else "",
        )
        for item in step_balances(record)
    ]
    columns = (
        Column("Step", 46),
        Column("In, mL", 15, "r"),
        Column("Added", 14, "r"),
        Column("Out", 14, "r"),
        Column("Sample", 14, "r"),
        Column("Waste", 15, "r"),
        Column("Kept apart", 15, "r"),
        Column("Difference", 24, "r"),
        Column("Cells there", 21, "r"),
    )
    table(sheet, columns, rows, "Balance of volumes, step by step")
    if rows:
        tolerance = plain(record.process.balance_tolerance_percent)
        sheet.note(
            "Difference = in + added − out − sample − waste − kept apart; “open” where it, or what was there before "
            f"the step, is more than {tolerance} % off. Cells there = count × volume at that time (tnc/1)."
        )


def draw_cells(sheet: Sheet) -> None:
    """In = out, samples, what was set aside, and what was not found, from count to count."""
    edition = sheet.edition
    rows: list[Row] = [
        (
            edition.step_words(item.start.key) if item.start else "the beginning",
            edition.step_words(item.end.key),
            _cells(item.cells_in),
            _cells(item.cells_out),
            _cells(item.samples),
            _cells(item.set_aside),
            _not_found(item),
        )
        for item in cell_balances(edition.record)
    ]
    columns = (
        Column("From", 32),
        Column("To", 32),
        Column("Cells in", 22, "r"),
        Column("Out", 22, "r"),
        Column("In samples", 22, "r"),
        Column("Waste, kept apart", 22, "r"),
        Column("Not found", 26, "r"),
    )
    table(sheet, columns, rows, "Balance of cells, from count to count")
    if rows:
        sheet.note(
            "Cells = count × volume (tnc/1). Not found = in − out − samples − waste and kept apart; what was not "
            "counted is not taken for 0, and stands among the cells that were not found."
        )


def _cells(number: Decimal | None) -> str:
    return NOT_COUNTED if number is None else grouped(scientific(number))


def _not_found(item: CellBalance) -> str:
    number = item.not_found
    if number is None:
        return ""
    return grouped(scientific(number)) if number >= 0 else f"{grouped(scientific(-number))} more out than in"


def _difference(item: StepBalance) -> Cell | str:
    said = _ml(item.difference_ml)
    return said if item.closed else Cell(f"{said} open", mark=ALERT)


def _ml(volume: Decimal | None) -> str:
    return NOT_STATED if volume is None else plain(volume)
