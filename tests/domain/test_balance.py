"""The balance of the product."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.domain.results.balance import Balance, balance
from tests.support.example import example_record


def of(available: str, injected: str, residual: str) -> Balance:
    return Balance(Decimal(available), Decimal(injected), Decimal(residual), Decimal(5))


@pytest.mark.parametrize(
    ("residual", "closed"), [("2.0", True), ("1.7", True), ("1.6", False), ("2.4", False)]
)
def test_the_balance_is_closed_within_five_per_cent_of_what_was_left(residual: str, closed: bool) -> None:
    assert of("6.0", "4.0", residual).closed is closed


def test_with_nothing_left_nothing_may_have_been_injected() -> None:
    assert of("0", "0", "0").closed
    assert not of("0", "1", "0").closed
    assert not of("-1.0", "0", "0").closed, "more was drawn than there was"


def test_there_is_no_balance_before_the_residual_is_recorded() -> None:
    assert balance(example_record("released")) is None


def test_the_balance_of_the_example_is_closed() -> None:
    found = balance(example_record())
    assert found is not None
    assert found.closed
