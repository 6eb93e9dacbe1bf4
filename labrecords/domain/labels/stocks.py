"""The label stock that can be printed on, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

A4_MM = (Decimal(210), Decimal(297))


@dataclass(frozen=True)
class Stock:
    """Labels of one size: one a page as a label printer feeds them, or several on a sheet of A4."""

    key: str
    title: str
    wide_mm: Decimal
    high_mm: Decimal
    partial: bool = False
    """Whether it has room only for what a partial label must say; the rest accompanies the container."""
    across: int = 1
    down: int = 1
    top_mm: Decimal = Decimal(0)
    """On a sheet: the margin above the first row. Rows and columns touch, and the columns stand in the middle."""

    @property
    def sheet(self) -> bool:
        return self.across * self.down > 1


STOCKS = {
    stock.key: stock
    for stock in (
        Stock("100x50", "100 x 50 mm, bag", Decimal(100), Decimal(50)),
        Stock("50x25", "50 x 25 mm, syringe or small bag", Decimal(50), Decimal(25)),
        Stock("25x15", "25 x 15 mm, tube or wrap", Decimal(25), Decimal(15), partial=True),
        Stock(
            "a4-3x8",
            "A4 sheet of 3 x 8, each 70 x 37 mm",
            Decimal(70),
            Decimal(37),
            across=3,
            down=8,
            top_mm=Decimal("0.5"),
        ),
    )
}
