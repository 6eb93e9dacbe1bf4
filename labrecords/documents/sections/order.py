"""Section 5: what was ordered, under the pseudonym, before the steps that check order, consent and identity."""

from __future__ import annotations

from labrecords.documents.pages.outline import NOT_PART
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.sections.placement import ORDER, steps_in
from labrecords.documents.sections.steps import begin_with_steps, draw_steps
from labrecords.domain.registers.orders import BatchOrder

HEAD_NEED = 110
"""Points that the heading and the first rows of the order take."""


def draw_order_section(sheet: Sheet) -> None:
    """The order, if the batch was opened from one, and the steps of the section."""
    record = sheet.edition.record
    steps = steps_in(record, ORDER)
    if record.orders:
        sheet.begin_section(ORDER, need=HEAD_NEED)
    else:
        begin_with_steps(sheet, ORDER, steps)
    for order in record.orders:
        _draw(sheet, order)
    if not steps and not record.orders:
        sheet.none(NOT_PART)
    draw_steps(sheet, steps)


def _draw(sheet: Sheet, order: BatchOrder) -> None:
    edition = sheet.edition
    batch = edition.record.batch
    sheet.heading(f"Order {order.code}")
    noted = f": {order.indication_note}" if order.indication_note else ""
    sheet.pairs(
        [
            ("Patient", batch.patient_code),
            ("Chain of identity", batch.identity_code),
            ("Product, as its master record", order.process_key),
            ("Indication", f"{order.indication}{noted}"),
            ("Prescribed by", order.prescriber),
            ("Consent", f"{order.consent_version}, given on {order.consent_date.isoformat()}"),
            ("Written by", f"{edition.name(order.ordered_by)}, {edition.when(order.ordered_at)}"),
            ("Targets", str(len(order.targets))),
        ],
        2,
    )
    sheet.pairs([(f"Target {n}", target.in_full()) for n, target in enumerate(order.targets, 1)], 1)
