"""The process definition: what it says is what is read, and what cannot be used is refused with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.processes.process import ADMINISTRATION, PATHWAYS, PROCESSING
from labrecords.domain.processes.process_text import read_process
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


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_every_pathway_is_accepted(pathway: str) -> None:
    assert read_process(process_text(('pathway = "LOCAL"', f'pathway = "{pathway}"'))).pathway == pathway
