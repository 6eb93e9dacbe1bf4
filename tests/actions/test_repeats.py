"""A measurement done again: both results are kept, the last one counts, and a retest is named as one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from labrecords.actions import steps
from labrecords.actions.door import Invalid
from labrecords.actions.mixups import Stopped
from labrecords.domain.entries import REPEATED, VERIFIED
from labrecords.domain.results.results import results
from labrecords.domain.rules.finding import Finding
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.counts import Square
from tests.support.clean import REVIEWED
from tests.support.lab import Lab, refusal

REPEATS = {"repeat", "repeated after a failing result"}


def squares(*cells: int) -> tuple[Square, ...]:
    return tuple(Square(cells=cell) for cell in cells)


def of_repeats(lab: Lab, number: str) -> list[Finding]:
    return [item for item in findings(lab.record(number)) if item.rule in REPEATS]


def problems(lab: Lab, number: str, key: str, **given: Any) -> dict[str, str]:
    """The sentences with which a repeat is turned down; the record stays as it was."""
    before = lab.record(number)
    with pytest.raises(Invalid) as invalid:
        lab.repeat_step(number, key, **given)
    assert lab.record(number) == before
    return invalid.value.problems


@pytest.mark.req("GMP-192")
def test_both_results_of_a_repeated_count_are_kept_and_the_last_counts(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("count_before")
    first = lab.record(number).current("count_before")
    lab.clock.tick(10)
    again = lab.repeat_step(number, "count_before", squares=squares(80, 84, 79, 90, 82))
    record = lab.record(number)
    assert [entry.id for entry in record.history("count_before")] == [first.id, again]  # type: ignore[union-attr]
    current = record.current("count_before")
    assert current is not None
    assert (current.id, current.follows_as, current.replaces_id) == (again, REPEATED, first.id)  # type: ignore[union-attr]
    assert current.reason == "Clumped cells: Mixed again and counted anew."
    assert current.performed_at > first.performed_at  # type: ignore[union-attr]


def test_a_repeat_is_found_with_both_results_and_is_no_correction(lab: Lab) -> None:
    number = lab.play("count_before")
    lab.clock.tick(10)
    lab.repeat_step(number, "count_before", squares=squares(80, 84, 79, 90, 82))
    (found,) = of_repeats(lab, number)
    assert found.rule == "repeat"
    assert found.sentence.endswith(
        "repeated by Tess Tamm. Clumped cells: Mixed again and counted anew. "
        "Result before: 1.81 × 10⁷ /mL. Result now: 1.66 × 10⁷ /mL."
    )
    assert not [item for item in findings(lab.record(number)) if item.rule == "correction"]


@pytest.mark.req("GMP-192")
def test_a_repeat_after_a_result_out_of_acceptance_is_named_as_a_retest(lab: Lab) -> None:
    number = lab.play("sample_after")
    lab.record_step(number, "count_after", live=69, dead=31)
    lab.clock.tick(10)
    lab.repeat_step(number, "count_after", cause="ordered by quality assurance")
    (found,) = of_repeats(lab, number)
    assert found.rule == "repeated after a failing result"
    assert "The result before had failed: Viability: 69 % is below 70 %, the lowest value." in found.sentence
    assert results(lab.record(number))["viability_percent"].reported == "93.0"


def test_a_repeat_has_to_be_verified_anew(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    lab.clock.tick(5)
    lab.repeat_step(number, "count_after")
    record = lab.record(number)
    entry = record.current("count_after")
    assert entry is not None
    assert [wanted.act for wanted in record.outstanding(entry)] == [VERIFIED]


def test_a_repeat_can_be_corrected_and_the_first_result_stays_apart(lab: Lab) -> None:
    number = lab.play("count_before")
    lab.clock.tick(5)
    lab.repeat_step(number, "count_before", squares=squares(80, 84, 79, 90, 82))
    lab.correct_step(number, "count_before", squares=squares(80, 84, 79, 90, 28))
    record = lab.record(number)
    assert [entry.follows_as for entry in record.history("count_before")] == [None, "repeated", "corrected"]


def test_a_count_may_be_repeated_after_the_spin_without_putting_times_out_of_order(lab: Lab) -> None:
    number = lab.play("spin_1")
    lab.clock.tick(20)
    lab.repeat_step(number, "count_before")
    assert "order of times" not in {item.rule for item in findings(lab.record(number))}


def test_a_repeat_that_is_recorded_late_asks_for_the_reason(lab: Lab) -> None:
    number = lab.play("count_before")
    lab.clock.tick(90)
    stated = lab.clock() - timedelta(minutes=60)
    assert set(problems(lab, number, "count_before", performed_at=stated)) == {"late_reason"}
    lab.repeat_step(number, "count_before", performed_at=stated, late_reason="The network was down.")
    assert "late entry" in {item.rule for item in findings(lab.record(number))}


def test_a_repeat_without_a_cause_of_the_list_or_with_a_thin_reason_is_asked_back(lab: Lab) -> None:
    number = lab.play("count_before")
    assert problems(lab, number, "count_before", cause="") == {"cause": "Choose why it is repeated."}
    assert set(problems(lab, number, "count_before", cause="bad luck", reason="error")) == {"cause", "reason"}


def test_a_repeat_cannot_end_before_what_it_repeats(lab: Lab) -> None:
    number = lab.play("count_before")
    before = lab.clock() - timedelta(minutes=4)
    lab.clock.tick(3)
    assert problems(lab, number, "count_before", performed_at=before) == {
        "performed_at": "A repeat ends after the result that it repeats. Correct the time."
    }


def test_what_has_no_repeats_is_refused(lab: Lab) -> None:
    number = lab.play("receipt")
    assert refusal(lambda: lab.repeat_step(number, "receipt")) == ("not repeatable",)


def test_a_repeat_of_a_version_that_counts_no_more_is_refused(lab: Lab) -> None:
    number = lab.play("count_before")
    first = lab.record(number).current("count_before")
    assert first is not None
    lab.clock.tick(1)
    lab.repeat_step(number, "count_before")
    rules = refusal(
        lambda: steps.repeat_step(
            lab.by("tess"),
            step=lab.step(number, "count_before"),
            replaces=first.id,
            reading=lab.reading(number, "count_before"),
            cause="clumped cells",
            reason="Mixed again and counted anew.",
        )
    )
    assert rules == ("corrected",)


def test_a_repeat_of_another_sample_is_stopped(lab: Lab) -> None:
    number = lab.play("count_before")
    with pytest.raises(Stopped):
        lab.repeat_step(number, "count_before", sample_code="S-9")
    lab.repeat_step(
        number, "count_before", sample_code="S-9", happened_reason="The label was read from another rack."
    )
    assert "identity" in {item.rule for item in findings(lab.record(number))}
