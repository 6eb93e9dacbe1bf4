"""Where each follow-up visit of the schedule stands: to come, due, overdue, done, or closed (domain 2.8).

Days are those of the calendar of the laboratory, counted from the day of the last injection: a change of the clock
moves none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from labrecords.domain.once import once
from labrecords.domain.processes.visits import BEFORE, Visit
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.follow_up import ENDED, FollowUp, visits_recorded

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

TO_COME, DUE, OVERDUE = "to come", "due", "overdue"
DONE, EARLY, LATE = "done", "done before its window", "done late"
CLOSED = "will not take place"


@dataclass(frozen=True)
class VisitStanding:
    """One visit of the schedule, with the days of its window, both of which count."""

    visit: Visit
    due_on: date
    first_on: date
    last_on: date
    entry: FollowUp | None = None
    """What was recorded first of those who asked the patient; else what says that it will not take place."""
    held_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it is waited for."""
        return self.entry is None

    def state(self, today: date) -> str:
        """Where the visit stands on a day, in one of the words above."""
        if self.held_on is not None:
            return LATE if self.held_on > self.last_on else EARLY if self.held_on < self.first_on else DONE
        if self.entry is not None:
            return CLOSED
        if today > self.last_on:
            return OVERDUE
        return DUE if today >= self.first_on else TO_COME


@once
def visit_standings(record: BatchRecord) -> tuple[VisitStanding, ...]:
    """Every visit of the schedule in its order; none before the injection, of a void batch, or without a schedule.

    A visit that was held long before its window is none of the schedule (`Visit.counts_from`): it is waited for all the
    same. Any other that was held counts as done, even where it was said before that it would not take place. It takes
    back for the visits after it what was said earlier of all later ones.
    """
    injections = record.of_kind(Injection)
    if not injections or record.voids:
        return ()
    injected = record.day_of(max(injection.last_injected_at() for injection in injections))
    said, names = visits_recorded(record), [visit.name for visit in record.process.follow_up]
    ends = [entry for entry in said if entry.how == ENDED and entry.visit in names]
    found = []
    for place, visit in enumerate(record.process.follow_up):
        came = [entry.performed_at for entry in said if entry.held and entry.visit in names[:place]]
        mine = [entry for entry in said if entry.visit == visit.name]
        from_on = visit.counts_from(injected)
        held = next((one for one in mine if one.held and record.day_of(one.performed_at) >= from_on), None)
        closing = (
            *(entry for entry in mine if not entry.held),
            *(
                entry
                for entry in ends
                if names.index(entry.visit) < place and all(at <= entry.performed_at for at in came)
            ),
        )
        due, window = injected + timedelta(days=visit.after_d), timedelta(days=visit.window_d)
        found.append(
            VisitStanding(
                visit,
                due,
                due - window,
                due + window,
                held or next(iter(closing), None),
                record.day_of(held.performed_at) if held else None,
            )
        )
    return tuple(found)


def due_visit(record: BatchRecord, day: date) -> str:
    """The visit that somebody who asks the patient on this day most likely holds; empty where none fits.

    Before the injection that is the one that later ones are compared with; afterwards the last of those that are waited
    for and that would count on this day.
    """
    if not record.of_kind(Injection):
        return BEFORE
    fits = [item for item in open_visits(record) if day >= item.first_on]
    return fits[-1].visit.name if fits else ""


def open_visits(record: BatchRecord) -> tuple[VisitStanding, ...]:
    """The visits that are waited for."""
    return tuple(item for item in visit_standings(record) if item.open)
