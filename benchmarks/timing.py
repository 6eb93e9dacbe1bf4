"""Timing two things against each other, interleaved, so that the load of the machine hits both alike."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(
    variants: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median milliseconds of each variant, run in random order in every round."""
    spent: dict[str, list[float]] = {name: [] for name in variants}
    order = list(variants)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            start = clock()
            variants[name]()
            spent[name].append((clock() - start) * 1000)
    return {name: statistics.median(times) for name, times in spent.items()}


def median_ms(
    work: Callable[[], object], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median milliseconds of one thing."""
    return interleaved({"it": work}, rounds, clock)["it"]
