"""Where a value lies on its limit: the positions of the small rail under an entry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from labrecords.domain.values.limits import OPEN, Bounds, Limit
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import with_unit

THINNEST = Decimal("0.5")
"""A limit of one single value is still seen, in per cent of the rail."""


@dataclass(frozen=True)
class Bar:
    """A part of the rail, in per cent of its width."""

    x: str
    width: str


@dataclass(frozen=True)
class Rail:
    accepted: Bar | None
    """Within the acceptance limit."""
    quiet: Bar | None
    """Within acceptance and without alert."""
    at: str
    """The value, held at the end of the rail when it lies beyond."""
    label: str


def rail(limit: Limit | None, value: Decimal | None) -> Rail | None:
    """The drawing for one value, or None where there is no value or nothing to compare it with."""
    if value is None or limit is None or (limit.acceptance == OPEN and limit.alert == OPEN):
        return None
    left, right = _window(limit, value)

    def per_cent(at: Decimal) -> Decimal:
        return min(Decimal(100), max(Decimal(0), (at - left) / (right - left) * 100))

    def bar(bounds: Bounds) -> Bar | None:
        low, high = bounds
        start = per_cent(low) if low is not None else Decimal(0)
        end = per_cent(high) if high is not None else Decimal(100)
        if end < start:
            return None
        width = max(end - start, THINNEST)
        return Bar(f"{min(start, 100 - width):.2f}%", f"{width:.2f}%")

    low, high = limit.acceptance if limit.acceptance != OPEN else limit.alert
    ends = [f"at least {plain(low)}"] if low is not None else []
    ends += [f"at most {plain(high)}"] if high is not None else []
    return Rail(
        accepted=bar(limit.acceptance) if limit.acceptance != OPEN else None,
        quiet=bar(_both(limit.acceptance, limit.alert)),
        at=f"{per_cent(value):.2f}%",
        label=f"{with_unit(plain(value), limit.unit)}, limit {with_unit(' and '.join(ends), limit.unit)}",
    )


def _both(one: Bounds, other: Bounds) -> Bounds:
    """The range that both allow."""
    lows = [low for low, _ in (one, other) if low is not None]
    highs = [high for _, high in (one, other) if high is not None]
    return (max(lows) if lows else None, min(highs) if highs else None)


def _window(limit: Limit, value: Decimal) -> tuple[Decimal, Decimal]:
    """The ends of the rail: a quarter of the range beyond each limit, or what is possible at an open end."""
    low, high = limit.acceptance if limit.acceptance != OPEN else limit.alert
    least, most = limit.hard
    if low is not None and high is not None:
        margin = (high - low) / 4 or Decimal(1)
        return low - margin, high + margin
    if low is not None:
        right = most if most is not None else max(low * 4, value, low + 1)
        left = low - (right - low) / 3
        return (max(left, least) if least is not None and least < low else left), right
    if high is None:
        raise ValueError("a limit that is open at both ends has no rail")
    left = least if least is not None and least < high else min(Decimal(0), value, high - 1)
    return left, high + (high - left) * Decimal("0.3")
