"""Sterility by culture: bottles, readings day by day, growth or none (domain 2.6, 4; USP <71>, 21 CFR 610.12).

Its result comes days after the product was used. No growth is final only once the incubation is over; growth is final
on the day it is seen and confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.assays import FINAL, RUNNING, Assay

WHOLE_DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Bottle:
    """One culture bottle or tube."""

    medium: str = facts.text("Medium")
    lot: str = facts.text("Lot")
    expiry: date | None = facts.day("Expiry", required=False)
    inoculum_ml: Decimal = facts.number("Inoculum", "mL")


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was seen on one day of the incubation."""

    day: int = facts.whole("Day")
    growth: bool = facts.yesno("Growth")


@dataclass(frozen=True, kw_only=True)
class Sterility(Assay):
    kind: ClassVar[str] = "sterility"
    outcome_facts: ClassVar[tuple[str, ...]] = ("growth", "organism")
    final_facts: ClassVar[tuple[str, ...]] = ("growth",)

    bottles: tuple[Bottle, ...] = facts.rows("Bottles", Bottle)
    incubation_days: int = facts.whole("Days of incubation", "d", hint="As the method asks")
    temperature_c: Decimal | None = facts.number("Incubated at", "°C", required=False)
    reads: tuple[Read, ...] = facts.rows("Readings", Read, required=False)
    growth: bool | None = facts.yesno("Growth", required=False)
    organism: str | None = facts.text("Organism", required=False, hint="As identified so far")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = super().contradictions(values)
        state, growth = values["state"], values.get("growth")
        seen = [read.day for read in values.get("reads") or () if read.growth]
        if seen and state == RUNNING:
            found["state"] = f"Growth was seen on day {seen[0]}: report it as preliminary or final."
        elif seen and growth is False:
            found["growth"] = f"The reading of day {seen[0]} says that there was growth."
        if values.get("organism") and growth is False:
            found["organism"] = "Without growth there is no organism."
        finished = values.get("finished_at")
        if state == FINAL and growth is False and finished and "finished_at" not in found:
            # A culture is set up at one hour and read at another: the day counts, not the minute.
            over = values["started_at"] + WHOLE_DAY * (values["incubation_days"] - 1)
            if finished <= over:
                found["state"] = (
                    f"The incubation lasts {values['incubation_days']} days: no growth before they are over is "
                    "a preliminary result."
                )
        return found

    def verdict(self) -> tuple[bool, str] | None:
        if self.growth is None:
            return None
        if not self.growth:
            return True, f"no growth{self._until()}"
        return False, f"growth, {self.organism}" if self.organism else "growth, organism not identified yet"

    def _until(self) -> str:
        if self.state == FINAL:
            return f" in {self.incubation_days} days"
        return f" up to day {self.reads[-1].day}" if self.reads else ""

    def result_words(self) -> str:
        verdict = self.verdict()
        if verdict:
            return verdict[1]
        return f"day {self.reads[-1].day} of {self.incubation_days}, no growth seen" if self.reads else ""

    def used_reagents(self) -> tuple[Material, ...]:
        return tuple(
            Material(bottle.medium, bottle.lot, bottle.expiry, bottle.inoculum_ml) for bottle in self.bottles
        )
