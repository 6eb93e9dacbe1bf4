"""The division of the product into several containers: syringes for several levels, aliquots (domain 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.rules.finding import Severity
from labrecords.domain.values import codes
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Part:
    """One container that was filled."""

    container_code: str = facts.code("Into container", hint="Code on its label", new=True)
    volume_ml: Decimal = facts.number("Volume", "mL")


@dataclass(frozen=True, kw_only=True)
class Division(Entry):
    kind: ClassVar[str] = "division"
    performer_label: ClassVar[str] = "Divided by"

    source_container_code: str = facts.code("From container", hint="Scan or type the code on the container")
    volume_in_ml: Decimal = facts.number("Volume before", "mL", hint="As it stands on the container")
    parts: tuple[Part, ...] = facts.rows("Parts", Part)
    left_ml: Decimal = facts.number("Left in the first container", "mL", hint="0 when all of it was divided")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        filled = [codes.normalise(part.container_code) for part in values["parts"]]
        if len(set(filled)) < len(filled):
            found["parts"] = "Each part has a code of its own: one is there twice."
        elif codes.normalise(values["source_container_code"]) in filled:
            found["parts"] = "A part is in another container than the one that was divided."
        elif any(not part.volume_ml for part in values["parts"]):
            found["parts"] = "A part holds more than 0 mL."
        if not values["volume_in_ml"]:
            found["volume_in_ml"] = "There was more than 0 mL to divide."
        return found

    def out_ml(self) -> Decimal:
        """What the parts hold and what was left, in mL."""
        return sum((part.volume_ml for part in self.parts), self.left_ml)

    def fills(self) -> tuple[str, ...]:
        left = (self.source_container_code,) if self.left_ml else ()
        return (*left, *(part.container_code for part in self.parts))

    def held_after(self) -> dict[str, Decimal]:
        parts = {part.container_code: part.volume_ml for part in self.parts}
        return parts | {self.source_container_code: self.left_ml}

    def pours_into(self) -> tuple[str, ...]:
        return tuple(part.container_code for part in self.parts)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        wrong = container_stop(record, self.step_key, self.source_container_code)
        return (wrong,) if wrong else ()

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        """The parts are as much as the whole, within the tolerance of the process."""
        apart, allowed = self.out_ml() - self.volume_in_ml, record.process.balance_tolerance_percent
        if abs(apart) * 100 <= allowed * self.volume_in_ml:
            return ()
        missing = "are unaccounted for" if apart < 0 else "more came out than went in"
        sentence = f"{plain(abs(apart))} mL {missing}: more than {plain(allowed)} % of {plain(self.volume_in_ml)} mL."
        way_out = "Measure the parts again, and look where the rest is."
        return (Remark("division", sentence, way_out, Severity.BLOCKING),)

    def summary(self, record: BatchRecord) -> str:
        parts = ", ".join(f"{plain(part.volume_ml)} mL into {part.container_code}" for part in self.parts)
        return f"{self.source_container_code}, {plain(self.volume_in_ml)} mL: {parts}; {plain(self.left_ml)} mL left"
