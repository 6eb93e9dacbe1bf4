"""Computed results as they are written for people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.values.text import printable


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("121000000", 3, "1.21 × 10⁸"),
        ("1.21e8", 3, "1.21 × 10⁸"),
        ("122500000", 3, "1.23 × 10⁸"),
        ("99960000", 3, "1.00 × 10⁸"),
        ("2.299e8", 4, "2.299 × 10⁸"),
        ("1e10", 1, "1 × 10¹⁰"),
        ("-1234", 3, "-1.23 × 10³"),
        ("999.6", 3, "1.00 × 10³"),
        ("122", 3, "122"),
        ("12.25", 3, "12.3"),
        ("0.01225", 3, "0.0123"),
        ("0", 3, "0"),
    ],
)
def test_powers_of_ten(value: str, digits: int, text: str) -> None:
    assert scientific(Decimal(value), digits) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=1, max_value=10**20), st.integers(1, 8))
def test_the_value_is_right_to_its_digits_and_can_be_printed(value: Decimal, digits: int) -> None:
    text = scientific(value, digits)
    assert all(map(printable, text))
    mantissa, _, power = text.partition(" × 10")
    exponent = int("".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(c)) for c in power) or "0")
    shown = Decimal(mantissa).scaleb(exponent)
    assert abs(shown - value) <= Decimal(1).scaleb(shown.adjusted() - digits + 1) / 2
    assert len(mantissa.replace(".", "")) == digits


def test_refusals() -> None:
    with pytest.raises(ValueError, match="significant digit"):
        scientific(Decimal(1), 0)
    with pytest.raises(ValueError, match="finite"):
        scientific(Decimal("Infinity"))


def test_a_result_never_changes() -> None:
    result = Derived(
        key="rcf_g",
        label="Relative centrifugal force",
        value=Decimal("1843.17184"),
        reported="1843",
        unit="× g",
        formula="RCF = 0.00001118 × r × n²",
        formula_id="rcf/1",
        inputs=(Input("r", "largest radius", "16.1", "cm", "rotor register"),),
        rounding="half-up to 0 decimals",
    )
    with pytest.raises(AttributeError):
        result.reported = "1844"  # type: ignore[misc]
