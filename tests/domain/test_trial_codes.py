"""Trial codes: whatever a scanner is set to wrongly is named as what it is."""

from __future__ import annotations

import pytest

from labrecords.domain.custody.trial_codes import TRIALS, verdict

DIGITS, LETTERS, SIGNS, SMALL = (trial.text for trial in TRIALS)
QWERTZ = str.maketrans("YZ-/", "ZYß-")


@pytest.mark.parametrize("code", [DIGITS, LETTERS, SIGNS, SMALL])
def test_a_code_that_arrives_as_printed_is_right_also_with_a_prefix_that_may_stay(code: str) -> None:
    assert verdict(code).good
    assert verdict(f"{code}\t").good
    told = verdict(f"]d2{code}")
    assert told.good
    assert "]d2" in told.sentences[1]


def test_another_keyboard_layout_is_named_character_by_character() -> None:
    told = verdict(LETTERS.translate(QWERTZ))
    assert not told.good
    assert told.sentences[:2] == ("Y arrived as Z.", "Z arrived as Y.")
    assert "keyboard layout" in told.sentences[2]
    assert "- arrived as ß." in verdict(SIGNS.translate(QWERTZ)).sentences


def test_capitals_prefix_suffix_and_loss_are_named() -> None:
    assert "Caps Lock" in verdict(SMALL.swapcase()).sentences[0]
    assert "do not stay apart" in verdict(SMALL.upper()).sentences[0]
    assert "take this prefix out" in verdict(f"#1{DIGITS}").sentences[0]
    assert "the control character 2" in verdict(f"\x02{DIGITS}").sentences[0]
    assert verdict(f"{DIGITS};").sentences == (
        "After it came ;: let it end with Enter, with Tab or with nothing.",
    )
    assert verdict(LETTERS[:-3]).sentences[0].startswith("3 characters are missing at the end")


@pytest.mark.parametrize("arrived", ["", "BAG-7", "TRIAL", "x" * 300])
def test_anything_else_is_no_trial_code(arrived: str) -> None:
    assert not verdict(arrived).good
