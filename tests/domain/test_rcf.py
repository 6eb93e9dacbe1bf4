"""Centrifugal force and speed: the worked examples of domain 3.1."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations.rcf import agrees, difference_percent, rcf_g, speed_rpm
from labrecords.domain.values.limits import round_half_up


@pytest.mark.parametrize(
    ("radius_cm", "speed", "force"),
    [("5", 10_000, "5590.0"), ("16.1", 3200, "1843.2"), ("17.5", 1500, "440.2"), ("9.5", 2400, "611.8")],
)
def test_force_from_speed(radius_cm: str, speed: int, force: str) -> None:
    assert str(round_half_up(rcf_g(Decimal(radius_cm), Decimal(speed)), 1)) == force


@pytest.mark.parametrize(
    ("radius_cm", "force", "speed"),
    [("17.5", 400, "1429.8"), ("16.1", 1000, "2357.0"), ("8.4", 300, "1787.3"), ("9.5", 800, "2744.5")],
)
def test_speed_from_force(radius_cm: str, force: int, speed: str) -> None:
    assert str(round_half_up(speed_rpm(Decimal(radius_cm), Decimal(force)), 1)) == speed


@given(
    st.decimals(min_value="0.1", max_value=50, places=2), st.decimals(min_value=0, max_value=30_000, places=1)
)
def test_speed_and_force_are_inverse(radius_cm: Decimal, speed: Decimal) -> None:
    there_and_back = speed_rpm(radius_cm, rcf_g(radius_cm, speed))
    assert abs(there_and_back - speed) < Decimal("1e-20")


def test_a_force_within_two_percent_agrees() -> None:
    computed = rcf_g(Decimal(5), Decimal(10_000))
    assert agrees(Decimal(5590), computed)
    assert agrees(Decimal("5701.8"), computed)
    assert agrees(Decimal("5478.2"), computed)
    assert not agrees(Decimal("5701.9"), computed)
    assert not agrees(Decimal("5478.1"), computed)


def test_a_radius_in_millimetres_is_caught() -> None:
    right = rcf_g(Decimal("16.1"), Decimal(3200))
    trap = rcf_g(Decimal(161), Decimal(3200))
    assert trap == 10 * right
    assert not agrees(right, trap)
    assert difference_percent(trap, right) == 900


def test_speed_and_force_mixed_up_are_caught() -> None:
    assert not agrees(Decimal(3200), rcf_g(Decimal("16.1"), Decimal("1843.2")))


@pytest.mark.parametrize("radius", ["0", "-1"])
def test_a_radius_is_above_zero(radius: str) -> None:
    with pytest.raises(ValueError, match="radius must be above 0 cm"):
        rcf_g(Decimal(radius), Decimal(1))
    with pytest.raises(ValueError, match="radius must be above 0 cm"):
        speed_rpm(Decimal(radius), Decimal(1))


def test_speed_and_force_are_not_negative() -> None:
    with pytest.raises(ValueError, match="speed cannot be negative"):
        rcf_g(Decimal(1), Decimal(-1))
    with pytest.raises(ValueError, match="force cannot be negative"):
        speed_rpm(Decimal(1), Decimal(-1))
    with pytest.raises(ValueError, match="above 0 × g"):
        difference_percent(Decimal(1), Decimal(0))
