"""Section 20: bedside check, injection, what was left, and the balance of the product."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.pages.cells import Cell, Column
from labrecords.documents.pages.outcomes import met
from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.signature_blocks import signature_blocks
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.placement import ADMINISTERED, steps_in
from labrecords.documents.sections.steps import begin_with_steps, draw_steps
from labrecords.domain.results.balance import balance
from labrecords.domain.results.container_balance import container_balances
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain


def draw_administration(sheet: Sheet) -> None:
    """The steps of the administration, the balance, and the signature that closes it."""
    record = sheet.edition.record
    steps = steps_in(record, ADMINISTERED)
    begin_with_steps(sheet, ADMINISTERED, steps)
    if not steps:
        sheet.none(NOT_PART)
    draw_steps(sheet, steps)
    _draw_balance(sheet)
    _draw_containers(sheet)
    signed = [record.signature(closure.signature_id) for closure in record.closures]
    signature_blocks(
        sheet, signed, "Signatures to section 20: what became of the product is recorded completely"
    )
    if not signed:
        sheet.text("The administration is not closed up to this version of the record.")


def _draw_containers(sheet: Sheet) -> None:
    """The same of each container, where the product was in several."""
    rows: list[Row] = [
        (
            code,
            plain(found.available_ml),
            plain(found.injected_ml),
            plain(found.residual_ml),
            plain(found.difference_ml),
            met(found.closed, "closed", "OPEN"),
        )
        for code, found in container_balances(sheet.edition.record).items()
    ]
    columns = (
        Column("Container", 58),
        Column("Held, mL", 24, "d"),
        Column("Injected, mL", 24, "d"),
        Column("Left, mL", 24, "d"),
        Column("Difference, mL", 26, "d"),
        Column("Result", 22),
    )
    if rows:
        table(sheet, columns, rows, "Balance of each container: held = injected + left")


def _draw_balance(sheet: Sheet) -> None:
    """What was left for injection = injected + residual, within the tolerance of the process."""
    found = balance(sheet.edition.record)
    if found is None:
        return
    share = found.share_percent
    shown = "nothing was left" if share is None else f"{plain(round_half_up(share, 1))} %"
    rows: list[Row] = [
        ("Left for injection: final volume less the sample", plain(found.available_ml), "section 13", ""),
        ("Injected", plain(found.injected_ml), "sum of the sites, 0 without an injection", ""),
        ("Residual", plain(found.residual_ml), "as measured", ""),
        (
            Cell("Difference", face=COND_BOLD),
            plain(found.difference_ml),
            f"{shown}; at most {plain(found.tolerance_percent)} %",
            met(found.closed, "closed", "OPEN"),
        ),
    ]
    columns = (
        Column("Balance", 84),
        Column("mL", 24, "d"),
        Column("Source or limit", 48),
        Column("Result", 22),
    )
    table(sheet, columns, rows, "Balance of the product: left for injection = injected + residual")
