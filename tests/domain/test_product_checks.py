"""The identity check of the product: what release and dispensing wait for, and what counts as such a check."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.custody.mixups import foreign_codes
from labrecords.domain.custody.product_checks import UNCHECKED, dispense_stop
from labrecords.domain.entries import VERIFIED
from labrecords.domain.processes.process import CHECKS
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.release import release_blockers
from labrecords.domain.steps.division import Part
from labrecords.domain.steps.product_check import ProductCheck
from tests.support.clean import REVIEWED, clean, entry_of, played, process_text
from tests.support.example_pen import Example

ASKED = process_text(
    ("minimum_cells = 100", 'minimum_cells = 100\nidentity_checks = ["release", "dispense"]')
)


def asked(decision: str = "") -> Example:
    return played(REVIEWED, text=ASKED, decision=decision)


def check(
    example: Example, key: str, *, occasion: str = "release", confirmed: bool = True, **changes: Any
) -> None:
    example.wait(5)
    batch = example.record.batch
    label = {
        "container_code": "SYR-7",
        "patient_code": batch.patient_code,
        "identity_code": batch.identity_code,
        "occasion": CHECKS[occasion],
    }
    example.step(key, **label | changes)
    if confirmed:
        example.confirm_all(key)


def waits(record: BatchRecord, example: Example) -> list[tuple[str, str]]:
    found = release_blockers(record, example.now)
    return [(one.sentence, one.step_key) for one in found if one.rule == UNCHECKED]


@pytest.mark.req("FACT-ID")
def test_a_release_waits_until_two_people_have_compared_the_label() -> None:
    example = asked()
    (none,) = waits(example.record, example)
    assert none == (
        "SYR-7: nobody has compared its label with this batch since it was filled.",
        "",
    )
    check(example, "product_check-1", confirmed=False)
    (alone,) = waits(example.record, example)
    assert alone == ("SYR-7: the identity check before the release is not confirmed.", "product_check-1")
    example.confirm_all("product_check-1")
    assert waits(example.record, example) == []


def test_a_process_that_asks_for_none_waits_for_none() -> None:
    example = played(REVIEWED, decision="")
    assert waits(example.record, example) == []
    assert dispense_stop(example.record, "SYR-7", example.now, example.now) is None


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"patient_code": "P-7777"}, ("P-7777",)),
        ({"identity_code": "7QX4-M2KD-9RTV"}, ("7QX4-M2KD-9RTV",)),
        ({"container_code": "SYR-8"}, ("SYR-8",)),
        ({"occasion": "dispense"}, ()),
    ],
)
def test_another_label_is_named_and_is_no_check(changes: dict[str, Any], found: tuple[str, ...]) -> None:
    example = asked()
    check(example, "product_check-1", **changes)
    made = entry_of(example.record, "product_check-1")
    assert foreign_codes(made.stops(example.record)) == found
    assert ("do not match" in made.summary(example.record)) == bool(found)
    assert len(waits(example.record, example)) == 1


def test_each_part_of_a_division_is_checked_after_it_was_filled() -> None:
    example = asked()
    check(example, "product_check-1")
    example.wait(5)
    example.step(
        "division-2",
        source_container_code="SYR-7",
        parts=(
            Part(container_code="SYR-7A", volume_ml=Decimal(3)),
            Part(container_code="SYR-7B", volume_ml=Decimal(4)),
        ),
        volume_in_ml=Decimal(7),
        left_ml=Decimal(0),
    )
    assert [said.partition(":")[0] for said, _ in waits(example.record, example)] == ["SYR-7A", "SYR-7B"]
    check(example, "product_check-3", container_code="SYR-7A")
    assert [said.partition(":")[0] for said, _ in waits(example.record, example)] == ["SYR-7B"]


def test_the_check_is_done_twice_unseen_although_no_process_plans_it() -> None:
    step = clean().process.step("product_check-1")
    assert (step.second_person, step.blind) == (True, True)


@pytest.mark.req("FACT-ID")
def test_nothing_is_dispensed_before_two_people_have_compared_the_label_since_the_release() -> None:
    example = asked()
    check(example, "product_check-1")
    check(example, "product_check-2", occasion="dispense")
    example.decide("released")
    example.seal()
    example.wait(5)
    given = example.step("handover_theatre")
    assert [one.rule for one in given.stops(example.record)] == [UNCHECKED]
    check(example, "product_check-3", occasion="dispense", confirmed=False)
    unconfirmed = example.now
    assert dispense_stop(example.record, "SYR-7", unconfirmed, unconfirmed) is not None
    example.confirm_all("product_check-3")
    assert dispense_stop(example.record, "SYR-7", example.now, example.now) is None
    # What was confirmed only afterwards was not there when the product was given.
    assert dispense_stop(example.record, "SYR-7", example.now, unconfirmed) is not None


def test_a_check_that_counts_has_two_readers() -> None:
    example = asked()
    check(example, "product_check-1", confirmed=False)
    (made,) = example.record.of_kind(ProductCheck)
    assert [one.act for one in example.record.outstanding(made)] == [VERIFIED]


def test_another_label_is_compared_anew() -> None:
    example = asked()
    check(example, "product_check-1")
    assert waits(example.record, example) == []
    example.wait(5)
    example.step("label_over-2", container_code="SYR-7", new_code="SYR-9", why="Torn.", old_label="removed")
    assert [words for words, _ in waits(example.record, example)] == [
        "SYR-9: nobody has compared its label with this batch since it was filled."
    ]
    check(example, "product_check-3", container_code="SYR-9")
    assert waits(example.record, example) == []
