"""Entries: what cannot be a fact, what is unusual, who must confirm, who took part."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import ATTESTED, VERIFIED, Wanted, problems, unusual
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.steps.harvest import Draw
from tests.support.clean import LAST, clean, entry_of, person_id

RECORD = clean(LAST)


def values(key: str, **changes: Any) -> dict[str, Any]:
    entry = entry_of(RECORD, key)
    return {fact.name: getattr(entry, fact.name) for fact in facts_of(type(entry))} | changes


def said(key: str, **changes: Any) -> dict[str, str]:
    step = RECORD.process.step(key)
    return problems(KINDS[step.kind], values(key, **changes), step)


def odd(key: str, **changes: Any) -> dict[str, str]:
    step = RECORD.process.step(key)
    return unusual(KINDS[step.kind], values(key, **changes), step)


@pytest.mark.parametrize("key", [entry.step_key for entry in RECORD.entries])
def test_what_the_story_states_is_possible_and_usual(key: str) -> None:
    assert said(key) == {}
    assert odd(key) == {}


@pytest.mark.parametrize("empty", [None, "", ()])
def test_a_required_fact_that_is_missing_is_asked_for(empty: Any) -> None:
    sentence = "Fill in: site. If it was not done, say so with the reason."
    assert said("harvest", site=empty) == {"site": sentence}


def test_no_rows_at_all_are_asked_for() -> None:
    assert list(said("harvest", draws=())) == ["draws"]


def test_an_optional_fact_may_be_missing() -> None:
    assert said("harvest", needle=None, complications="") == {}


def test_zero_and_no_are_answers() -> None:
    assert said("count_after", dead=0) == {}
    assert said("receipt", label_legible=False) == {}


def test_a_fact_that_only_this_step_requires_is_asked_for() -> None:
    assert list(said("count_after", dye=None, live=None, dead=None)) == ["dye", "live", "dead"]
    assert said("count_before", dye=None, live=None, dead=None) == {}


def test_a_negative_number_is_refused() -> None:
    assert said("sample_after", volume_ml=Decimal("-0.1")) == {
        "volume_ml": "Volume drawn cannot be negative."
    }


def test_a_negative_count_is_refused() -> None:
    assert said("count_after", live=-1) == {"live": "Live cells cannot be negative."}


def test_a_temperature_may_be_negative() -> None:
    assert said("receipt", temperature_c=Decimal("-5")) == {}


@pytest.mark.req("P11-10f", "D11-10.1")
def test_an_impossible_number_is_refused_and_its_ends_are_possible() -> None:
    sentence = "1000.1 mL cannot be right: possible is 1 to 1000 mL. Check the number and the unit."
    assert said("harvest", total_volume_ml=Decimal("1000.1")) == {"total_volume_ml": sentence}
    assert said("harvest", total_volume_ml=Decimal(1000)) == {}


def test_a_word_that_is_not_offered_is_refused() -> None:
    assert said("spin_1", brake="hard") == {"brake": "Choose one of: off, soft, full."}


def test_of_speed_and_force_at_least_one_is_entered() -> None:
    assert said("spin_1", speed_rpm=Decimal(2400), rcf_g=Decimal(800)) == {}
    found = said("spin_1", speed_rpm=None, rcf_g=None)
    sentence = "Enter at least one: speed or relative centrifugal force."
    assert found == {"speed_rpm": sentence}


def test_of_volume_and_mass_exactly_one_is_entered() -> None:
    sentence = "Enter exactly one: volume received or mass received."
    for volume, mass in ((None, None), (Decimal(60), Decimal(63))):
        assert said("receipt", volume_ml=volume, weighed_g=mass) == {"volume_ml": sentence}


@pytest.mark.parametrize(
    ("volume", "sentence"),
    [
        (None, "Row 2: fill in volume."),
        (Decimal(-1), "Row 2: Volume cannot be negative."),
        (
            Decimal(501),
            "Row 2: 501 mL cannot be right: possible is 0.1 to 500 mL. Check the number and the unit.",
        ),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_its_number(volume: Any, sentence: str) -> None:
    rows = (Draw(volume_ml=Decimal(18)), Draw(volume_ml=volume))
    assert said("harvest", draws=rows) == {"draws-1-volume_ml": sentence}


def test_contradictions_are_looked_for_only_when_each_fact_alone_is_possible() -> None:
    found = said("harvest", anticoagulant_volume_ml=Decimal(100), total_volume_ml=None)
    assert list(found) == ["total_volume_ml"]
    assert list(said("harvest", anticoagulant_volume_ml=Decimal(100))) == ["anticoagulant_volume_ml"]


@pytest.mark.req("D11-10.1")
def test_an_unusual_number_asks_for_a_reason_and_is_no_problem() -> None:
    sentence = "15 mL is unusual: usual is 20 to 240 mL. If it is right, confirm it and give the reason."
    assert odd("harvest", total_volume_ml=Decimal(15)) == {"total_volume_ml": sentence}
    assert said("harvest", total_volume_ml=Decimal(15)) == {}


def test_an_unusual_number_in_a_row_asks_once_and_names_the_first_row() -> None:
    rows = tuple(Draw(volume_ml=Decimal(volume)) for volume in (18, 61, 99))
    found = odd("harvest", draws=rows)
    assert list(found) == ["draws"]
    assert found["draws"].startswith("Row 2: 61 mL is unusual")


@pytest.mark.req("DI-ATT")
def test_what_another_recorded_is_attested_by_the_performer() -> None:
    harvest = entry_of(RECORD, "harvest")
    assert harvest.performed_by != harvest.recorded_by
    assert harvest.wanted(RECORD) == (Wanted(ATTESTED, person_id(RECORD, "paula")),)


def test_what_the_performer_recorded_needs_no_attestation() -> None:
    sample = entry_of(RECORD, "sample_before")
    assert sample.wanted(RECORD) == ()


@pytest.mark.req("A11-6", "GMP-103")
def test_a_step_with_a_second_person_is_verified_by_anyone_entitled() -> None:
    count = entry_of(RECORD, "count_after")
    assert count.wanted(RECORD) == (Wanted(VERIFIED, None),)


def test_everybody_named_in_an_act_took_part_in_it() -> None:
    handover = entry_of(RECORD, "handover_laboratory")
    assert handover.people() == {person_id(RECORD, "tess"), person_id(RECORD, "paula")}
    scribe = replace(handover, recorded_by=person_id(RECORD, "vic"))
    assert person_id(RECORD, "vic") in scribe.people()


@pytest.mark.parametrize("key", [entry.step_key for entry in RECORD.entries])
def test_every_act_has_a_summary_in_one_line(key: str) -> None:
    summary = entry_of(RECORD, key).summary(RECORD)
    assert summary
    assert "\n" not in summary
