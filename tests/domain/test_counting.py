"""Counting: the worked examples of domain 3.2, 3.3 and 3.7."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations.counting import (
    chi_square_point,
    concentration_per_ml,
    cv_percent,
    dilution_factor,
    evenness,
    poisson_cv_percent,
    poisson_interval,
    viability_percent,
    wilson_interval_percent,
)
from labrecords.domain.values.limits import Limit, Outcome, judge, round_half_up


def rounded(value: Decimal, decimals: int) -> str:
    return str(round_half_up(value, decimals))


@pytest.mark.parametrize(
    ("counts", "factor", "cells"),
    [
        ([45, 52, 48, 55], 2, 1_000_000),
        ([113, 112, 113, 112], 10, 11_250_000),
        ([122, 122, 122, 122, 122], 100, 122_000_000),
    ],
)
def test_concentration(counts: list[int], factor: int, cells: int) -> None:
    assert concentration_per_ml(counts, Decimal(factor), Decimal("0.0001")) == cells


def test_dilution_is_stored_as_parts() -> None:
    assert dilution_factor(Decimal(100), Decimal(100)) == 2
    assert dilution_factor(Decimal(1), Decimal(9)) == 10
    assert dilution_factor(Decimal(1), Decimal(10)) == 11
    assert dilution_factor(Decimal(10), Decimal(80), Decimal(10)) == 10


@pytest.mark.parametrize(
    ("live", "dead", "percent", "low", "high"),
    [
        (120, 30, "80.0", "72.9", "85.6"),
        (184, 16, "92.0", "87.4", "95.0"),
        (69, 31, "69.0", "59.4", "77.2"),
        (139, 61, "69.5", "62.8", "75.5"),
        (278, 122, "69.5", "64.8", "73.8"),
    ],
)
def test_viability_with_wilson_interval(live: int, dead: int, percent: str, low: str, high: str) -> None:
    assert rounded(viability_percent(live, dead), 1) == percent
    below, above = wilson_interval_percent(live, live + dead)
    assert (rounded(below, 1), rounded(above, 1)) == (low, high)


def test_69_percent_fails_though_the_interval_spans_the_limit() -> None:
    limit = Limit(unit="%", decimals=0, acceptance=(Decimal(70), None))
    assert judge(viability_percent(69, 31), limit).outcome is Outcome.FAIL
    assert judge(viability_percent(139, 61), limit).outcome is Outcome.PASS
    assert wilson_interval_percent(69, 100)[1] > 70


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_wilson_interval_lies_around_the_value_within_0_and_100(live: int, dead: int) -> None:
    low, high = wilson_interval_percent(live, live + dead)
    assert 0 <= low <= viability_percent(live, dead) < high < 100
    mirrored = wilson_interval_percent(dead, live + dead)
    assert abs(mirrored[1] - (100 - low)) < Decimal("1e-25")


def test_none_and_all_have_exact_ends() -> None:
    assert wilson_interval_percent(0, 50)[0] == 0
    assert wilson_interval_percent(50, 50)[1] == 100


@pytest.mark.parametrize(
    ("cells", "low", "high", "cv"),
    [
        (25, "16.2", "36.9", "20.00"),
        (100, "81.4", "121.6", "10.00"),
        (200, "173.2", "229.7", "7.07"),
        (400, "361.8", "441.2", "5.00"),
    ],
)
def test_poisson_intervals_and_spread(cells: int, low: str, high: str, cv: str) -> None:
    assert tuple(rounded(end, 1) for end in poisson_interval(cells)) == (low, high)
    assert rounded(poisson_cv_percent(cells), 2) == cv


@pytest.mark.parametrize(("cells", "percent"), [(100, "20.0"), (200, "14.1")])
def test_two_standard_deviations_of_a_count(cells: int, percent: str) -> None:
    assert rounded(2 * poisson_cv_percent(cells), 1) == percent


def test_the_interval_of_no_cells() -> None:
    low, high = poisson_interval(0)
    assert low == 0
    assert float(high) == pytest.approx(-math.log(0.025), abs=1e-6)


@given(st.integers(1, 400))
def test_poisson_ends_have_the_exact_tail_probabilities(cells: int) -> None:
    def at_most(n: int, mean: float) -> float:
        return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n + 1))

    low, high = (float(end) for end in poisson_interval(cells))
    assert 1 - at_most(cells - 1, low) == pytest.approx(0.025, abs=5e-7)
    assert at_most(cells, high) == pytest.approx(0.025, abs=5e-7)


def test_the_expansion_for_many_cells_continues_the_exact_interval() -> None:
    ends = [poisson_interval(cells) for cells in range(994, 1006)]
    for end in (0, 1):
        steps = [after[end] - before[end] for before, after in pairwise(ends)]
        assert all(abs(after - before) < Decimal("0.00002") for before, after in pairwise(steps))
    # Published to one decimal: 95 % limits for 1000 are 939.0 to 1064.0.
    assert tuple(rounded(end, 1) for end in poisson_interval(1000)) == ("939.0", "1064.0")
    low, high = poisson_interval(10**29)
    assert low < 10**29 < high


@pytest.mark.parametrize(
    ("values", "cv"),
    [(("118", "124", "121"), "2.48"), (("98", "121", "140"), "17.58"), (("50", "52"), "2.77")],
)
def test_spread_of_replicates(values: tuple[str, ...], cv: str) -> None:
    assert rounded(cv_percent([Decimal(value) for value in values]), 2) == cv


def test_even_squares() -> None:
    result = evenness([45, 52, 48, 55])
    assert (rounded(result.chi2, 2), result.df, result.verdict) == ("1.16", 3, "even")
    assert rounded(result.critical_5_percent, 2) == "7.81"


def test_clumped_squares() -> None:
    result = evenness([20, 80, 35, 65])
    assert result.chi2 == 45
    assert result.verdict == "clumped"


def test_squares_that_are_too_even() -> None:
    assert evenness([50, 50, 50, 50]).verdict == "too even"
    assert evenness([50, 50, 51, 50]).verdict == "too even"


def test_few_or_thin_squares_are_never_too_even() -> None:
    assert evenness([50, 50]).verdict == "even"
    assert evenness([2, 2, 2, 2]).verdict == "even"


@pytest.mark.parametrize(
    ("df", "critical"),
    [
        (1, "3.841"),
        (2, "5.991"),
        (3, "7.815"),
        (4, "9.488"),
        (5, "11.070"),
        (10, "18.307"),
        (15, "24.996"),
        (20, "31.410"),
        (30, "43.773"),
    ],
)
def test_published_critical_values(df: int, critical: str) -> None:
    assert rounded(chi_square_point(0.95, df), 3) == critical


def test_published_lower_points() -> None:
    assert rounded(chi_square_point(0.01, 3), 3) == "0.115"
    assert rounded(chi_square_point(0.01, 8), 3) == "1.646"


@pytest.mark.parametrize("sample", ["0", "-1"])
def test_a_dilution_needs_a_sample(sample: str) -> None:
    with pytest.raises(ValueError, match="sample must be above 0"):
        dilution_factor(Decimal(sample), Decimal(1))


def test_refusals() -> None:
    one = Decimal(1)
    with pytest.raises(ValueError, match="diluent and dye cannot be negative"):
        dilution_factor(one, -one)
    with pytest.raises(ValueError, match="at least one square"):
        concentration_per_ml([], one, one)
    with pytest.raises(ValueError, match="cannot be negative"):
        concentration_per_ml([1, -1], one, one)
    with pytest.raises(ValueError, match="cannot be below 1"):
        concentration_per_ml([1], Decimal("0.5"), one)
    with pytest.raises(ValueError, match="above 0 mL"):
        concentration_per_ml([1], one, Decimal(0))
    with pytest.raises(ValueError, match="no cells were counted"):
        viability_percent(0, 0)
    with pytest.raises(ValueError, match="cannot be negative"):
        viability_percent(-1, 5)
    with pytest.raises(ValueError, match="no cells were counted"):
        wilson_interval_percent(0, 0)
    with pytest.raises(ValueError, match="more than all cells"):
        wilson_interval_percent(3, 2)
    with pytest.raises(ValueError, match="cannot be negative"):
        poisson_interval(-1)
    with pytest.raises(ValueError, match="at least one counted cell"):
        poisson_cv_percent(0)
    with pytest.raises(ValueError, match="at least two values"):
        cv_percent([one])
    with pytest.raises(ValueError, match="mean must be above 0"):
        cv_percent([one, -one])
    with pytest.raises(ValueError, match="at least two squares"):
        evenness([5])
    with pytest.raises(ValueError, match="cannot be negative"):
        evenness([5, -5])
    with pytest.raises(ValueError, match="no cells were counted"):
        evenness([0, 0])
    with pytest.raises(ValueError, match="degree of freedom"):
        chi_square_point(0.95, 0)
