"""A test that fails after the injection: every physician is told, and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labrecords.actions.door import BatchRef, Invalid
from labrecords.actions.notices import NoticeFacts, confirm_receipt, tell
from labrecords.domain.custody.notices import PHYSICIAN, TEST, open_tasks
from labrecords.domain.review.decisions import NOT_CONFORM
from labrecords.domain.review.disposition import late_tests
from tests.support import qc
from tests.support.lab import Lab, refusal
from tests.support.reading import links, words

DONE = "Called in today, seen, temperature and blood taken."


def test_a_late_failure_stands_until_the_physician_says_that_the_word_has_come(lab: Lab) -> None:
    number = qc.injected(lab)
    assert lab.close_administration(number).sha256
    assert open_tasks(lab.record(number)) == ()
    qc.grown(lab, number)
    batch = BatchRef(lab.record(number).batch.id)
    (task,) = open_tasks(lab.record(number))
    assert (task.line.whom, task.line.notice) == ("Paula Pereira", None)
    home, physician = lab.client("quentin"), lab.client("paula")
    assert "Tell Paula Pereira, who injected it" in words(home.get("/"))
    assert "Overdue" not in words(physician.get("/"))
    lab.clock.tick(25 * 60)
    home, physician = lab.client("quentin"), lab.client("paula")
    assert "Overdue" in words(physician.get("/"))
    assert qc.dispose(lab, number, NOT_CONFORM, "Growth in both bottles.").sha256
    assert late_tests(lab.record(number)) == "failed"
    (way,) = {link for link in links(home.get("/")) if "/tell/test/" in link}
    assert home.submit(way, {"how": "by telephone"}, having="how").status_code == 303
    (notice,) = lab.record(number).notices
    assert (notice.role, notice.cause, notice.cause_id) == (PHYSICIAN, TEST, "sterility")
    assert "has not confirmed it" in words(home.get("/"))
    (way,) = {link for link in links(physician.get(f"/batches/{number}")) if "/notices/" in link}
    assert physician.submit(way, {"done": "yes"}, having="done").status_code == 400
    assert physician.submit(way, {"done": DONE}, having="done").status_code == 303
    assert open_tasks(lab.record(number)) == ()
    assert late_tests(lab.record(number)) == ""
    assert "Critical" not in words(home.get("/"))
    by = lab.by("paula")
    again = lambda: confirm_receipt(by, batch=batch, notice_id=notice.id, done=DONE)  # noqa: E731
    assert refusal(again) == ("notice",)


def test_nobody_is_told_of_a_test_that_did_not_fail_or_before_it_failed(lab: Lab) -> None:
    number = qc.injected(lab)
    batch = BatchRef(lab.record(number).batch.id)

    def told(minutes: int = 0) -> str:
        at = lab.clock() - timedelta(minutes=minutes)
        facts = NoticeFacts(TEST, "sterility", PHYSICIAN, "Paula Pereira", at, "in person", "")
        return tell(lab.by("quentin"), batch=batch, facts=facts)

    with pytest.raises(Invalid):
        told()
    qc.grown(lab, number)
    with pytest.raises(Invalid):
        told(minutes=60 * 24)
    assert told()


def test_a_test_that_fails_between_release_and_injection_is_told_to_who_waits_for_the_product(
    lab: Lab,
) -> None:
    number = qc.sampled(lab)
    assert lab.decide(number).sha256
    qc.read_label(lab, number, "product_check-2")
    qc.recorded(lab, number, "handover_theatre")
    qc.grown(lab, number)
    (task,) = open_tasks(lab.record(number))
    assert (task.line.whom, task.line.why) == ("Paula Pereira", "prescribed it")


def test_who_told_somebody_else_does_not_say_that_it_has_come(lab: Lab) -> None:
    number = qc.injected(lab)
    qc.grown(lab, number)
    batch = BatchRef(lab.record(number).batch.id)
    facts = NoticeFacts(TEST, "sterility", PHYSICIAN, "Dr. Vera Outside", lab.clock(), "by telephone", "")
    notice = tell(lab.by("paula"), batch=batch, facts=facts)
    by = lab.by("paula")
    assert refusal(lambda: confirm_receipt(by, batch=batch, notice_id=notice, done=DONE)) == ("own notice",)
