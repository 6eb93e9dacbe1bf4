"""The process definition: what it says is what is read, and what cannot be used is refused with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.domain.canonical import sha256_hex
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.process import ADMINISTRATION, PATHWAYS, PROCESSING, ProcessError, read_process
from tests.support.clean import process_text

SHIPPED = read_process(process_text())


def test_the_digest_is_that_of_the_text() -> None:
    assert SHIPPED.text == process_text()
    assert SHIPPED.digest == sha256_hex(process_text().encode())


def test_steps_are_numbered_in_the_order_of_the_text() -> None:
    assert [step.number for step in SHIPPED.steps] == list(range(1, len(SHIPPED.steps) + 1))
    assert SHIPPED.step("order").number == 1
    with pytest.raises(KeyError):
        SHIPPED.step("washing")


def test_every_step_belongs_to_one_of_two_phases_in_this_order() -> None:
    phases = [step.phase for step in SHIPPED.steps]
    assert phases == sorted(phases, key=[PROCESSING, ADMINISTRATION].index)
    assert SHIPPED.phase(PROCESSING) + SHIPPED.phase(ADMINISTRATION) == SHIPPED.steps
    assert SHIPPED.phase(ADMINISTRATION)[0].key == "handover_theatre"


def test_numbers_keep_their_decimals() -> None:
    process = read_process(process_text(('max_age_h = "4"', 'max_age_h = "4.50"')))
    assert str(process.max_age_h) == "4.50"
    assert SHIPPED.shelf_life_h is None


def test_an_open_end_of_a_limit_is_none() -> None:
    limit = next(spec.limit for spec in SHIPPED.results if spec.key == "recovery_percent")
    assert limit.acceptance == (None, Decimal(110))


def test_every_limit_and_required_fact_of_a_step_belongs_to_its_kind() -> None:
    for step in SHIPPED.steps:
        names = set()
        for fact in facts_of(KINDS[step.kind]):
            names |= {fact.name}
            names |= {f"{fact.name}.{part.name}" for part in facts_of(fact.row)} if fact.row else set()
        assert set(step.limits) | step.required_facts <= names, step.key


def test_the_yield_is_taken_from_steps_that_exist() -> None:
    for name in vars(SHIPPED.yields).values():
        key, _, fact = name.partition(".")
        kind = KINDS[SHIPPED.step(key).kind]
        assert not fact or fact in {item.name for item in facts_of(kind)}


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_every_pathway_is_accepted(pathway: str) -> None:
    assert read_process(process_text(('pathway = "LOCAL"', f'pathway = "{pathway}"'))).pathway == pathway


REFUSED = [
    ("no TOML", "[process]", "[process", "The definition is not readable TOML"),
    ("no key", 'key = "bone-marrow-concentrate"\n', "", "The definition lacks 'key'."),
    ("no process", "[process]", "[procedure]", "The definition lacks 'process'."),
    ("no yield", "[yield]", "[gain]", "The definition lacks 'yield'."),
    ("unknown pathway", '"LOCAL"', '"MARS"', "process.pathway: “MARS” is not one of US_SSP"),
    ("number not a string", 'max_age_h = "4"', "max_age_h = 4.0", 'process.max_age_h: write numbers as strings'),
    ("no number", 'max_age_h = "4"', 'max_age_h = "four"', "process.max_age_h: “four” is not a number."),
    ("not a finite number", 'max_age_h = "4"', 'max_age_h = "NaN"', "process.max_age_h: “NaN” is not a number."),
    ("infinity", 'max_age_h = "4"', 'max_age_h = "inf"', "process.max_age_h: “inf” is not a number."),
    ("minutes in words", "late_after_min = 15", 'late_after_min = "soon"', "late_after_min"),
    ("two steps of one key", 'key = "spin_2"', 'key = "spin_1"', "Two steps have the same key."),
    ("unknown second person", 'key = "spin_2"', 'key = "spin_2"\nsecond_person = "two"', "not readable TOML"),
    ("unknown phase", 'key = "spin_2"', 'key = "spin_2"\nphase = "later"', "step 9 (spin_2): “later” is not one of"),
    ("unknown word in a limit", 'hard = ["0.01", "100"]', 'wide = ["0.01", "100"]',
     "step 15 (injection), sites.volume_ml: unknown wide."),
    ("ends in the wrong order", 'hard = ["0.01", "100"]', 'hard = ["100", "0.01"]',
     "step 15 (injection), sites.volume_ml: the hard range runs from 100 to 0.01"),
    ("a range of three", 'hard = ["0.01", "100"]', 'hard = ["0", "1", "2"]',
     "step 15 (injection), sites.volume_ml: hard is not a pair of ends"),
    ("unknown rounding", 'hard = ["0.01", "100"]', 'rounding = "down"',
     "step 15 (injection), sites.volume_ml: “down” is not one of half-up, half-even."),
    ("a yield too many", "[yield]", '[yield]\nmore = "x"', "The definition has a table of the wrong shape"),
    ("steps that are no list", "[[result]]\nkey = \"viability_percent\"", "[result]\nkey = \"viability_percent\"",
     "The definition"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "sentence"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_definition_that_cannot_be_used_is_refused_with_its_place(
    old: str, new: str, sentence: str
) -> None:
    text = process_text()
    assert old in text
    with pytest.raises(ProcessError) as caught:
        read_process(text.replace(old, new, 1))
    assert sentence in str(caught.value)


def test_steps_that_are_a_table_instead_of_a_list_are_refused() -> None:
    with pytest.raises(ProcessError, match="wrong shape"):
        read_process('step = { key = "a" }\n[process]\nkey = "x"')


@pytest.mark.parametrize(
    "text", ["x = " + "[" * 5000, "x = " + "1" * 5000, "\x00", ""], ids=["deep", "long", "nul", "empty"]
)
def test_hostile_text_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(ProcessError):
        read_process(text)
