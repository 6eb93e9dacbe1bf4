"""The dose at each injected site: what its volume held, by the count of the product (domain 3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations.derived import Derived, Input, scientific
from labrecords.domain.results.yield_results import cells_result, concentration, of_count
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

SITE_DOSE = "site_dose"


def site_doses(record: BatchRecord, sites: Sequence[tuple[str, Decimal]]) -> tuple[Derived, ...]:
    """The viable dose at each site, of its words and volume in mL; none where the product was not counted."""
    count = record.current(record.process.yields.count_after)
    per_ml, viability = concentration(record, count), of_count(record, count, "viability_percent")
    if per_ml is None or viability is None:
        return ()
    used, population = record.formula("viable-dose"), record.process.population
    return tuple(
        cells_result(
            f"{SITE_DOSE}.{number}",
            f"Dose at site {number}, {words}: {population}",
            used,
            used.compute(per_ml, viability.value, volume_ml),
            (
                Input("C1", "nucleated cells after", scientific(per_ml), "/mL", "count after"),
                Input("V%", "viability", viability.reported, "%", "count after"),
                Input("V", "volume injected", plain(volume_ml), "mL", "this step"),
            ),
        )
        for number, (words, volume_ml) in enumerate(sites, start=1)
    )
