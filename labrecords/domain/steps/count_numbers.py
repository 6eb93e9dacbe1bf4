"""The numbers that follow from a chamber count, each with formula and inputs (domain 3.2, 3.3, 3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations import counting
from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.steps.chambers import CHAMBERS
from labrecords.domain.values.limits import round_half_up
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.steps.counts import CellCount, Loading

CV = "cv_percent"


def numbers(count: CellCount, record: BatchRecord) -> Iterator[Derived]:
    """Concentration, spread between the loadings, evenness, and viability: of each loading where no mean is true."""
    here, withheld = f"step {record.process.step(count.step_key).number}", count.withheld(record)
    if "concentration_per_ml" not in withheld:
        yield _concentration(record, count, here)
    loadings = count.loadings()
    spread = cv_percent(count)
    if spread is not None:
        yield _spread(record, count, spread, here)
    for loading in loadings:
        if len(loading.cells) > 1 and any(loading.cells):
            yield _evenness(record, loading, len(loadings) > 1, here)
    if "viability_percent" in withheld:
        for loading in loadings:
            found = count.told_apart(loading.squares)
            if found and sum(found):
                yield _viability(record, found, here, loading.number)
    elif (found := count.live_and_dead()) and sum(found):
        yield _viability(record, found, here)


def cv_percent(count: CellCount) -> Decimal | None:
    """The spread between the loadings in per cent of their mean; None for one loading, or where no cells were seen."""
    each = [count.concentration_of(loading.cells) for loading in count.loadings()]
    return counting.cv_percent(each) if len(each) > 1 and any(each) else None


def _concentration(record: BatchRecord, count: CellCount, here: str) -> Derived:
    cells, used = [square.total for square in count.squares], record.formula("chamber-count")
    volume = CHAMBERS[count.chamber]
    concentration = used.compute(cells, count.sample_part, count.diluent_part, volume)
    low, high = counting.poisson_interval(sum(cells))
    per_cell = count.dilution_factor() / volume / len(cells)
    return Derived(
        key="concentration_per_ml",
        label="Nucleated cells",
        value=concentration,
        reported=scientific(concentration),
        unit="/mL",
        formula=used.text,
        formula_id=used.id,
        inputs=(
            Input("ΣN", "cells counted", _sum(cells), "", here),
            Input("n", "squares", str(len(cells)), "", here),
            Input("s", "sample", plain(count.sample_part), "parts", here),
            Input("d", "diluent, lysis and dye", plain(count.diluent_part), "parts", here),
            Input("v", "volume over one square", plain(volume), "mL", count.chamber),
        ),
        rounding="rounded half-up to 3 significant digits; 95 % interval of the count (Poisson)",
        low=low * per_cell,
        high=high * per_cell,
    )


def _spread(record: BatchRecord, count: CellCount, spread: Decimal, here: str) -> Derived:
    loadings, used = count.loadings(), record.formula("replicates-cv")
    each = tuple(
        Input(
            f"C{loading.number}",
            f"loading {loading.number}: {_sum(loading.cells)} cells in {_squares(len(loading.cells))}",
            scientific(count.concentration_of(loading.cells)),
            "/mL",
            here,
        )
        for loading in loadings
    )
    return Derived(
        key=CV,
        label=f"Spread between {len(loadings)} loadings",
        value=spread,
        reported=plain(round_half_up(spread, 1)),
        unit="%",
        formula=used.text,
        formula_id=used.id,
        inputs=(*each, Input("k", "loadings", str(len(loadings)), "", here)),
        rounding="rounded half-up to 1 decimal",
    )


def _evenness(record: BatchRecord, loading: Loading, named: bool, here: str) -> Derived:
    even, cells, used = counting.evenness(loading.cells), loading.cells, record.formula("evenness")
    chi2 = used.compute(cells)
    spread = counting.cv_percent([Decimal(count) for count in cells])
    whose = f"of loading {loading.number}" if named else "of the squares"
    return Derived(
        key=f"evenness_chi2_{loading.number}" if named else "evenness_chi2",
        label=f"Evenness {whose}: {even.verdict}",
        value=chi2,
        reported=plain(round_half_up(chi2, 2)),
        unit="",
        formula=used.text,
        formula_id=used.id,
        inputs=(
            Input("N", "cells in each square", ", ".join(map(str, cells)), "", here),
            Input("CV", "spread between squares", plain(round_half_up(spread, 1)), "%", here),
            Input("f", "degrees of freedom", str(even.df), "", here),
            Input(
                "χ²(95 %)",
                "critical value",
                plain(round_half_up(even.critical_5_percent, 2)),
                "",
                "χ² distribution",
            ),
        ),
        rounding="rounded half-up to 2 decimals",
    )


def _viability(record: BatchRecord, counted: tuple[int, int], here: str, loading: str = "") -> Derived:
    (live, dead), used = counted, record.formula("viability")
    below, above = counting.wilson_interval_percent(live, live + dead)
    value = used.compute(live, dead)
    return Derived(
        key=f"viability_percent_{loading}" if loading else "viability_percent",
        label=f"Viability{f' of loading {loading}' if loading else ''}, n = {live + dead}",
        value=value,
        reported=plain(round_half_up(value, 1)),
        unit="%",
        formula=used.text,
        formula_id=used.id,
        inputs=(
            Input("live", "live cells", str(live), "", here),
            Input("dead", "dead cells", str(dead), "", here),
        ),
        rounding="rounded half-up to 1 decimal; 95 % interval after Wilson",
        low=below,
        high=above,
    )


def _sum(cells: Sequence[int]) -> str:
    return " + ".join(map(str, cells))


def _squares(number: int) -> str:
    return f"{number} square" if number == 1 else f"{number} squares"
