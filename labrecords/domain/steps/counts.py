"""Chamber count and viability of a sample (domain 2.6, 3.2, 3.3, 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.calculations import counting
from labrecords.domain.calculations.derived import Derived
from labrecords.domain.results.remark import Remark
from labrecords.domain.steps import count_numbers, count_remarks
from labrecords.domain.steps.chambers import BORDER_RULES, CHAMBERS, DYES, LOADINGS, LYSES
from labrecords.domain.steps.counted import DIFFERENCE, Counted
from labrecords.domain.values.limits import Outcome, judge

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Square:
    """What was counted in one square: all nucleated cells, or live and dead ones apart."""

    cells: int | None = facts.whole("Cells", required=False)
    live: int | None = facts.whole("Live", required=False)
    dead: int | None = facts.whole("Dead", required=False)
    loading: str | None = facts.choice("Loading", LOADINGS, required=False)

    @property
    def total(self) -> int:
        """All nucleated cells of the square. ValueError while it is not counted to the end: a blank is no zero."""
        if self.cells is not None:
            return self.cells
        if self.live is None or self.dead is None:
            raise ValueError("This square is not counted to the end.")
        return self.live + self.dead


@dataclass(frozen=True)
class Loading:
    """The squares of one filling of the chamber: one replicate of the count."""

    number: str
    squares: tuple[Square, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(square.total for square in self.squares)


@dataclass(frozen=True, kw_only=True)
class CellCount(Counted):
    kind: ClassVar[str] = "cell_count"
    derived_keys: ClassVar[tuple[str, ...]] = (
        "concentration_per_ml",
        "viability_percent",
        "evenness_chi2",
        count_numbers.CV,
        DIFFERENCE,
    )
    method: ClassVar[str] = "chamber count"
    by_hand: ClassVar[bool] = True

    chamber: str = facts.choice("Chamber", tuple(CHAMBERS))
    sample_part: Decimal = facts.number(
        "Sample in the dilution", "parts", hint="Dilution, for example 10 parts of sample"
    )
    diluent_part: Decimal = facts.number("Diluent, lysis and dye", "parts", hint="… and 990 parts of diluent")
    lysis: str | None = facts.choice("Red cells lysed with", LYSES, required=False)
    dye: str | None = facts.choice("Viability dye", DYES, required=False)
    dye_min: Decimal | None = facts.number(
        "Time in the dye", "min", required=False, hint="Count trypan blue within 5 min"
    )
    border_rule: str | None = facts.choice("Cells on the border", BORDER_RULES, required=False)
    squares: tuple[Square, ...] = facts.rows(
        "Squares counted",
        Square,
        in_line=True,
        hint="In every square either all nucleated cells, or live and dead. A new filling of the chamber is a new "
        "loading",
    )
    live: int | None = facts.whole(
        "Live cells", required=False, hint="Where viability was counted apart from the squares"
    )
    dead: int | None = facts.whole("Dead cells", required=False)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if not values["sample_part"]:
            found["sample_part"] = "A dilution has more than 0 parts of sample."
        found |= _squares_contradict(values.get("squares") or ())
        apart = any(square.live is not None for square in values.get("squares") or ())
        live, dead = values.get("live"), values.get("dead")
        if apart and (live is not None or dead is not None):
            name = "live" if live is not None else "dead"
            found[name] = (
                "Live and dead were counted square by square: leave this empty, or the squares' live and dead."
            )
        elif (live is None) != (dead is None):
            found["live" if live is None else "dead"] = (
                "Viability needs both counts: live cells and dead cells."
            )
        elif live is not None and live + dead == 0:
            found["live"] = "No cells were counted: that is no result. Count again, or leave both empty."
        if (live is not None or apart) and not values.get("dye"):
            found["dye"] = "Choose the dye that told live from dead."
        return found

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        apart = any(square.live is not None for square in values.get("squares") or ())
        return frozenset({"live", "dead"}) if apart else frozenset()

    def dilution_factor(self) -> Decimal:
        return counting.dilution_factor(self.sample_part, self.diluent_part)

    def loadings(self) -> tuple[Loading, ...]:
        """The replicates, by number. Squares without a number are those of the one loading there was."""
        by_number: dict[str, list[Square]] = {}
        for square in self.squares:
            by_number.setdefault(square.loading or LOADINGS[0], []).append(square)
        return tuple(Loading(number, tuple(by_number[number])) for number in sorted(by_number))

    def concentration_per_ml(self) -> Decimal:
        """Nucleated cells per mL of the sample, from all squares of all loadings."""
        return self.concentration_of([square.total for square in self.squares])

    def cells_counted(self) -> int:
        """All nucleated cells of all squares."""
        return sum(square.total for square in self.squares)

    def concentration_of(self, cells: list[int] | tuple[int, ...]) -> Decimal:
        """Nucleated cells per mL of the sample, from the counts of some squares."""
        return counting.concentration_per_ml(cells, self.dilution_factor(), CHAMBERS[self.chamber])

    def told_apart(self, squares: tuple[Square, ...]) -> tuple[int, int] | None:
        """Live and dead cells of some squares; None where they were not told apart there."""
        if not squares or any(square.live is None or square.dead is None for square in squares):
            return None
        return sum(square.live or 0 for square in squares), sum(square.dead or 0 for square in squares)

    def live_and_dead(self) -> tuple[int, int] | None:
        """The cells on which viability rests: those of the squares, or those counted apart from them."""
        if self.live is not None and self.dead is not None:
            return self.live, self.dead
        return self.told_apart(self.squares)

    def viability_percent(self) -> Decimal | None:
        """Live cells in per cent of all, or None when viability was not counted. No cells counted is not a result."""
        found = self.live_and_dead()
        return counting.viability_percent(*found) if found and sum(found) else None

    def withheld(self, record: BatchRecord) -> frozenset[str]:
        """What is not reported: one loading passes the acceptance limit and another fails it, so no mean is true."""
        loadings = self.loadings()
        if len(loadings) < 2:
            return frozenset()
        values = {
            "concentration_per_ml": [self.concentration_of(loading.cells) for loading in loadings],
            "viability_percent": [
                counting.viability_percent(*found)
                for loading in loadings
                if (found := self.told_apart(loading.squares)) and sum(found)
            ],
        }
        step = record.process.step(self.step_key)
        return frozenset(
            key
            for key, each in values.items()
            if (limit := record.process.limit_of(step, key))
            and len({judge(value, limit).outcome is Outcome.FAIL for value in each}) == 2
        )

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        return (*count_numbers.numbers(self, record), *self.differences(record))

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return (*count_remarks.remarks(self, record), *super().remarks(record))


def _squares_contradict(squares: tuple[Square, ...]) -> dict[str, str]:
    """What is wrong with single squares, by the name of their entry; or with all of them together."""
    found = {}
    for number, square in enumerate(squares):
        if square.cells is not None and (square.live is not None or square.dead is not None):
            found[f"squares-{number}-cells"] = "Either all cells, or live and dead: leave one empty."
        elif (square.live is None) != (square.dead is None):
            missing = "live" if square.live is None else "dead"
            found[f"squares-{number}-{missing}"] = "Write both, live and dead: 0 where there was none."
        elif square.cells is None and square.live is None:
            found[f"squares-{number}-cells"] = (
                "Write what was counted in this square: 0 where there was none."
            )
    if not found and len({square.cells is None for square in squares}) == 2:
        found["squares"] = "Count all squares the same way: all nucleated cells, or live and dead in each."
    if not found and len({square.loading is None for square in squares}) == 2:
        found["squares"] = (
            "Say for every square which loading it belongs to, or for none where there was one only."
        )
    return found
