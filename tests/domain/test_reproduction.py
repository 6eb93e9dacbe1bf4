"""A master record in words: everything it holds is said, and nothing that it does not hold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.parameters import optional_facts, parameter_label, parameters_of
from labrecords.domain.processes.process import Question
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.processes.reproduction import (
    head_facts,
    particulars,
    question_words,
    ranges,
    second_person_words,
    step_of,
    time_words,
    yield_facts,
)
from labrecords.domain.values.limits import OPEN, Limit
from tests.support.clean import process_text
from tests.support.story import number_of

TIMED = process_text() + (
    '\n[[time_limit]]\nfrom = "harvest"\nto = "receipt"\nlabel = "Transport"\nmin_min = "1.5"\nmax_min = "60"\n'
)


def test_the_head_names_every_tolerance_with_its_unit() -> None:
    said = dict(head_facts(read_process(TIMED)))
    assert said["Age since harvest, at most"] == "4 h"
    assert said["Shelf life since filling"] == "no limit"
    assert said["Entry is late after"] == "15 min"
    assert said["Volume balance, tolerated"] == "5 %"
    assert said["Labels of a batch"] == (
        "harvest container, containers in process, final container, accompanying record"
    )
    assert said["Regulatory pathway"] == "LOCAL: another country, by its own rules"


def test_a_step_says_what_is_asked_of_it_beyond_its_kind() -> None:
    process = read_process(TIMED)
    assert particulars(process, process.step("order")) == ()
    assert particulars(process, process.step("count_after")) == (
        "Required here: Viability dye, Live cells, Dead cells.",
    )
    order = replace(process.step("order"), materials=("ACD-A", "heparin"), equipment=("CF-02",))
    assert particulars(process, order) == (
        "Materials: ACD-A, heparin; nothing else.",
        "Equipment: CF-02; nothing else.",
    )
    assert particulars(process, process.step("receipt")) == (
        f"Transport: at least 1.5 min, at most 60 min after the end of step {number_of('harvest')}.",
    )


@pytest.mark.parametrize(
    ("written", "words"), [("none", "none"), ("verify", "verifies"), ("blind", "enters it again, blind")]
)
def test_the_second_person_has_three_parts(written: str, words: str) -> None:
    once = 'title = "Note the order and the consent"\n'
    text = process_text((once, once + f'sop = "SOP-{written}"\n'))
    text = text.replace('second_person = "verify"', f'second_person = "{written}"', 1)
    assert second_person_words(read_process(text).step("order")) == words


def test_a_question_is_said_with_unit_and_choices() -> None:
    assert (
        question_words(Question("number", "pH of the wash", "pH"))
        == "Asks for a number in pH, pH of the wash."
    )
    choices = Question("choice", "Colour", choices=("clear", "red"))
    assert question_words(choices) == "Asks for a choice, Colour: clear, red."


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (None, None, "no limit"),
        (Decimal(5), None, "at least 5 min"),
        (None, Decimal("1440"), "at most 1\u00a0440 min"),
        (Decimal(0), Decimal(5), "at least 0 min, at most 5 min"),
    ],
)
def test_a_time_limit_in_words(least: Decimal | None, most: Decimal | None, words: str) -> None:
    assert time_words(least, most) == words


def test_ranges_are_said_without_rounding_and_an_open_end_stays_open() -> None:
    words = ranges(
        Limit(
            "mL",
            1,
            Decimal("2.50"),
            (Decimal(0), Decimal(1000)),
            OPEN,
            (None, Decimal(5)),
            (Decimal(1), None),
        )
    )
    assert (words.target, words.hard, words.soft) == ("2.50", "0 to 1\u00a0000", "")
    assert (words.alert, words.acceptance) == ("at most 5", "at least 1")
    assert words.rounding == "1, half-up"
    assert ranges(Limit()).rounding == "not rounded"


def test_steps_are_named_by_number_title_and_parameter() -> None:
    process = read_process(process_text())
    assert step_of(process, "spin_1") == f"{number_of('spin_1')} Spin the tube"
    received = number_of("receipt")
    assert step_of(process, "receipt.volume_ml") == f"{received} Inspect what was received: Volume received"
    assert step_of(process, "") == "none"
    counted = number_of("count_before")
    assert dict(yield_facts(process))["Cells before: count"] == f"{counted} Count the cells before processing"


def test_parameters_are_the_numbers_of_a_kind_rows_included_with_the_units_of_their_facts() -> None:
    found = {item.name: item.unit for item in parameters_of("harvest")}
    assert found == {
        "draws.volume_ml": "mL",
        "anticoagulant_volume_ml": "mL",
        "heparin_iu": "IU",
        "total_volume_ml": "mL",
        "needle_gauge": "G",
        "syringe_ml": "mL",
        "punctures": "",
        "redirect_depth_mm": "mm",
        "local_anaesthetic_ml": "mL",
    }
    assert parameters_of("unheard of") == ()
    assert parameter_label("harvest", "draws.volume_ml") == "Draws: volume"
    assert parameter_label("cell_count", "evenness_chi2") == "Evenness chi2"


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_can_be_required_is_what_is_optional(kind: str) -> None:
    assert all(not fact.required for fact in optional_facts(kind))
