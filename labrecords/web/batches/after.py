"""What became of the patient, as the page of the batch shows it: adverse events, and the visits of the follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.domain.processes.process import ADVERSE_EVENT, AFTER, FOLLOW_UP, Step
from labrecords.domain.results.visits import (
    CLOSED,
    DONE,
    DUE,
    EARLY,
    LATE,
    OVERDUE,
    TO_COME,
    VisitStanding,
    visit_standings,
)
from labrecords.web.batches.batch import BatchPage
from labrecords.web.batches.rows import StepRow, Tag, act_rows
from labrecords.web.signed_in import today_here

TAGS = {
    OVERDUE: Tag("out", "Overdue", "wait"),
    DUE: Tag("wait", "Due"),
    TO_COME: Tag("", "To come"),
    DONE: Tag("pass", "Done"),
    LATE: Tag("alert", "Done late"),
    EARLY: Tag("alert", "Done early"),
    CLOSED: Tag("", "Will not take place", "notdone"),
}


@dataclass(frozen=True)
class AfterInjection:
    events: list[StepRow]
    visits: list[StepRow]
    """Everything recorded at visits, in the order of the entries."""
    scheduled: list[tuple[VisitStanding, Tag, str]]
    """Each visit of the schedule, with where it stands and the address of what was recorded for it."""
    may_tell: list[tuple[Step, str]]
    """The adverse event that this person can record now, with its address."""
    may_ask: list[tuple[Step, str]]


def after_injection(page: BatchPage, acts: Sequence[tuple[Step, str]]) -> AfterInjection:
    """What was recorded after the injection; `acts` are those that the signed-in person can record now."""
    rows, today = act_rows(page, AFTER), today_here()
    standings = visit_standings(page.record)
    return AfterInjection(
        events=[row for row in rows if row.step.kind == ADVERSE_EVENT],
        visits=[row for row in rows if row.step.kind == FOLLOW_UP],
        scheduled=[
            (item, TAGS[item.state(today)], page.step_url(item.entry.step_key) if item.entry else "")
            for item in standings
        ],
        may_tell=[act for act in acts if act[0].kind == ADVERSE_EVENT],
        may_ask=[act for act in acts if act[0].kind == FOLLOW_UP],
    )
