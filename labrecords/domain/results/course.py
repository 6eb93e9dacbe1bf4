"""What was injected, beside which the course of the follow-up is read: sites, volumes, cells, viability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.results.results import results
from labrecords.domain.results.site_dose import SITE_DOSE
from labrecords.domain.steps.administration import Injection

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class GivenSite:
    """One injected site, with the viable cells in its volume; None where the product was not counted."""

    words: str
    volume_ml: Decimal
    injected_at: datetime
    dose: Derived | None


def given_sites(record: BatchRecord) -> tuple[GivenSite, ...]:
    """Every site that was injected with the product of this batch, in the order of the record."""
    found = []
    for injection in record.of_kind(Injection):
        derived = {item.key: item for item in record.derived(injection)}
        found += [
            GivenSite(site.words(), site.volume_ml, site.injected_at, derived.get(f"{SITE_DOSE}.{number}"))
            for number, site in enumerate(injection.sites, start=1)
        ]
    return tuple(found)


def viability(record: BatchRecord) -> Derived | None:
    """The viability of the product, in per cent; None where it was not measured."""
    return results(record).get("viability_percent")
