"""One word for where a batch stands, for every place where it can stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import FAILED, ON_HOLD, REJECTED, RELEASED, WITHDRAWN
from labrecords.domain.status import Status, closed, status
from tests.support.clean import LAST, REVIEWED, clean, played
from tests.support.example_pen import Example


def decided(decision: str = RELEASED) -> Example:
    example = played(REVIEWED)
    example.decide(decision)
    example.seal()
    return example


def ended(record: BatchRecord, outcome: str) -> BatchRecord:
    return replace(record, issue_ends=(replace(record.issue_ends[-1], outcome=outcome),))


def test_a_batch_in_which_nothing_was_recorded_is_open() -> None:
    assert status(Example().record) is Status.OPEN


def test_a_batch_with_its_first_step_is_in_process() -> None:
    assert status(clean("order")) is Status.IN_PROCESS


def test_a_batch_whose_first_step_was_noted_as_not_done_is_in_process() -> None:
    example = Example()
    example.leave_out("order", "By telephone only.")
    assert status(example.record) is Status.IN_PROCESS


def test_a_batch_is_in_process_until_the_last_step_of_the_processing_is_answered() -> None:
    assert status(clean("sample_after")) is Status.IN_PROCESS
    assert status(clean(REVIEWED)) is Status.UNDER_REVIEW


def test_a_decision_whose_document_is_being_sealed_is_sealing() -> None:
    example = played(REVIEWED)
    example.decide(RELEASED)
    assert status(example.record) is Status.SEALING


def test_a_decision_whose_sealing_failed_says_so() -> None:
    assert status(ended(decided().record, FAILED)) is Status.SEALING_FAILED


def test_a_document_that_was_withdrawn_leads_back_to_the_review() -> None:
    assert status(ended(decided().record, WITHDRAWN)) is Status.UNDER_REVIEW


@pytest.mark.parametrize(
    ("decision", "word"),
    [(RELEASED, Status.RELEASED), (REJECTED, Status.REJECTED), (ON_HOLD, Status.ON_HOLD)],
)
def test_a_sealed_decision_is_the_status(decision: str, word: Status) -> None:
    assert status(decided(decision).record) is word
    assert word.value == decision


@pytest.mark.req("P11-70")
def test_a_correction_after_the_release_leads_back_to_the_review() -> None:
    example = decided()
    example.correct("spin_1", "The display was read again.", duration_min=15)
    assert status(example.record) is Status.UNDER_REVIEW


def test_a_released_product_stays_released_until_it_is_injected() -> None:
    assert status(clean("bedside")) is Status.RELEASED
    assert status(clean("injection")) is Status.ADMINISTERED
    assert status(clean(LAST)) is Status.ADMINISTERED


def test_a_closed_administration_is_closed_once_its_document_is_sealed() -> None:
    example = played(LAST)
    example.close()
    assert status(example.record) is Status.SEALING
    assert not closed(example.record)
    example.seal()
    assert status(example.record) is Status.CLOSED


def test_a_correction_after_the_closure_opens_it_again() -> None:
    example = played(LAST)
    example.close()
    example.seal()
    example.correct("residual", "Read again.", fate="retained for quality control")
    assert status(example.record) is Status.ADMINISTERED
    assert not closed(example.record)


def test_a_voided_batch_is_voided_whatever_else_it_is() -> None:
    example = decided()
    example.void("Opened by mistake.")
    assert status(example.record) is Status.VOIDED


def test_no_two_states_have_the_same_word() -> None:
    assert len({word.value for word in Status}) == len(Status)
