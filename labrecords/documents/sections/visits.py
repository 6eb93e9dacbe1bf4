"""The part of section 21 on follow-up: the visits of the schedule, and the course of what was asked at each visit."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.documents.pages.cells import Column
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.pages.tables import Row, table
from labrecords.domain.results.visits import CLOSED, VisitStanding, visit_standings
from labrecords.domain.steps.follow_up import FollowUp, visits_recorded
from labrecords.domain.values.numbers import plain

OPEN = "no visit up to this version of the record"
NOT_ASKED = "not asked"


def draw_visits(sheet: Sheet) -> None:
    """What the schedule asked for, then one row for each visit that was held, so that the course can be read."""
    edition = sheet.edition
    standings, held = (
        visit_standings(edition.record),
        [one for one in visits_recorded(edition.record) if one.held],
    )
    columns = (
        Column("Visit", 42),
        Column("Due", 24),
        Column("Window, both days counted", 50),
        Column("Where it stands", 62),
    )
    rows: list[Row] = [
        (
            item.visit.name,
            item.due_on.isoformat(),
            f"{item.first_on} to {item.last_on}",
            _standing(edition, item),
        )
        for item in standings
    ]
    table(sheet, columns, rows, "Follow-up visits of the schedule")
    if held:
        _draw_course(sheet, held)
    if not standings and not held:
        sheet.none("Follow-up visits: none scheduled, none recorded.")


def _standing(edition: Edition, item: VisitStanding) -> str:
    if item.entry is None:
        return OPEN
    step = edition.step_words(item.entry.step_key)
    if item.held_on is None:
        return f"{CLOSED}: {item.entry.why_not} ({step})"
    return f"{item.state(item.held_on)}, {item.held_on} ({step})"


def _draw_course(sheet: Sheet, held: list[FollowUp]) -> None:
    columns = (
        Column("Held", 40),
        Column("Visit", 26),
        Column("Pain NRS", 15, "r"),
        Column("Pain VAS, mm", 17, "d"),
        Column("Score", 36),
        Column("Analgesics", 24),
        Column("Intervention", 20),
    )
    rows: list[Row] = [
        (
            sheet.edition.when(one.performed_at),
            one.visit,
            NOT_ASKED if one.pain_nrs is None else str(one.pain_nrs),
            NOT_ASKED if one.pain_vas_mm is None else plain(one.pain_vas_mm),
            NOT_ASKED if one.score is None or one.score_of is None
            else f"{one.score_name}: {plain(one.score)} of {plain(one.score_of)}, {one.score_direction}",
            one.analgesics or NOT_ASKED,
            NOT_ASKED if one.reintervention is None else "yes" if one.reintervention else "no",
        )
        for one in held
    ]  # fmt: skip
    table(sheet, columns, rows, "The course, in the order of time")
