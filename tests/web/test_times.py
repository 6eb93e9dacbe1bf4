"""Times on the pages: a time of day is enough, and the limits between steps are shown while they run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab
from tests.support.story import number_of
from tests.support.typed import typed
from tests.web.test_steps import FORM, error_at, send, shown, url

LIMIT = ('max_min = "180"', 'max_min = "60"\nmin_min = "25"')


def limited(lab: Lab) -> str:
    """A batch under a process in which the first spin ends 25 to 60 min after the harvest, played up to the count."""
    return lab.play("count_before", lab.open_batch(process=lab.adopt(LIMIT)))


def test_a_time_of_day_is_recorded_as_today(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.clock.tick(5)
    now = lab.clock.now.astimezone(lab.installation.zone)
    stated = now - timedelta(minutes=2)
    assert send(lab, "tess", number, "sample_before", performed_at=f"{stated:%H:%M}").status_code == 303
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert entry.performed_at == stated.replace(second=0, microsecond=0)


def test_a_time_of_day_within_a_step_is_corrected_with_its_date(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(5)
    given = lab.clock.now.astimezone(lab.installation.zone) - timedelta(minutes=1)
    answer = send(lab, "tess", number, "handover_laboratory", given_at=f"{given:%H:%M}")
    assert answer.status_code == 303
    entry = lab.record(number).current("handover_laboratory")
    assert entry is not None
    assert entry.as_entered["given_at"] == f"{given:%H:%M}"
    page = lab.client("tess").get(url(number, "handover_laboratory", "/correct"))
    assert shown(page, "given_at") == f"{given:%Y-%m-%d %H:%M}:00 +01:00"


def test_a_time_of_day_of_yesterday_evening_is_asked_back(lab: Lab) -> None:
    number = lab.play("receipt")
    answer = send(lab, "tess", number, "sample_before", performed_at="22:15")
    assert answer.status_code == 400
    assert "Write the date, for example 2026-11-22 22:15." in error_at(answer, "performed_at")
    assert shown(answer, "performed_at") == "22:15"


@pytest.mark.req("GMP-111")
def test_a_running_limit_stands_on_the_page_of_the_batch_and_of_the_step(lab: Lab) -> None:
    number = limited(lab)
    harvest = lab.record(number).current("harvest")
    assert harvest is not None
    until = (harvest.performed_at + timedelta(minutes=60)).astimezone(lab.installation.zone)
    for page in (f"/batches/{number}", url(number, "spin_1")):
        text = lab.client("tess").get(page).text
        assert "Harvest to the first spin" in text
        assert f"25 to 60 min from the end of step {number_of('harvest')}" in text
        assert f"{until:%H:%M:%S} +01:00</time>" in text
        assert 'data-until="' in text
        assert "\xa0s left" in text
    assert "Harvest to the first spin" not in lab.client("tess").get(url(number, "resuspension")).text
    lab.clock.tick(90)
    assert "over by " in lab.client("tess").get(url(number, "spin_1")).text


@pytest.mark.req("GMP-111")
def test_a_step_that_ends_after_its_limit_is_stopped_and_recorded_as_it_was(lab: Lab) -> None:
    number = limited(lab)
    lab.clock.tick(60)
    client = lab.client("tess")
    stopped = client.submit(url(number, "spin_1"), typed(lab, number, "spin_1"), having=FORM)
    assert stopped.status_code == 403
    assert "above 60 min, the highest value" in stopped.text
    reason = {"happened_reason": "The centrifuge was occupied by an urgent run."}
    answer = client.submit("", reason, having="happened_reason", response=stopped)
    assert answer.status_code == 303
    (finding,) = [found for found in findings(lab.record(number)) if found.rule == "time limit"]
    assert finding.severity is Severity.BLOCKING
    assert "above 60 min, the highest value" in lab.client("tess").get(f"/batches/{number}").text
    assert "above 60 min, the highest value" in lab.client("tess").get(url(number, "spin_1")).text


@pytest.mark.req("GMP-111")
def test_a_step_that_ends_too_early_is_told_until_when_to_wait(lab: Lab) -> None:
    number = lab.play(
        "handover_laboratory", lab.open_batch(process=lab.adopt(('to = "spin_1"', 'to = "receipt"'), LIMIT))
    )
    page = lab.client("tess").get(url(number, "receipt"))
    assert "Not before" in page.text
    stopped = lab.client("tess").submit(url(number, "receipt"), {}, having=FORM, response=page)
    assert stopped.status_code == 400
    lab.clock.tick(5)
    stopped = send(lab, "tess", number, "receipt")
    assert stopped.status_code == 403
    assert "Wait until 2026-11-23 " in stopped.text


def test_a_limit_that_was_kept_is_shown_with_the_step(lab: Lab) -> None:
    number = limited(lab)
    lab.clock.tick(12)
    assert send(lab, "tess", number, "spin_1").status_code == 303
    page = lab.client("tess").get(url(number, "spin_1"))
    assert "Harvest to the first spin" in page.text
    assert "is within the limit: 25 to 60 min." in page.text
    assert "Time limits that run" not in lab.client("tess").get(f"/batches/{number}").text
