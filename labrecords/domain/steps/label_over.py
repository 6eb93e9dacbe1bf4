"""A new label put over the old one of a container: another code, and the same container (1271.290(c), 211.125)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop, own_code_stop, tube_codes
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

LEGIBLE, REMOVED, COVERED = "beside the new one, still legible", "removed", "under the new one, not legible"


@dataclass(frozen=True, kw_only=True)
class LabelOver(Entry):
    kind: ClassVar[str] = "label_over"
    performer_label: ClassVar[str] = "Labelled by"

    container_code: str = facts.code("Old code", hint="Scan or type the code on the label that is there")
    new_code: str = facts.code("New code", hint="Scan the new label, on the container", new=True)
    why: str = facts.text("Why it was labelled over", hint="Damaged, or our own number over a supplier's")
    old_label: str = facts.choice("Old label", (LEGIBLE, REMOVED, COVERED))

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        if codes.normalise(values["container_code"]) == codes.normalise(values["new_code"]):
            return {"new_code": "The same code again is a second print of its label, and no other container."}
        return {}

    def sources(self) -> tuple[str, ...]:
        return (self.container_code,)

    def fills(self) -> tuple[str, ...]:
        return (self.new_code,)

    def pours_into(self) -> tuple[str, ...]:
        return ()

    def labels_over(self) -> tuple[str, str]:
        return self.container_code, self.new_code

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        way_out = "Take a label with an id of its own, from the page Labels."
        covered = Stop(
            rule="label",
            sentence=f"The old label of {self.container_code} cannot be read any more.",
            way_out="Put the new label beside the old one, or take the old one off and account for it.",
        )
        found = (
            self._wrong(record),
            own_code_stop(record, self.step_key, self.new_code, way_out),
            covered if self.old_label == COVERED else None,
        )
        return tuple(stop for stop in found if stop)

    def _wrong(self, record: BatchRecord) -> Stop | None:
        """Why the old code is on nothing that can be labelled over: a container of the product, or a sample tube."""
        if codes.normalise(self.container_code) in tube_codes(record, but=self.step_key):
            return None
        return container_stop(record, self.step_key, self.container_code)

    def summary(self, record: BatchRecord) -> str:
        return f"{self.container_code} is {self.new_code} now; old label {self.old_label}. {self.why}"
