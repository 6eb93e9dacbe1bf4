"""Numbers of fat-derived cells, with the examples of domain 3.5 and what cannot be computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations import adipose
from labrecords.domain.results import yields

VOLUMES = st.decimals(min_value="0.1", max_value="1000", places=1)


@pytest.mark.parametrize(
    ("cells", "mass", "expected"), [("46000000", "92", "500000"), ("10764000", "92", "117000")]
)
def test_published_yields_for_each_gram(cells: str, mass: str, expected: str) -> None:
    assert yields.yield_per_gram(Decimal(cells), Decimal(mass)) == Decimal(expected)


@pytest.mark.parametrize(("per_gram", "expected"), [("117000", "1.0764E+7"), ("500000", "4.6E+7")])
def test_the_cells_that_92_g_give_at_published_yields(per_gram: str, expected: str) -> None:
    assert yields.expected_cells(Decimal(per_gram), Decimal(92)) == Decimal(expected)


@given(st.integers(0, 10**12), st.decimals(min_value="0.1", max_value="5000", places=1))
def test_the_yield_and_the_cells_it_gives_belong_together(cells: int, mass: Decimal) -> None:
    per_gram = yields.yield_per_gram(Decimal(cells), mass)
    assert abs(yields.expected_cells(per_gram, mass) - cells) < Decimal("0.001")


@pytest.mark.parametrize(
    ("counted", "highest"), [((100, 100), "128.28"), ((400, 400), "114.14"), ((452, 431), "113.46")]
)
def test_the_recovery_that_counting_alone_explains(counted: tuple[int, int], highest: str) -> None:
    assert yields.recovery_limit_percent(*counted).quantize(Decimal("0.01")) == Decimal(highest)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_more_cells_counted_explain_less(before: int, after: int) -> None:
    assert yields.recovery_limit_percent(before, after) > 100
    assert yields.recovery_limit_percent(2 * before, after) < yields.recovery_limit_percent(before, after)


def test_lidocaine_for_each_kg() -> None:
    dose = adipose.lidocaine_mg_per_kg(Decimal(500), Decimal(1000), Decimal("70.0"))
    assert dose.quantize(Decimal("0.01")) == Decimal("7.14")


@given(VOLUMES, VOLUMES, st.integers(1, 8), st.integers(1, 8))
def test_washes_multiply(kept: Decimal, wash: Decimal, first: int, second: int) -> None:
    apart = adipose.dilution_by_washing(kept, wash, first) * adipose.dilution_by_washing(kept, wash, second)
    together = adipose.dilution_by_washing(kept, wash, first + second)
    assert abs(apart / together - 1) < Decimal("1e-20")


@given(st.integers(0, 10**13))
def test_minutes_are_exact_to_the_microsecond(microseconds: int) -> None:
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    end = start + timedelta(microseconds=microseconds)
    assert abs(adipose.minutes_between(start, end) * 60_000_000 - microseconds) < Decimal("1e-20")


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: adipose.lidocaine_mg_per_kg(Decimal(500), Decimal(1000), Decimal(0)),
        lambda: adipose.enzyme_percent(Decimal(100), Decimal(0)),
        lambda: adipose.enzyme_units_per_ml(Decimal(1), Decimal(100), Decimal(0)),
        lambda: adipose.enzyme_ratio(Decimal(1), Decimal(0)),
        lambda: adipose.dilution_by_washing(Decimal(0), Decimal(45), 1),
        lambda: yields.expected_cells(Decimal(1), Decimal(0)),
        lambda: yields.recovery_limit_percent(0, 100),
    ],
)
def test_what_cannot_be_computed_says_so(impossible: Callable[[], Decimal]) -> None:
    with pytest.raises(ValueError, match=r"must be above 0|at least one counted"):
        impossible()
