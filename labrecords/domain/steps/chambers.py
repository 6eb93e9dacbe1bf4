"""Counting chambers, and what is written down of how cells are counted in them (domain 2.6, 3.2)."""

from __future__ import annotations

from decimal import Decimal

CHAMBERS: dict[str, Decimal] = {
    "improved Neubauer, 1 mm² squares, 0.1 mm deep": Decimal("0.0001"),
    "Bürker, 1 mm² squares, 0.1 mm deep": Decimal("0.0001"),
    "Fuchs-Rosenthal, 1 mm² squares, 0.2 mm deep": Decimal("0.0002"),
    "improved Neubauer, 0.04 mm² squares, 0.1 mm deep": Decimal("0.000004"),
}
"""Volume over one counted square, in mL: area in mm² times depth in mm, divided by 1000."""

AREAS_MM2: dict[str, Decimal] = dict(zip(CHAMBERS, map(Decimal, ("1", "1", "1", "0.04")), strict=True))
"""Area of one counted square, in mm²."""

DYES = ("trypan blue", "acridine orange and propidium iodide", "7-AAD")

LYSES = ("acetic acid 2 to 3 %", "Türk's solution", "ammonium chloride", "none")
"""What lysed the red cells before the count."""

BORDER_RULES = ("upper and left lines are counted", "lower and right lines are counted")
"""Which two sides of a square belong to it: cells on the other two are not counted."""

LOADINGS = ("1", "2", "3", "4", "5", "6")
"""Numbers of the fillings of the chamber: each is a replicate."""

FEWEST_PER_MM2, MOST_PER_MM2 = 20, 100
"""Cells over 1 mm² outside of which the dilution does not fit the chamber."""
