"""Computed results as the record keeps them: the value, how it is reported, the formula and every input."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.calculations.formulas import Formula

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Input:
    """One value that went into a computation, as it was entered."""

    symbol: str
    """The letter that stands for it in the formula."""
    label: str
    """Its name in words."""
    value: str
    """The value in plain digits."""
    unit: str
    """Its unit, empty for a pure number."""
    source: str
    """Where it comes from: the step and field of the record, or the register."""


@dataclass(frozen=True, slots=True)
class Derived:
    """One computed result with everything that is needed to compute it again."""

    key: str
    """Its name in the record's data, for example "viability_percent"."""
    label: str
    """Its name in words."""
    value: Decimal
    """The unrounded value."""
    reported: str
    """The value as it is shown and printed, rounded once."""
    unit: str
    """Its unit, empty for a pure number."""
    formula: str
    """The formula in the symbols of the inputs."""
    formula_id: str
    """Name and version of the formula, for example "rcf/1": a changed formula gets a new version."""
    inputs: tuple[Input, ...]
    """What went in, in the order of the formula."""
    rounding: str
    """How `reported` was rounded, in words."""
    low: Decimal | None = None
    """Low end of the 95 % interval, unrounded, where there is one."""
    high: Decimal | None = None
    """High end of the 95 % interval, unrounded, where there is one."""

    @property
    def limit_key(self) -> str:
        """The key by which a process limits it: of one of several alike, "site_dose.2", that of all of them."""
        return self.key.partition(".")[0]


def scientific(value: Decimal, digits: int = 3) -> str:
    """`value` with `digits` significant digits, rounded half-up, as people write it: "1.21 × 10⁸".

    Where the digits reach the decimal point anyway ("122", "12.2", "0.0122") the number is written plain: a
    power of ten would not help there, and the record's typeface has no raised minus sign. Raises `ValueError`
    for NaN, infinity, or fewer than one digit.
    """
    if digits < 1:
        raise ValueError("a number has at least one significant digit")
    if not value.is_finite():
        raise ValueError("only finite numbers can be written")
    if value == 0:
        return "0"
    rounded = round_half_up(value, digits - 1 - value.adjusted())
    if rounded.adjusted() != value.adjusted():  # 9.996 became 10.00: one digit too many
        rounded = round_half_up(value, digits - 1 - rounded.adjusted())
    exponent = rounded.adjusted()
    if exponent < digits:
        return plain(rounded)
    return f"{plain(rounded.scaleb(-exponent))} × 10{str(exponent).translate(_SUPERSCRIPTS)}"


def exact(
    used: Formula, key: str, label: str, value: Decimal, unit: str, inputs: tuple[Input, ...]
) -> Derived:
    """A result of sums and differences: every decimal that was entered is reported."""
    rounding = "as entered, not rounded"
    return Derived(key, label, value, plain(value), unit, used.text, used.id, inputs, rounding)
