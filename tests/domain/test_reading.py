"""A reading asks exactly what the process definition asks: one fact, with its label, unit and choices."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import problems, unusual
from labrecords.domain.facts import FactType
from labrecords.domain.kinds import facts_in
from labrecords.domain.processes.parameters import label_in
from labrecords.domain.processes.process import Question, Step
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.results import judged_values
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.reading import Observation
from labrecords.domain.values.limits import Limit
from tests.support.clean import altered, entry_of
from tests.support.shipped import processed, shipped_text

ONE_SPIN = "bone_marrow_concentrate_one_spin"
RECORD = processed(ONE_SPIN)
LIMIT = 'limits.number = { unit = "°C", decimals = 1, hard = ["-20", "60"], alert = ["18", "25"] }\n'
ASKED = 'asks = { type = "number", label = "Room temperature", unit = "°C" }'


def step(question: Question | None, **changes: Any) -> Step:
    return replace(RECORD.process.step("room_temperature"), asks=question, limits={}, **changes)


def read(**changes: Any) -> Observation:
    entry = entry_of(RECORD, "room_temperature")
    assert isinstance(entry, Observation)
    return replace(entry, **changes)


def asking(asked: str) -> BatchRecord:
    """The record as if the process had asked something else."""
    text = shipped_text(ONE_SPIN).replace(ASKED, asked).replace(LIMIT, "")
    return replace(RECORD, process=read_process(text))


@pytest.mark.parametrize(
    ("question", "type_"),
    [
        (Question("number", "Room temperature", "°C"), FactType.NUMBER),
        (Question("choice", "Colour", choices=("yellow", "red")), FactType.CHOICE),
        (Question("text", "Display of the device"), FactType.TEXT),
        (Question("yesno", "Door closed"), FactType.YESNO),
    ],
)
def test_one_fact_is_asked_as_the_definition_asks_it(question: Question, type_: FactType) -> None:
    (fact,) = facts_in(step(question))
    assert (fact.name, fact.type, fact.required) == (question.type, type_, True)
    assert (fact.label, fact.unit, fact.choices) == (question.label, question.unit, question.choices)


def test_other_kinds_are_asked_for_their_own_facts() -> None:
    assert [fact.name for fact in facts_in(RECORD.process.step("sample_before"))] == [
        "container_code", "sample_code", "volume_ml",
    ]  # fmt: skip


def test_without_a_question_a_text_is_asked() -> None:
    (fact,) = facts_in(step(None))
    assert (fact.name, fact.label) == ("text", "What was read")


def test_what_is_asked_is_required_and_nothing_else() -> None:
    asked = step(Question("number", "Pressure", "kPa"))
    assert problems(Observation, {"number": Decimal(5)}, asked) == {}
    (sentence,) = problems(Observation, {"number": None, "text": "5"}, asked).values()
    assert sentence.startswith("Fill in: pressure.")


def test_a_choice_is_one_of_those_of_the_question() -> None:
    asked = step(Question("choice", "Colour", choices=("yellow", "red")))
    assert problems(Observation, {"choice": "red"}, asked) == {}
    assert problems(Observation, {"choice": "green"}, asked) == {"choice": "Choose one of: yellow, red."}


@pytest.mark.parametrize(
    ("unit", "least", "possible"),
    [("°C", None, True), ("mL", None, False), ("mV", "-200", True), ("mL", "0", False)],
)
def test_a_temperature_can_be_negative_and_what_the_limits_let_be(
    unit: str, least: str | None, possible: bool
) -> None:
    hard = (Decimal(least) if least else None, None)
    asked = replace(step(Question("number", "Value", unit)), limits={"number": Limit(unit=unit, hard=hard)})
    assert (problems(Observation, {"number": Decimal(-5)}, asked) == {}) is possible


def test_the_usual_range_of_a_number_is_asked_back_under_its_name() -> None:
    limit = Limit(unit="°C", soft=(Decimal(18), Decimal(25)))
    asked = replace(step(Question("number", "Room temperature", "°C")), limits={"number": limit})
    assert list(unusual(Observation, {"number": Decimal(30)}, asked)) == ["number"]


def test_a_number_is_judged_and_found_under_the_label_of_the_question() -> None:
    record = altered(RECORD, "room_temperature", number=Decimal("27.0"))
    (value,) = judged_values(record, entry_of(record, "room_temperature"))
    assert (value.label, value.unit) == ("Room temperature", "°C")
    (finding,) = findings(record)
    assert finding.rule == "alert"
    assert "Room temperature: 27.0" in finding.sentence


def test_its_limits_are_reproduced_under_the_label_of_the_question() -> None:
    assert label_in(RECORD.process.step("room_temperature"), "number") == "Room temperature"
    assert label_in(RECORD.process.step("harvest"), "draws.volume_ml") == "Draws: volume"


@pytest.mark.parametrize(
    ("asked", "facts", "line"),
    [
        (ASKED, {}, "Room temperature: 21.0 °C"),
        ('asks = { type = "yesno", label = "Door closed" }', {"yesno": True}, "Door closed: yes"),
        ('asks = { type = "yesno", label = "Door closed" }', {"yesno": False}, "Door closed: no"),
        ('asks = { type = "text", label = "Display" }', {"text": "E-04"}, "Display: E-04"),
    ],
)
def test_in_one_line(asked: str, facts: dict[str, Any], line: str) -> None:
    record = asking(asked) if asked != ASKED else RECORD
    assert read(**facts).summary(record) == line
