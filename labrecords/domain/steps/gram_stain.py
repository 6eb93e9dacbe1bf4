"""Gram stain of the product: what a reader sees under the microscope before release (domain 2.6, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labrecords.domain import facts
from labrecords.domain.results.assays import Assay

NOTHING_SEEN, SEEN = "no organisms seen", "organisms seen"


@dataclass(frozen=True, kw_only=True)
class GramStain(Assay):
    kind: ClassVar[str] = "gram_stain"
    performer_label: ClassVar[str] = "Read by"
    outcome_facts: ClassVar[tuple[str, ...]] = ("result", "organism")
    final_facts: ClassVar[tuple[str, ...]] = ("fields_read", "controls_right", "result")

    fields_read: int | None = facts.whole("Fields read", required=False, hint="At oil immersion")
    controls_right: bool | None = facts.yesno("Control slides as expected", required=False)
    result: str | None = facts.choice("Result", (NOTHING_SEEN, SEEN), required=False)
    organism: str | None = facts.text("What was seen", required=False, hint="For example Gram-positive cocci")

    def verdict(self) -> tuple[bool, str] | None:
        if self.result is None:
            return None
        if self.result == NOTHING_SEEN:
            return True, f"{NOTHING_SEEN} in {self.fields_read or 'the'} fields"
        return False, f"{SEEN}: {self.organism}" if self.organism else SEEN

    def invalid(self) -> str:
        return "The control slides were not as expected." if self.controls_right is False else ""

    def result_words(self) -> str:
        verdict = self.verdict()
        return verdict[1] if verdict else ""
