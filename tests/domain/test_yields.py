"""Cells, recovery and dose: the worked examples of domain 3.4 to 3.6."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.results.yields import (
    concentration_factor,
    recovery_percent,
    tnc,
    viable_dose,
    volume_needed,
    volume_reduction,
    yield_per_gram,
)
from labrecords.domain.values.limits import round_half_up

positive = st.decimals(min_value="0.001", max_value=10**9, places=3)


def rounded(value: Decimal, decimals: int) -> str:
    return str(round_half_up(value, decimals))


@pytest.mark.parametrize(
    ("c0", "v0", "c1", "v1", "cells_in", "cells_out", "recovery", "factor", "reduction"),
    [
        ("21e6", "60", "120e6", "7", "1.26e9", "8.40e8", "66.7", "5.714", "8.571"),
        ("18e6", "120", "95e6", "10", "2.16e9", "9.50e8", "44.0", "5.278", "12.000"),
        ("21e6", "60", "210e6", "7", "1.26e9", "1.47e9", "116.7", "10.000", "8.571"),
    ],
)
def test_recovery(
    c0: str,
    v0: str,
    c1: str,
    v1: str,
    cells_in: str,
    cells_out: str,
    recovery: str,
    factor: str,
    reduction: str,
) -> None:
    before, after = (Decimal(c0), Decimal(v0)), (Decimal(c1), Decimal(v1))
    assert tnc(*before) == Decimal(cells_in)
    assert tnc(*after) == Decimal(cells_out)
    assert rounded(recovery_percent(*before, *after), 1) == recovery
    assert rounded(concentration_factor(before[0], after[0]), 3) == factor
    assert rounded(volume_reduction(before[1], after[1]), 3) == reduction


@given(positive, positive, positive, positive)
def test_recovery_is_concentration_factor_over_volume_reduction(
    c0: Decimal, v0: Decimal, c1: Decimal, v1: Decimal
) -> None:
    recovery = recovery_percent(c0, v0, c1, v1)
    identity = 100 * concentration_factor(c0, c1) / volume_reduction(v0, v1)
    assert abs(recovery - identity) <= recovery * Decimal("1e-25")


def test_a_sample_taken_before_the_step_is_not_lost() -> None:
    c0, c1, v1 = Decimal("21e6"), Decimal("120e6"), Decimal(7)
    assert recovery_percent(c0, Decimal(58), c1, v1) > recovery_percent(c0, Decimal(60), c1, v1)


def test_yield_per_gram_of_fat() -> None:
    assert yield_per_gram(Decimal("4.6e7"), Decimal(92)) == Decimal("5.0e5")
    assert round_half_up(Decimal("1.17e5") * 92, -5) == Decimal("1.08e7")


def test_dose_of_a_published_concentrate() -> None:
    assert viable_dose(Decimal("121e6"), Decimal(95), Decimal(2)) == Decimal("2.299e8")
    assert tnc(Decimal(2713), Decimal(2)) == 5426


@pytest.mark.parametrize(
    ("dose", "concentration", "viability", "volume_ml"),
    [("2e7", "1e7", 88, "2.273"), ("4e7", "12e6", 91, "3.663")],
)
def test_volume_for_an_ordered_dose(dose: str, concentration: str, viability: int, volume_ml: str) -> None:
    volume = volume_needed(Decimal(dose), Decimal(concentration), Decimal(viability))
    assert rounded(volume, 3) == volume_ml


@given(positive, positive, st.decimals(min_value=1, max_value=100, places=1))
def test_the_volume_needed_gives_the_dose(dose: Decimal, concentration: Decimal, viability: Decimal) -> None:
    volume = volume_needed(dose, concentration, viability)
    assert abs(viable_dose(concentration, viability, volume) - dose) <= dose * Decimal("1e-25")


def test_refusals() -> None:
    one, none = Decimal(1), Decimal(0)
    with pytest.raises(ValueError, match="concentration cannot be negative"):
        tnc(-one, one)
    with pytest.raises(ValueError, match="volume cannot be negative"):
        tnc(one, -one)
    with pytest.raises(ValueError, match="no cells before the step"):
        recovery_percent(none, one, one, one)
    with pytest.raises(ValueError, match="concentration before the step must be above 0"):
        concentration_factor(none, one)
    with pytest.raises(ValueError, match="volume after the step must be above 0"):
        volume_reduction(one, none)
    with pytest.raises(ValueError, match="mass must be above 0"):
        yield_per_gram(one, none)
    with pytest.raises(ValueError, match="between 0 and 100 %"):
        viable_dose(one, Decimal("100.1"), one)
    with pytest.raises(ValueError, match="the viability is 0 %"):
        volume_needed(one, one, none)
    with pytest.raises(ValueError, match="concentration must be above 0"):
        volume_needed(one, none, one)
    with pytest.raises(ValueError, match="dose cannot be negative"):
        volume_needed(-one, one, one)
