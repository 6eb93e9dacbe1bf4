"""What a correction changes beyond the value, from the record before and after it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.domain.reasons import reason_problem, told
from labrecords.domain.review.corrections import MISTAKES, impact
from tests.support.lab import Lab


def test_a_count_that_is_corrected_changes_recovery_and_dose(lab: Lab) -> None:
    number = lab.play("count_after")
    before = lab.record(number)
    lab.correct_step(number, "final_container", volume_ml=Decimal("9.0"))
    found = impact(before, lab.record(number), "final_container")
    changed = {item.label for item in found.recalculated}
    assert any("Recovery" in label for label in changed)
    assert all(item.before != item.after for item in found.recalculated if item.before != "no result")
    assert any("has to be signed anew" in sentence for sentence in found.falling)


def test_a_decision_that_falls_is_named(lab: Lab) -> None:
    number = lab.play("released")
    before = lab.record(number)
    lab.correct_step(number, "receipt", volume_ml=Decimal("59.5"))
    found = impact(before, lab.record(number), "receipt")
    assert any("decision “released”" in sentence for sentence in found.falling)


def test_what_the_correction_brings_up_against_release_is_named(lab: Lab) -> None:
    number = lab.play("count_after")
    before = lab.record(number)
    lab.correct_step(number, "count_after", live=100, dead=100)
    found = impact(before, lab.record(number), "count_after")
    assert any("Viability" in sentence for sentence in found.brought_up)


def test_a_word_that_nothing_follows_from_has_no_consequence(lab: Lab) -> None:
    number = lab.play("sample_before")
    before = lab.record(number)
    lab.correct_step(number, "sample_before", note="Tube with a red cap.")
    assert not impact(before, lab.record(number), "sample_before")


def test_what_was_shown_is_recognised_by_its_digest(lab: Lab) -> None:
    number = lab.play("count_after")
    before = lab.record(number)
    lab.correct_step(number, "final_container", volume_ml=Decimal("9.0"))
    after = lab.record(number)
    assert impact(before, after, "final_container").digest == impact(before, after, "final_container").digest
    assert impact(before, after, "final_container").digest != impact(before, before, "final_container").digest


def test_a_cause_alone_is_no_reason() -> None:
    assert told("typed wrongly", "Two digits.") == "Typed wrongly: Two digits."
    assert "other" in MISTAKES


@pytest.mark.parametrize(
    "words",
    [
        "",
        "error",
        "Error.",
        "errors",
        "error error",
        "typing mistakes",
        "xxxxx",
        "12345 678",
        "... !!!",
        "ab c",
    ],
)
def test_words_that_say_nothing_are_no_reason(words: str) -> None:
    assert reason_problem(words) is not None


def test_the_chosen_cause_alone_is_no_reason() -> None:
    assert reason_problem("Misread.", "misread") is not None
    assert reason_problem("Misread: the meniscus.", "misread") is None


@pytest.mark.parametrize(
    "words", ["Two digits were swapped.", "Clotted.", "Meniscus misread", "ピペットの読み間違い"]
)
def test_a_few_words_that_another_understands_are_a_reason(words: str) -> None:
    assert reason_problem(words) is None
