"""Section 21: complications, adverse events, follow-up, and what is known after the release."""

from __future__ import annotations

from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.sections.placement import KNOWN_LATER, steps_in
from labrecords.documents.sections.recalls import draw_recalls
from labrecords.documents.sections.steps import draw_steps
from labrecords.documents.sections.tests import draw_late_results
from labrecords.documents.sections.visits import draw_visits
from labrecords.domain.entries import Entry
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.adverse_event import AdverseEvent
from labrecords.domain.steps.follow_up import FollowUp


def _complications(entry: Entry) -> str:
    """What a step states of complications: as a whole, and at each injected site."""
    said = [getattr(entry, "complications", None) or ""]
    if isinstance(entry, Injection):
        said += [f"{site.words()}: {site.complication}" for site in entry.sites if site.complication]
    return "; ".join(filter(None, said))


def draw_follow_up(sheet: Sheet) -> None:
    """Complications as the steps state them, adverse events, follow-up visits, what late tests gave, and recalls."""
    edition = sheet.edition
    sheet.begin_section(21, need=40)
    rows: list[Row] = [
        (
            edition.step_words(entry.step_key),
            said,
            edition.name(entry.performed_by),
            edition.when(entry.performed_at),
        )
        for entry in edition.record.current_entries()
        if (said := _complications(entry))
    ]
    columns = (Column("Step", 20), Column("Complication", 84), Column("By", 37), Column("At", 37))
    table(sheet, columns, rows, "Complications stated by the physician")
    if not rows:
        sheet.none("Complications: none stated.")
    told = steps_in(edition.record, KNOWN_LATER)
    draw_steps(sheet, events := [step for step in told if step.kind == AdverseEvent.kind])
    if not events:
        sheet.none("Adverse events: none recorded.")
    draw_visits(sheet)
    draw_steps(sheet, [step for step in told if step.kind == FollowUp.kind])
    if told:
        sheet.y -= 6
    draw_late_results(sheet)
    draw_recalls(sheet)
