"""Stromal vascular fraction by an enzyme, with the yield as published: a gap in custody, and a count repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labrecords.actions.steps import repeat_step
from labrecords.demo.written import TAKES, TECHNICIAN, WrittenRun
from labrecords.domain.steps.counts import CellCount

COUNT = "count_product"


@dataclass
class Enzymatic(WrittenRun):
    """The batch that follows SundarRaj et al. 2015."""

    source: ClassVar[str] = "enzymatic.toml"
    master: ClassVar[str] = "svf-enzymatic"
    patient_code: ClassVar[str] = "P-6307-T"

    def step(self, key: str) -> None:
        if key == COUNT:
            self._count_twice()
        else:
            super().step(key)

    def _count_twice(self) -> None:
        """The cells of the first count lie in clumps: the sample is mixed and counted again, and both counts stay."""
        counted, first = self.chosen[COUNT], self.chosen["first_count"]
        self.clock.tick(counted[TAKES])
        seen = {name: first[name] for name in ("squares", "live", "dead")}
        old = self.put(COUNT, self.facts(COUNT, **seen), reported="")
        self.clock.tick(counted[TAKES])
        repeat_step(
            self.cast.by(TECHNICIAN),
            step=self._ref(self.record(), COUNT),
            replaces=old,
            reading=self._reading(
                CellCount, performer=TECHNICIAN, facts=self.facts(COUNT), reported=counted["reported"]
            ),
            cause=first["cause"],
            reason=first["reason"],
        )
        self.confirm_all(COUNT)
