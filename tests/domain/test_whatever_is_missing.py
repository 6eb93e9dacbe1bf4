"""A blank is never a pass: whatever was not recorded, not confirmed or left blank, and however much of it."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.processes.process import PROCESSING
from labrecords.domain.record import BatchRecord, Confirmation
from labrecords.domain.results.results import judged_results
from labrecords.domain.review.decisions import RELEASED
from labrecords.domain.review.release import Blocker, decision_blockers
from labrecords.domain.values.limits import Outcome
from tests.support.clean import REVIEWED, altered, clean, entry_of, person_id, without

RECORD = clean(REVIEWED)
NOW, QUENTIN = entry_of(RECORD, REVIEWED).recorded_at, person_id(RECORD, "quentin")
REQUIRED = [step.key for step in RECORD.process.steps if step.required and step.phase == PROCESSING]
OPTIONAL = [
    (entry.step_key, fact.name)
    for entry in RECORD.current_entries()
    for fact in facts_of(type(entry))
    if not fact.required and fact.type is not FactType.ROWS
]
"""Facts that a step of this kind can do without, each with its step."""


def releasing(record: BatchRecord) -> list[Blocker]:
    return list(decision_blockers(record, RELEASED, QUENTIN, NOW))


def left_blank(blanks: set[tuple[str, str]], record: BatchRecord) -> BatchRecord:
    """The record without these facts, also where the form of the step asks for them."""
    for key, name in blanks:
        record = altered(record, key, **{name: None})
    return record


@settings(deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(REQUIRED)), st.sets(st.sampled_from(RECORD.confirmations)))
def test_every_step_and_every_confirmation_that_is_missing_is_in_the_way(
    steps: set[str], taken: set[Confirmation]
) -> None:
    left = tuple(item for item in RECORD.confirmations if item not in taken)
    found = releasing(reduce(without, steps, replace(RECORD, confirmations=left)))
    assert steps == {blocker.step_key for blocker in found if blocker.rule == "missing step"}
    wanted = {(item.step_key, f"not {item.act}") for item in taken if item.step_key not in steps}
    assert wanted <= {(blocker.step_key, blocker.rule) for blocker in found}


@settings(deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(OPTIONAL)))
def test_a_result_is_judged_exactly_when_it_has_a_value_and_without_one_it_is_in_the_way(
    blanks: set[tuple[str, str]],
) -> None:
    record = left_blank(blanks, RECORD)
    named = " ".join(blocker.sentence for blocker in releasing(record) if blocker.rule == "no result")
    for result in judged_results(record):
        blank = result.judgement.value is None
        assert blank == (result.judgement.outcome is Outcome.NOT_DONE)
        assert not (blank and result.spec.required) or result.spec.label in named


@settings(deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(OPTIONAL)))
def test_what_fails_is_never_released_by_leaving_something_blank(blanks: set[tuple[str, str]]) -> None:
    dying = altered(RECORD, "count_after", live=69, dead=31)
    assert releasing(left_blank(blanks, dying))
