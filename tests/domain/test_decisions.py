"""Which decision stands, since when, and until what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import (
    FAILED,
    ON_HOLD,
    REJECTED,
    RELEASED,
    WITHDRAWN,
    changed_after,
    issue_of,
    open_issue,
    release_stop,
    sealed_decisions,
    standing_decision,
)
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, status
from tests.support.clean import REVIEWED, clean, played
from tests.support.example_pen import Example


def decided(*decisions: str, sealed: bool = True) -> Example:
    example = played(REVIEWED)
    for decision in decisions:
        example.decide(decision)
        if sealed:
            example.seal()
    return example


def ended(record: BatchRecord, outcome: str) -> BatchRecord:
    *before, last = record.issue_ends
    return replace(record, issue_ends=(*before, replace(last, outcome=outcome)))


def test_without_a_decision_none_stands() -> None:
    assert standing_decision(clean()) is None
    assert (open_issue(clean()), sealed_decisions(clean())) == (None, ())


def test_a_decision_stands_from_the_sealing_of_its_document() -> None:
    record = decided(RELEASED).record
    (end,) = record.issue_ends
    assert standing_decision(record) is record.decisions[0]
    assert sealed_decisions(record) == ((record.decisions[0], end.ended_at),)
    assert standing_decision(record, end.ended_at) is record.decisions[0]
    assert standing_decision(record, end.ended_at - timedelta(microseconds=1)) is None


def test_a_decision_does_not_stand_while_its_document_is_being_sealed() -> None:
    record = decided(RELEASED, sealed=False).record
    assert standing_decision(record) is None
    assert open_issue(record) is record.issues[0]
    assert issue_of(record, record.decisions[0].id) is record.issues[0]


def test_a_decision_whose_sealing_failed_does_not_stand_and_its_document_is_open() -> None:
    record = ended(decided(RELEASED).record, FAILED)
    assert standing_decision(record) is None
    assert open_issue(record) is record.issues[0]


def test_a_decision_whose_document_was_withdrawn_does_not_stand_and_nothing_is_open() -> None:
    record = ended(decided(RELEASED).record, WITHDRAWN)
    assert (standing_decision(record), open_issue(record)) == (None, None)


def test_a_document_that_failed_first_and_was_sealed_then_is_sealed() -> None:
    record = decided(RELEASED).record
    (end,) = record.issue_ends
    record = replace(record, issue_ends=(replace(end, id="before", outcome=FAILED), end))
    assert open_issue(record) is None
    assert standing_decision(record) is record.decisions[0]


def test_the_last_decision_stands() -> None:
    record = decided(ON_HOLD, RELEASED).record
    assert standing_decision(record) is record.decisions[1]
    held_until = record.issue_ends[1].ended_at - timedelta(microseconds=1)
    assert standing_decision(record, held_until) is record.decisions[0]


@pytest.mark.req("P11-70", "D11-13")
def test_a_release_no_longer_stands_once_the_processing_was_corrected() -> None:
    example = decided(RELEASED)
    before = example.now
    example.correct("spin_1", "The display was read again.", duration_min=15)
    record = example.record
    assert changed_after(record, record.decisions[0])
    assert standing_decision(record) is None
    stop = release_stop(record, example.now)
    assert stop is not None
    assert stop.sentence == "This product is not released."
    # What was done before the correction was done under the release.
    assert standing_decision(record, before) is record.decisions[0]
    assert release_stop(record, before) is None


@pytest.mark.req("P11-70")
def test_a_release_no_longer_stands_once_a_step_of_the_processing_was_noted_as_not_done() -> None:
    example = decided(RELEASED)
    example.leave_out("spin_2", "Said again.")
    assert standing_decision(example.record) is None


@pytest.mark.req("P11-70")
def test_what_was_recorded_while_the_document_was_being_sealed_undoes_the_release_too() -> None:
    example = decided(RELEASED, sealed=False)
    example.correct("spin_1", "The display was read again.", duration_min=15)
    example.seal()
    assert standing_decision(example.record) is None


def test_a_new_decision_stands_after_the_correction() -> None:
    example = decided(RELEASED)
    example.correct("spin_1", "The display was read again.", duration_min=15)
    example.confirm_all("spin_1")
    example.decide(RELEASED)
    example.seal()
    assert standing_decision(example.record) is example.record.decisions[1]


def test_the_administration_does_not_undo_the_release() -> None:
    record = clean("residual")
    assert standing_decision(record) is record.decisions[0]
    assert not changed_after(record, record.decisions[0])


@pytest.mark.req("HCT-265")
@pytest.mark.req("GMP-110")
def test_a_rejection_stands_whatever_is_recorded_after_it() -> None:
    example = played("receipt")
    example.decide(REJECTED)
    example.seal()
    example.wait(5)
    example.step("sample_before")
    decision = standing_decision(example.record)
    assert decision is not None
    assert decision.decision == REJECTED
    assert status(example.record) is Status.REJECTED
    assert "changed after decision" in {item.rule for item in findings(example.record)}


def test_a_released_product_is_not_stopped() -> None:
    example = decided(RELEASED)
    assert release_stop(example.record, example.now) is None


@pytest.mark.req("HCT-265")
@pytest.mark.parametrize("decision", [REJECTED, ON_HOLD])
@pytest.mark.parametrize("needed", [True, False])
def test_a_rejected_or_held_product_is_stopped_on_every_pathway(decision: str, needed: bool) -> None:
    example = decided(decision)
    record = replace(example.record, process=replace(example.record.process, release_required=needed))
    stop = release_stop(record, example.now)
    assert stop is not None
    assert (stop.rule, stop.critical) == ("release", True)
    assert stop.sentence == f"This product is {decision}: it must not be used."


@pytest.mark.req("HCT-265")
def test_an_undecided_product_is_stopped_only_where_the_pathway_needs_a_release() -> None:
    record, now = clean(), clean().entries[-1].recorded_at
    stop = release_stop(record, now)
    assert stop is not None
    assert stop.critical
    free = replace(record, process=replace(record.process, release_required=False))
    assert release_stop(free, now) is None
