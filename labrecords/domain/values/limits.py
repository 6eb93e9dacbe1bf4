"""Limits and how a value is judged by them.

Four ranges, each open at either end. `hard`: outside cannot be a fact and is refused as input. `soft`:
outside is unusual and needs a confirmation with a reason. `acceptance`: outside fails. `alert`: outside, but
accepted, is looked at. Ends belong to the range.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import Enum

from labrecords.domain.values.numbers import plain

Bounds = tuple[Decimal | None, Decimal | None]
"""Lowest and highest value; None for an end that is open."""

OPEN: Bounds = (None, None)

ROUNDINGS = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}
SHOWN_BEYOND_LIMIT = 2
"""So many decimals more than the limit has are shown of a value before rounding."""


class Outcome(Enum):
    """What the comparison of a value with its limit says."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    ALERT = "alert"
    FAIL = "fail"
    NOT_DONE = "not done"
    NO_LIMIT = "no limit"


@dataclass(frozen=True, slots=True)
class Limit:
    """The ranges of one parameter, and the rule of rounding that belongs to them.

    Raises `ValueError` for a range whose ends are in the wrong order, negative decimals or an unknown
    rounding.
    """

    unit: str = ""
    """The unit of every number here, empty for a pure number."""
    decimals: int | None = None
    """A value is rounded to so many decimals before it is compared; None: it is compared unrounded."""
    target: Decimal | None = None
    """What the process aims at; not part of any judgement."""
    hard: Bounds = OPEN
    """Outside: impossible, refused as input (compared unrounded)."""
    soft: Bounds = OPEN
    """Outside: unusual, to be confirmed with a reason (compared unrounded)."""
    alert: Bounds = OPEN
    """Outside, but within acceptance: to be looked at."""
    acceptance: Bounds = OPEN
    """Outside: the result fails."""
    rounding: str = "half-up"
    """"half-up" (pharmacopoeial practice, the default) or "half-even"."""

    def __post_init__(self) -> None:
        for name in ("hard", "soft", "alert", "acceptance"):
            low, high = getattr(self, name)
            if low is not None and high is not None and low > high:
                raise ValueError(
                    f"the {name} range runs from {low} to {high}: its ends are in the wrong order"
                )
        if self.decimals is not None and self.decimals < 0:
            raise ValueError("a limit has 0 or more decimals")
        if self.rounding not in ROUNDINGS:
            raise ValueError(f"the rounding is one of {', '.join(ROUNDINGS)}, not {self.rounding!r}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A value judged by its limit, with the words for page and print."""

    outcome: Outcome
    value: Decimal | None
    """As recorded or computed, unrounded."""
    rounded: Decimal | None
    """What was compared."""
    sentence: str
    """The outcome in words."""
    rule: str
    """How it was rounded and what it was compared with."""


@dataclass(frozen=True, slots=True)
class ComputedLimit:
    """A limit that the record itself gives, as a computed number, and the value that it limits."""

    key: str
    """That of the computed number which is the limit."""
    label: str
    value: Decimal
    """What is limited, unrounded."""
    reported: str
    limit: Limit


def judge(value: Decimal | None, limit: Limit | None) -> Judgement:
    """Round `value` by the rule of `limit` and compare it, ends included.

    Outside acceptance is FAIL, else outside alert is ALERT, else PASS; no value is NOT_DONE; neither
    acceptance nor alert is NO_LIMIT. So 69.5 % passes "at least 70 %" with 0 decimals half-up, and the rule
    that is printed says why (USP General Notices 7.20).
    """
    limit = limit or Limit()
    rule = _rule(limit)
    if value is None:
        return Judgement(Outcome.NOT_DONE, None, None, "No value was recorded.", rule)
    rounded = _rounded(value, limit)
    shown = _shown(value, rounded, limit)
    if limit.acceptance == OPEN and limit.alert == OPEN:
        return Judgement(Outcome.NO_LIMIT, value, rounded, f"{shown}; no limit is set.", rule)
    if side := _outside(rounded, limit.acceptance, limit.unit):
        return Judgement(Outcome.FAIL, value, rounded, f"{shown} is {side}.", rule)
    if side := _outside(rounded, limit.alert, limit.unit):
        accepted = "is accepted, but" if limit.acceptance != OPEN else "is"
        return Judgement(Outcome.ALERT, value, rounded, f"{shown} {accepted} {side} for an alert.", rule)
    within = _range(limit.acceptance if limit.acceptance != OPEN else limit.alert, limit.unit)
    return Judgement(Outcome.PASS, value, rounded, f"{shown} is within the limit: {within}.", rule)


def impossible(value: Decimal, limit: Limit) -> str | None:
    """A sentence for the user when `value` lies outside the hard range and so cannot be a fact, else None."""
    if not _outside(value, limit.hard, limit.unit):
        return None
    shown, possible = _with_unit(plain(value), limit.unit), _range(limit.hard, limit.unit)
    return f"{shown} cannot be right: possible is {possible}. Check the number and the unit."


def unusual(value: Decimal, limit: Limit) -> str | None:
    """A sentence for the user when `value` lies outside the soft range and needs a reason, else None."""
    if not _outside(value, limit.soft, limit.unit):
        return None
    shown, usual = _with_unit(plain(value), limit.unit), _range(limit.soft, limit.unit)
    return f"{shown} is unusual: usual is {usual}. If it is right, confirm it and give the reason."


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """`value` rounded to `decimals` places, ties away from zero. Negative `decimals` round to tens,
    hundreds...

    Raises `ValueError` for NaN and infinity.
    """
    return _quantize(value, decimals, ROUND_HALF_UP)


def _quantize(value: Decimal, decimals: int, rounding: str) -> Decimal:
    if not value.is_finite():
        raise ValueError("only finite numbers can be rounded")
    # quantize raises when the result needs more digits than the context has, so give it as many as it needs.
    digits = max(28, value.adjusted() + decimals + 2)
    return value.quantize(Decimal(1).scaleb(-decimals), rounding, Context(prec=digits))


def _rounded(value: Decimal, limit: Limit) -> Decimal:
    if limit.decimals is None:
        return value
    return _quantize(value, limit.decimals, ROUNDINGS[limit.rounding])


def _outside(value: Decimal, bounds: Bounds, unit: str) -> str:
    """On which side of `bounds` the value lies, in words; empty when it lies within."""
    low, high = bounds
    if low is not None and value < low:
        return f"below {_with_unit(plain(low), unit)}, the lowest value"
    if high is not None and value > high:
        return f"above {_with_unit(plain(high), unit)}, the highest value"
    return ""


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}" if unit else number


