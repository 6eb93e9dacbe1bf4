"""Section 10: who held the material where, from the harvest to the injection; every hand-over in full."""

from __future__ import annotations

from labrecords.documents.drawing.typefaces import COND_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Cell, Column, Tag
from labrecords.documents.pages.custody_ribbon import axis_for, draw_ribbon, lanes_of
from labrecords.documents.pages.geometry import LEFT, MM
from labrecords.documents.pages.outcomes import tags_of
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.documents.pages.values import NOT_STATED
from labrecords.documents.sections.placement import CUSTODY, steps_in
from labrecords.documents.sections.steps import draw_steps
from labrecords.documents.sections.temperatures import draw_temperatures
from labrecords.domain.custody.batch_chain import handovers, offers, segments
from labrecords.domain.custody.holders import Segment
from labrecords.domain.custody.quarantine import in_quarantine
from labrecords.domain.steps.label_over import LabelOver
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import duration

_LANE = 30


def draw_custody(sheet: Sheet) -> None:
    """The ribbon, the table of holders, the breaks, and the steps that hand over."""
    edition = sheet.edition
    sheet.begin_section(CUSTODY, need=160)
    lanes = lanes_of(edition)
    if not lanes:
        sheet.none("None: nothing was harvested.")
    else:
        high = 12 + len(lanes) * _LANE + 20
        sheet.need(high)
        axis = axis_for(edition, (), LEFT + 24 * MM)
        sheet.y = draw_ribbon(sheet.ink, edition, lanes, axis, sheet.y - 4, _LANE) - 10
        _draw_holders(sheet)
        draw_temperatures(sheet)
    draw_steps(sheet, steps_in(edition.record, CUSTODY))


def _quarantined(edition: Edition) -> str:
    """The hand-overs of what was not released, in words; empty where there was none."""
    record = edition.record
    given = [item for item in handovers(record) if in_quarantine(record, item.given_at)]
    return ", ".join(f"{item.container_code} at {edition.when(item.given_at)}" for item in given)


def _holder(segment: Segment) -> str:
    """Who holds it; of what a place keeps also who owns the place."""
    if not segment.kept:
        return segment.holder
    return (
        f"{segment.holder}, owner {segment.owner}"
        if segment.owner
        else f"{segment.holder}, no owner registered"
    )


def _draw_holders(sheet: Sheet) -> None:
    edition = sheet.edition
    rows: list[Row] = []
    for number, segment in enumerate(segments(edition.record), start=1):
        lasted = duration(segment.end - segment.start) if segment.end else "lasts"
        rows.append(
            (
                str(number),
                segment.container,
                Cell(segment.holder, mark="fail") if segment.gap else _holder(segment),
                segment.place,
                edition.when(segment.start),
                edition.when(segment.end) if segment.end else "still held",
                lasted,
                plain(segment.temperature_c) if segment.temperature_c is not None else NOT_STATED,
                segment.seal or NOT_STATED,
            )
        )
    columns = (
        Column("No.", 8, "r", COND_BOLD),
        Column("Container", 18),
        Column("Holder", 28),
        Column("Place", 26),
        Column("From", 24),
        Column("Until", 24),
        Column("Time", 15, "r"),
        Column("°C at receipt", 15, "d"),
        Column("Seal", 20),
    )
    flags = [flag for flag in edition.flags if flag.finding.rule.startswith("custody")]
    notes: list[tuple[Tag | None, str]] = [(tags_of([flag])[0], flag.finding.sentence) for flag in flags]
    if not flags:
        tolerance = plain(edition.record.process.custody_gap_min)
        said = f"up to {tolerance} min between giving and receiving count as one act."
        notes.append((None, f"No gap, and every giver was the holder; {said}"))
    if quarantined := _quarantined(edition):
        notes.append((None, f"Handed over in quarantine, before a release: {quarantined}."))
    for over in edition.record.of_kind(LabelOver):
        both = (
            f"{over.container_code} was labelled over as {over.new_code} at {edition.when(over.performed_at)}"
        )
        notes.append((None, f"{both}: both codes name one container."))
    for offer in offers(edition.record):
        giver, receiver = edition.record.name(offer.person), edition.record.name(offer.receiver)
        said = f"{offer.container} was offered to {receiver} by {giver}, and not taken since {edition.when(offer.at)}."
        notes.append((None, said))
    table(sheet, columns, rows, "Holders in the order of time", notes)
