"""Line clearance: nothing of another batch is left where this one is worked on (domain B3; 21 CFR 211.188(b)(6))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.processes.process import PROCESSING
from labrecords.domain.registers.equipment import named_otherwise
from labrecords.domain.registers.materials import Material
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.liposuction import Liposuction

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

BEFORE, AFTER = "before this batch", "after this batch"


@dataclass(frozen=True, kw_only=True)
class LineClearance(Entry):
    kind: ClassVar[str] = "line_clearance"
    performer_label: ClassVar[str] = "Cleared by"

    room: str = facts.place("Room")
    registered_cabinet: str | None = facts.equipment("Registered cabinet", "cabinet", required=False)
    cabinet: str | None = facts.place(
        "Cabinet or bench", required=False, hint="Where it is a bench, or not registered"
    )
    timing: str = facts.choice("When", (BEFORE, AFTER))
    previous_removed: bool = facts.yesno(
        "Materials of the other batch removed", hint="After this batch: those of this batch"
    )
    cleaned: bool = facts.yesno("Cleaned")
    cleaning_agent: str | None = facts.text("Cleaning agent", required=False)
    cleaning_lot: str | None = facts.text("Cleaning agent lot", required=False)
    cleaning_expiry: date | None = facts.day("Cleaning agent expiry", required=False)
    no_other_patient: bool = facts.yesno("No material of another patient here")
    labels_removed: bool = facts.yesno("Labels of other batches removed")
    environment_ok: bool = facts.yesno(
        "Environment in order", hint="Air flow, pressure, temperature, as the procedure says"
    )

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        return named_otherwise(values, "registered_cabinet", "cabinet")

    def lacking(self) -> tuple[str, ...]:
        """What stands against a cleared line, in words; nothing when it is clear."""
        found = (
            ("materials of another batch are still there", self.previous_removed),
            ("it was not cleaned", self.cleaned),
            ("material of another patient is there", self.no_other_patient),
            ("labels of other batches are still there", self.labels_removed),
            ("the environment is not in order", self.environment_ok),
        )
        return tuple(words for words, fine in found if not fine)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = []
        if self.lacking():
            found.append(
                Stop(
                    rule="line clearance",
                    sentence=f"The line is not cleared: {', and '.join(self.lacking())}.",
                    way_out="Clear the line, then answer again. Nothing of this batch is opened here before.",
                )
            )
        if self.timing != (meant := self._meant(record) or self.timing):
            found.append(
                Stop(
                    rule="line clearance",
                    sentence=f"This step clears the line {meant}, and it was said to be {self.timing}.",
                    way_out=f"Choose “{meant}”, if that is what was done.",
                )
            )
        return tuple(found)

    def _meant(self, record: BatchRecord) -> str | None:
        """What the place of the step says of it: before anything is collected, or after everything else was done."""
        worked = [step for step in record.process.phase(PROCESSING) if step.kind != self.kind]
        mine = record.process.step(self.step_key).number
        collected = [step.number for step in worked if step.kind in (Harvest.kind, Liposuction.kind)]
        if collected and mine < collected[0]:
            return BEFORE
        return AFTER if worked and mine > worked[-1].number else None

    def materials(self) -> tuple[Material, ...]:
        if not self.cleaning_agent:
            return ()
        return (Material(self.cleaning_agent, self.cleaning_lot, self.cleaning_expiry),)

    def summary(self, record: BatchRecord) -> str:
        registered = self.registered_cabinet and record.equipment_item(self.registered_cabinet).code
        place = ", ".join(filter(None, (self.room, registered, self.cabinet)))
        return f"{place}, {self.timing}: {'clear' if not self.lacking() else 'NOT CLEAR'}"
