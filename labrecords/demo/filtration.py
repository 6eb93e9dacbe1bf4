"""Bone marrow concentrate by filtration, from marrow as published. The harvest is entered late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labrecords.demo.written import TAKES, WrittenRun

HARVEST = "harvest"


@dataclass
class Filtration(WrittenRun):
    """The batch whose marrow is that of Scarpone et al."""

    source: ClassVar[str] = "filtration.toml"
    master: ClassVar[str] = "bone-marrow-filtration"
    patient_code: ClassVar[str] = "P-5120-M"

    def step(self, key: str) -> None:
        if key == HARVEST:
            self._harvest_entered_late()
        else:
            super().step(key)

    def _harvest_entered_late(self) -> None:
        """The harvest is over; it is entered when the limit of the process has passed, with the reason."""
        self.clock.tick(self.chosen[HARVEST][TAKES])
        late = self.chosen["late"]
        ended, facts = self.clock(), self.facts(HARVEST)
        self.clock.tick(late["entered_after_min"])
        self.put(HARVEST, facts, performed_at=ended, late_reason=late["reason"])
        self.confirm_all(HARVEST)
