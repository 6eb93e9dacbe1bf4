"""Section 20 of the printed record: what became of each syringe."""

from __future__ import annotations

from dataclasses import replace

from labrecords.documents.batch_record import render
from tests.support.clean import altered, entry_of
from tests.support.example import example_package, example_record
from tests.support.printed import squeezed, text_of
from tests.support.syringes import two_syringes


def test_each_syringe_has_its_balance_and_an_open_one_says_so() -> None:
    text = squeezed(
        text_of(render(example_package(two_syringes(left=("1.5", "1.0"), record=example_record()))).pdf)
    )
    table = text.partition(squeezed("Balance of each container: held = injected + left"))[2]
    assert squeezed("SYR-7A 3.5 2.0 1.5 0.0 closed") in table
    assert squeezed("SYR-7B 4.0 2.0 1.0 1.0 OPEN") in table


def test_a_single_syringe_has_no_table_of_its_own() -> None:
    text = squeezed(text_of(render(example_package()).pdf))
    assert squeezed("Balance of the product") in text
    assert squeezed("Balance of each container") not in text


def test_a_complication_at_one_site_stands_in_section_21() -> None:
    record = example_record()
    first, *rest = getattr(entry_of(record, "injection"), "sites")  # noqa: B009 - an Entry has no sites for mypy
    record = altered(record, "injection", sites=(replace(first, complication="vagal reaction"), *rest))
    text = squeezed(text_of(render(example_package(record)).pdf))
    assert squeezed(f"{first.words()}: vagal reaction") in text
