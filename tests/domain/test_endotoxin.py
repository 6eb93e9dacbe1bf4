"""Endotoxin limits: the published examples of domain 3.8, and all sites of one hour together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations.endotoxin import (
    K_GENERAL,
    K_INTRATHECAL,
    endotoxin_limit_eu_per_ml,
    maximum_valid_dilution,
    most_in_one_hour_ml,
)
from labrecords.domain.values.limits import round_half_up

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("k", "weight", "volume", "limit"),
    [
        (K_GENERAL, "70", "2", "175.0"),
        (K_GENERAL, "60", "3", "100.0"),
        (K_GENERAL, "70", "3", "116.7"),
        (K_INTRATHECAL, "60", "3", "4.0"),
        (K_INTRATHECAL, "70", "2", "7.0"),
        (K_INTRATHECAL, "70", "6", "2.3"),
    ],
)
def test_published_limits(k: Decimal, weight: str, volume: str, limit: str) -> None:
    found = endotoxin_limit_eu_per_ml(k, Decimal(weight), Decimal(volume))
    assert round_half_up(found, 1) == Decimal(limit)


@pytest.mark.parametrize(("sensitivity", "dilution"), [("0.05", "140"), ("0.01", "700")])
def test_published_dilutions(sensitivity: str, dilution: str) -> None:
    assert maximum_valid_dilution(Decimal(7), Decimal(sensitivity)) == Decimal(dilution)


def test_three_discs_of_one_session_count_together() -> None:
    sites = [(START + timedelta(minutes=minutes), Decimal(2)) for minutes in (0, 12, 60)]
    assert most_in_one_hour_ml(sites) == 6


def test_what_is_given_later_than_an_hour_counts_apart() -> None:
    late = timedelta(minutes=60, microseconds=1)
    assert most_in_one_hour_ml([(START, Decimal(2)), (START + late, Decimal(3))]) == 3
    assert most_in_one_hour_ml([]) == 0


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 50)), min_size=1))
def test_an_hour_never_holds_more_than_all_and_never_less_than_the_largest(
    given_at: list[tuple[int, int]],
) -> None:
    sites = [(START + timedelta(minutes=at), Decimal(volume)) for at, volume in given_at]
    most = most_in_one_hour_ml(sites)
    assert max(volume for _, volume in sites) <= most <= sum(volume for _, volume in sites)
    assert most_in_one_hour_ml(sites[::-1]) == most


@pytest.mark.parametrize(("k", "weight", "volume"), [("0", "70", "2"), ("5", "0", "2"), ("5", "70", "0")])
def test_a_limit_of_nothing_is_not_computed(k: str, weight: str, volume: str) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        endotoxin_limit_eu_per_ml(Decimal(k), Decimal(weight), Decimal(volume))


def test_a_dilution_needs_a_sensitivity() -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        maximum_valid_dilution(Decimal(7), Decimal(0))
