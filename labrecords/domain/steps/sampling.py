"""A sample drawn from the material for a test (domain B10, B15). Its volume leaves the balance."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop, own_code_stop
from labrecords.domain.custody.flow import Flow
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Sample(Entry):
    kind: ClassVar[str] = "sample"
    performer_label: ClassVar[str] = "Drawn by"

    container_code: str = facts.code("Drawn from", hint="Scan or type the code on the container")
    sample_code: str = facts.code("Sample", hint="Code on the sample tube", new=True)
    volume_ml: Decimal = facts.number("Volume drawn", "mL")

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        way_out = "A sample goes into a tube with a code of its own. Read its label again."
        wrong = container_stop(record, self.step_key, self.container_code)
        taken = self.sample_code and own_code_stop(record, self.step_key, self.sample_code, way_out)
        return tuple(stop for stop in (wrong, taken) if stop)

    def tubes(self) -> tuple[str, ...]:
        return (self.sample_code,) if self.sample_code else ()

    def flow(self) -> Flow:
        return Flow(sample_ml=self.volume_ml)

    def summary(self, record: BatchRecord) -> str:
        return f"{plain(self.volume_ml)} mL from {self.container_code} as {self.sample_code}"
