"""Stromal vascular fraction by an enzyme: a gap in custody, two tubes poured together, and a count repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, ClassVar

from labrecords.actions.steps import repeat_step
from labrecords.demo.run import Chosen, Part, published
from labrecords.demo.written import LATE_BY, LATE_REASON, TAKES, TECHNICIAN, WrittenRun
from labrecords.domain.steps.counts import CellCount

COUNT, STRAINED = "count_product", "strain"
IN_TWO_TUBES = ("division-1", "storage-2", "storage-3", "storage-4", "storage-5", "pool-6", "label_over-7")
"""What is done beside the steps: the cells wait in two tubes, are poured together, and the tube is labelled over."""
RECEIVED, KEPT = "receive_fat", "storage-1"


@dataclass
class Enzymatic(WrittenRun):
    """The batch that follows SundarRaj et al. 2015."""

    source: ClassVar[str] = "enzymatic.toml"
    master: ClassVar[str] = "svf-enzymatic"
    patient_code: ClassVar[str] = "P-6307-T"

    def before_release(self) -> list[Part]:
        parts = super().before_release()
        place = [key for key, _ in parts].index(STRAINED) + 1
        return [*parts[:place], *((key, partial(self.step, key)) for key in IN_TWO_TUBES), *parts[place:]]

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


@dataclass
class UnderWay(WrittenRun):
    """A batch of another patient that is not processed yet: its fat is kept in the fridge."""

    source: ClassVar[str] = Enzymatic.source
    master: ClassVar[str] = Enzymatic.master
    patient_code: ClassVar[str] = "P-7120-L"

    @property
    def chosen(self) -> Chosen:
        return _under_way()

    def keep(self) -> None:
        """Play it as far as the fridge."""
        self.open()
        self.play(RECEIVED)
        self.step(KEPT)


@cache
def _under_way() -> Chosen:
    """The steps before the processing, of this patient: received at once, and entered in time."""
    run = published(Enzymatic.source)
    others: Mapping[str, Mapping[str, Any]] = run["under_way"]
    steps = {key: values | others.get(key, {}) for key, values in run["chosen"].items()}
    steps[KEPT] = others[KEPT]
    for late in (LATE_BY, LATE_REASON):
        steps["liposuction"].pop(late)
    return steps
