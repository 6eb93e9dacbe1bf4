"""Follow-up visits: recorded after the closing, corrected, listed while they are due, and closed with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from labrecords.actions.door import Invalid
from labrecords.domain.review.outdated import outdated
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, status
from labrecords.domain.steps.follow_up import ENDED, WORSE, FollowUp
from labrecords.models.overview import VisitDueRow
from tests.support.lab import Lab

KEY = "follow_up-1"
DAY = 60 * 24
NOTHING: dict[str, Any] = dict.fromkeys(
    (
        "pain_nrs", "score_name", "score", "score_of", "score_direction", "analgesics", "analgesics_taken",
        "reintervention",
    )
)  # fmt: skip


def waited_for(lab: Lab) -> list[tuple[str, date, date]]:
    """The visits that lists know to be open, with their windows."""
    table = VisitDueRow.__table__
    with lab.store.read() as session:
        rows = session.execute(select(table).order_by(table.c.last_on))
        return [(row.visit, row.first_on, row.last_on) for row in rows]


def test_a_visit_is_recorded_after_the_closing_and_corrected_with_both_versions_kept(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    number = lab.play("closed")
    lab.clock.tick(30 * DAY)
    lab.record_step(number, KEY, visit="1 month", pain_nrs=0)
    record = lab.record(number)
    assert status(record) is Status.CLOSED
    assert outdated(record) == ("follow-up visit 1",)
    (entry,) = record.of_kind(FollowUp)
    assert (entry.pain_nrs, entry.pain_vas_mm, entry.reintervention) == (0, None, False)
    lab.correct_step(number, KEY, "The number was read from another sheet.", pain_nrs=1)
    first, second = lab.record(number).history(KEY)
    assert isinstance(first, FollowUp)
    assert isinstance(second, FollowUp)
    assert (first.pain_nrs, second.pain_nrs, second.replaces_id) == (0, 1, first.id)


def test_lists_know_the_visits_that_are_waited_for(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    assert waited_for(lab) == []
    lab.play("closed", number)
    assert waited_for(lab)[0] == ("1 month", date(2026, 12, 16), date(2026, 12, 30))
    assert [visit for visit, _, _ in waited_for(lab)] == ["1 month", "3 months", "6 months", "12 months"]
    lab.clock.tick(40 * DAY)
    lab.record_step(number, KEY, visit="1 month")
    assert [visit for visit, _, _ in waited_for(lab)] == ["3 months", "6 months", "12 months"]
    lab.record_step(
        number, "follow_up-2", **NOTHING | {"visit": "6 months", "how": ENDED, "why_not": "has died"}
    )
    assert [visit for visit, _, _ in waited_for(lab)] == ["3 months"]
    lab.correct_step(number, "follow_up-2", "It is another patient who died.", how="in person", pain_nrs=2,
                     why_not=None)  # fmt: skip
    # It was held long before the window of 6 months: that visit is waited for too.
    assert [visit for visit, _, _ in waited_for(lab)] == ["3 months", "6 months", "12 months"]


def test_clearly_more_pain_is_a_finding_and_stops_nothing(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.record_step(number, KEY, visit="before the injection", pain_nrs=4)
    lab.play("closed", number)
    lab.clock.tick(30 * DAY)
    lab.record_step(number, "follow_up-2", visit="1 month", pain_nrs=7)
    found = [item.sentence for item in findings(lab.record(number)) if item.rule == WORSE]
    assert len(found) == 1
    assert "NRS 7, before the injection 4" in found[0]


def test_what_cannot_be_is_asked_back_and_nothing_is_kept(lab: Lab) -> None:
    number = lab.play("closed")
    lab.clock.tick(DAY)
    with pytest.raises(Invalid) as refused:
        lab.record_step(number, KEY, visit="2 years")
    assert set(refused.value.problems) == {"visit"}
    with pytest.raises(Invalid) as refused:
        lab.record_step(number, KEY, visit="before the injection")
    assert set(refused.value.problems) == {"visit"}
    assert lab.record(number).of_kind(FollowUp) == ()
