"""Controlled words for places in the spine (domain 2.7): structures, levels, sides, guidance."""

from __future__ import annotations

from itertools import pairwise

STRUCTURES = (
    "intervertebral disc",
    "facet joint",
    "sacroiliac joint",
    "epidural space",
    "ligament",
    "muscle",
    "other joint",
)
SIDES = ("midline", "left", "right", "both sides")
"""Always from the patient's view."""
GUIDANCE = ("fluoroscopy", "ultrasound", "computed tomography", "none")

_VERTEBRAE = [f"C{n}" for n in range(2, 8)] + [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]


def _level(upper: str, lower: str) -> str:
    return f"{upper}/{lower}" if upper[0] != lower[0] else f"{upper}/{lower[1:]}"


LEVELS = (
    *(_level(upper, lower) for upper, lower in pairwise([*_VERTEBRAE, "S1"])),
    "L6/S1 (transitional)",
    "sacroiliac",
    "not spinal",
)
"""The 23 discs from C2/3 to L5/S1, the transitional variant, and what is outside the row of discs."""