def _range(bounds: Bounds, unit: str) -> str:
    low, high = bounds
    if low is not None and high is not None:
        return _with_unit(f"{plain(low)} to {plain(high)}", unit)
    if low is not None:
        return f"at least {_with_unit(plain(low), unit)}"
    if high is not None:
        return f"at most {_with_unit(plain(high), unit)}"
    return "any value"


def _shown(value: Decimal, rounded: Decimal, limit: Limit) -> str:
    """The rounded value with its unit, and in brackets what it was before: cut where long, never rounded."""
    text = _with_unit(plain(rounded), limit.unit)
    if value == rounded or limit.decimals is None:
        return text
    decimals = limit.decimals + SHOWN_BEYOND_LIMIT
    cut = _quantize(value, decimals, ROUND_DOWN)
    before = plain(cut) + "…" if cut != value else plain(value)
    return f"{text} ({before} before rounding)"


def _rule(limit: Limit) -> str:
    compared = []
    if limit.acceptance != OPEN:
        compared.append(_range(limit.acceptance, limit.unit))
    if limit.alert != OPEN:
        compared.append(f"alert limit {_range(limit.alert, limit.unit)}")
    if not compared:
        return "not compared with a limit"
    with_what = " and ".join(compared)
    if limit.decimals is None:
        return f"not rounded, compared with {with_what}"
    places = "1 decimal" if limit.decimals == 1 else f"{limit.decimals} decimals"
    return f"rounded {limit.rounding} to {places}, then compared with {with_what}"
