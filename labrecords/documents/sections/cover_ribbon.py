"""The ribbon of the cover: from harvest to injection in one lane, with what happened when."""

from __future__ import annotations

from datetime import datetime

from labrecords.documents.drawing.ink import GREY, RED
from labrecords.documents.drawing.typefaces import COND, COND_BOLD, SANS_BOLD
from labrecords.documents.edition import Edition
from labrecords.documents.pages.custody_ribbon import axis_for, draw_events, draw_ribbon, gap_words, lanes_of
from labrecords.documents.pages.geometry import LEFT, RIGHT
from labrecords.documents.pages.sheet import Sheet
from labrecords.domain.custody.collection import collections
from labrecords.domain.custody.holders import Segment
from labrecords.domain.results.expiry import use_before
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.steps.product_check import ProductCheck


def draw_cover_ribbon(sheet: Sheet) -> None:
    """Draw it at the present position, with the first gap in words."""
    edition, ink = sheet.edition, sheet.ink
    lanes = lanes_of(edition)
    ink.text(LEFT, sheet.y, "From harvest to injection", SANS_BOLD, 10)
    if not lanes:
        ink.text(LEFT, sheet.y - 14, "Nothing was harvested.", COND, 8.4)
        sheet.y -= 40
        return
    start = lanes[0].segments[0].start
    ink.text(
        RIGHT, sheet.y, f"{edition.when(start)[:10]}, {edition.record.laboratory.zone}", COND, 7.8, "r", GREY
    )
    events = _events(edition)
    axis = axis_for(edition, [moment for moment, _ in events], LEFT)
    everything = type(lanes[0])("", tuple(segment for lane in lanes for segment in lane.segments))
    top = sheet.y - 10
    bottom = draw_ribbon(ink, edition, [everything], axis, top, 40, named=False)
    y = draw_events(ink, axis, events, top, bottom)
    gaps = [segment for segment in everything.segments if segment.gap]
    if gaps:
        ink.text(LEFT, y - 8, _gap_line(edition, gaps), COND_BOLD, 8, colour=RED)
        y -= 12
    sheet.y = y - 24


def _gap_line(edition: Edition, gaps: list[Segment]) -> str:
    more = f", and {len(gaps) - 1} more in section 10" if len(gaps) > 1 else ""
    return f"Custody gap: {gap_words(edition, gaps[0])}{more}"


def _events(edition: Edition) -> list[tuple[datetime, str]]:
    record, found = edition.record, []
    for harvest in collections(record):
        found.append((harvest.performed_at, "harvested"))
    for number, spin in enumerate(record.of_kind(CentrifugationRun), start=1):
        found.append((spin.performed_at, f"spin {number}"))
    for check in record.of_kind(ProductCheck):
        found.append((check.performed_at, "product check"))
    if edition.decision:
        found.append((edition.decision.decided_at, edition.decision.decision))
    for injection in record.of_kind(Injection):
        found.append((injection.performed_at, "injected"))
    limit = use_before(record)
    if limit:
        found.append((limit.until, "use before"))
    return [(moment, f"{name} {edition.when(moment)[11:16]}") for moment, name in found]
