"""What is asked before a harvest: a yes is told in words and seen by who reviews, a result has its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from labrecords.domain.entries import Entry, left_empty, problems
from labrecords.domain.facts import facts_of
from labrecords.domain.rules.exclusions import EXCLUSIONS, MARKERS
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.order import Order
from tests.support.clean import altered, clean, entry_of

RECORD = clean("order")
ALL_CLEAR: dict[str, Any] = {
    **dict.fromkeys(EXCLUSIONS, "no"),
    **dict.fromkeys(MARKERS, "negative"),
    "markers_tested_on": date(2026, 11, 10),
}


def order(**changes: Any) -> Entry:
    return replace(entry_of(RECORD, "order"), **changes)


def stated(**changes: Any) -> dict[str, Any]:
    entry = order(**changes)
    return {fact.name: getattr(entry, fact.name) for fact in facts_of(Order)}


def asked_back(**changes: Any) -> dict[str, str]:
    return problems(Order, stated(**changes), RECORD.process.step("order"))


def seen(**changes: Any) -> list[tuple[str, Severity, str]]:
    record = altered(RECORD, "order", **changes)
    return [
        (item.rule, item.severity, item.sentence)
        for item in findings(record)
        if item.rule == "exclusion check"
    ]


def test_an_order_without_the_checks_can_be_recorded_as_before() -> None:
    assert asked_back() == {}
    assert seen() == []


def test_an_order_in_which_nothing_speaks_against_the_harvest_has_no_finding() -> None:
    assert asked_back(**ALL_CLEAR) == {}
    assert seen(**ALL_CLEAR) == []
    empty = {fact.name for fact in left_empty(Order, stated(**ALL_CLEAR), RECORD.process.step("order"))}
    assert empty == {"indication_note", "prescriber"}


@pytest.mark.parametrize(("name", "words"), EXCLUSIONS.items())
def test_a_yes_is_told_in_words_and_is_a_finding_that_stops_nothing(name: str, words: str) -> None:
    assert asked_back(**ALL_CLEAR | {name: "yes"}) == {"exclusion_words": f"Write what is known: {words}."}
    told = ALL_CLEAR | {name: "yes", "exclusion_words": "Treated until last week."}
    assert asked_back(**told) == {}
    ((_, severity, sentence),) = seen(**told)
    assert severity is Severity.EXCEPTION
    assert f"({words}): Treated until last week." in sentence
    assert stops_of(RECORD, order(**told)) == ()


def test_what_was_not_asked_is_seen_and_is_no_answer() -> None:
    ((_, _, sentence),) = seen(**ALL_CLEAR | {"malignancy": "not asked", "allergy": "not asked"})
    assert "was not asked about malignancy, allergy to heparin, citrate or contrast medium." in sentence


def test_a_positive_marker_is_a_finding_and_one_that_was_not_tested_is_recorded() -> None:
    ((_, severity, sentence),) = seen(**ALL_CLEAR | {"hcv": "positive", "hiv": "not tested"})
    assert severity is Severity.EXCEPTION
    assert sentence.endswith("n infectious marker is positive: HCV.")
    untested = {**ALL_CLEAR, **dict.fromkeys(MARKERS, "not tested"), "markers_tested_on": None}
    assert (asked_back(**untested), seen(**untested)) == ({}, [])


def test_a_result_has_its_day_and_a_day_its_result() -> None:
    assert set(asked_back(**ALL_CLEAR | {"markers_tested_on": None})) == {"markers_tested_on"}
    assert set(asked_back(markers_tested_on=date(2026, 11, 10))) == {"markers_tested_on"}
