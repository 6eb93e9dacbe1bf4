"""Adverse events: recorded after the closing, corrected, and standing until they are reported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labrecords.actions.door import Invalid
from labrecords.domain.review.outdated import outdated
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, status
from labrecords.domain.steps.adverse_event import DEATH, DIED, FATAL, NOT_SERIOUS, THREATENING
from tests.support.lab import Lab
from tests.support.reading import words

KEY = "adverse_event-1"


def grave(lab: Lab, number: str) -> list[str]:
    found = findings(lab.record(number))
    return [
        one.sentence for one in found if one.rule == "adverse event" and one.severity is Severity.CRITICAL
    ]


def test_a_serious_event_after_the_closing_stands_until_it_is_reported(lab: Lab) -> None:
    number = lab.play("closed")
    lab.clock.tick(60 * 24)
    lab.record_step(number, KEY, seriousness="stay in hospital, or a longer one")
    record = lab.record(number)
    assert status(record) is Status.CLOSED
    assert outdated(record) == ("adverse event 1",)
    due = lab.today() + timedelta(days=15)
    (sentence,) = grave(lab, number)
    assert f"by {due}" in sentence
    assert f"To be reported by {due}" in words(lab.client("quentin").get("/"))
    lab.clock.tick(16 * 60 * 24)
    assert "Overdue" in words(lab.client("quentin").get("/"))
    lab.correct_step(number, KEY, reason="Reported to the authority today.", authority_on=lab.today())
    assert grave(lab, number) == []
    assert "Serious adverse event" not in words(lab.client("quentin").get("/"))
    assert len(lab.record(number).history(KEY)) == 2
    assert "disc infection" in words(lab.client("ada").get(f"/batches/{number}")).lower()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grade": FATAL}, "outcome"),
        ({"outcome": DIED}, "outcome"),
        ({"seriousness": DEATH}, "outcome"),
        ({"grade": THREATENING, "seriousness": NOT_SERIOUS}, "seriousness"),
    ],
)
def test_what_cannot_be_true_together_is_asked_back(lab: Lab, changes: dict[str, str], field: str) -> None:
    number = lab.play("residual")
    with pytest.raises(Invalid) as wrong:
        lab.record_step(number, KEY, **changes)
    assert set(wrong.value.problems) == {field}
