"""When a patient is asked after the injection how it goes: the visits that a master record names, and what is wrong
with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

BEFORE, UNSCHEDULED = "before the injection", "unscheduled"
"""Visits that no schedule names: what later ones are compared with, and whatever else happens."""
MOST_VISITS, LONGEST_D = 40, 7300
"""So many visits are named at most, and none more than 20 years after the injection."""


@dataclass(frozen=True)
class Visit:
    """One visit of the schedule: so many days after the injection, give or take the days of its window."""

    name: str
    after_d: int
    window_d: int

    def counts_from(self, injected: date) -> date:
        """The first day on which a visit counts as this one: as far before its window as its due day is after that
        begins. What is held earlier is a visit that no schedule names."""
        return injected + timedelta(days=self.after_d - 2 * self.window_d)


def visit_problems(visits: Sequence[Visit]) -> Iterator[tuple[int, str, str]]:
    """What a schedule must not say: the place of the visit, the value, and a sentence."""
    names: dict[str, int] = {}
    for place, visit in enumerate(visits):
        name = visit.name.casefold()
        if name in (BEFORE, UNSCHEDULED):
            yield place, "name", f"“{visit.name}” is known in every process: it needs no schedule."
        elif name and name in names:
            yield place, "name", f"Follow-up visit {names[name] + 1} has the name “{visit.name}” already."
        names.setdefault(name, place)
        if not 1 <= visit.after_d <= LONGEST_D:
            yield place, "after_d", f"Write whole days after the injection, 1 to {LONGEST_D}."
        elif visit.window_d > visit.after_d:
            yield (
                place,
                "window_d",
                f"The window of {visit.window_d} days would begin before the injection: "
                f"the visit is {visit.after_d} days after it.",
            )
        if place and visit.after_d <= (before := visits[place - 1]).after_d:
            yield place, "after_d", f"It comes after “{before.name}”: more than {before.after_d} days."
