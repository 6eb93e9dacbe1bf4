"""An entry made of what a person stated: blanks are closed, with a reason."""

from __future__ import annotations

import pytest

from labrecords.actions.door import Invalid
from tests.support.lab import Lab


@pytest.mark.req("DI-LEG")
def test_what_was_left_empty_is_named_and_asked_back(lab: Lab) -> None:
    number = lab.play(until="identity_harvest")
    with pytest.raises(Invalid) as refused:
        lab.record_step(number, "harvest", seal_number=None, needle=None, blank_reason=None)
    sentence = refused.value.problems["blank_reason"]
    assert "seal number" in sentence
    assert "needle" in sentence


@pytest.mark.req("DI-LEG")
def test_a_blank_is_closed_with_its_reason_and_only_a_blank(lab: Lab) -> None:
    number = lab.play(until="identity_harvest")
    lab.record_step(number, "harvest", needle=None, seal_number="S-1", blank_reason="not known")
    entry = lab.record(number).current("harvest")
    assert entry is not None
    assert entry.blanks["needle"] == "not known"
    assert "seal_number" not in entry.blanks


def test_a_reason_for_blanks_is_one_of_the_list(lab: Lab) -> None:
    number = lab.play(until="identity_harvest")
    with pytest.raises(Invalid) as refused:
        lab.record_step(number, "harvest", needle=None, blank_reason="whatever")
    assert "blank_reason" in refused.value.problems


def test_where_nothing_is_left_empty_no_reason_is_asked(lab: Lab) -> None:
    number = lab.play(until="receipt")
    lab.record_step(number, "sample_before", blank_reason=None)
    entry = lab.record(number).current("sample_before")
    assert entry is not None
    assert entry.blanks == {}


def test_a_correction_that_fills_a_blank_opens_it(lab: Lab) -> None:
    number = lab.play(until="identity_harvest")
    lab.record_step(number, "harvest", needle=None)
    lab.correct_step(number, "harvest", needle="11 G, lot N-4")
    entry = lab.record(number).current("harvest")
    assert entry is not None
    assert "needle" not in entry.blanks
