"""Mycoplasma, by amplification or by culture (domain 2.6, 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labrecords.domain import facts
from labrecords.domain.results.assays import Assay

TECHNIQUES = ("nucleic acid amplification", "culture", "both")
NOT_DETECTED, DETECTED = "not detected", "detected"


@dataclass(frozen=True, kw_only=True)
class Mycoplasma(Assay):
    kind: ClassVar[str] = "mycoplasma"
    outcome_facts: ClassVar[tuple[str, ...]] = ("result", "organism")
    final_facts: ClassVar[tuple[str, ...]] = ("controls_right", "result")

    technique: str = facts.choice("Technique", TECHNIQUES)
    controls_right: bool | None = facts.yesno("Controls as expected", required=False)
    result: str | None = facts.choice("Result", (NOT_DETECTED, DETECTED), required=False)
    organism: str | None = facts.text("Organism", required=False, hint="Where it was identified")

    def verdict(self) -> tuple[bool, str] | None:
        if self.result is None:
            return None
        if self.result == NOT_DETECTED:
            return True, "mycoplasma not detected"
        return False, f"mycoplasma detected: {self.organism}" if self.organism else "mycoplasma detected"

    def invalid(self) -> str:
        return "The controls were not as expected." if self.controls_right is False else ""

    def result_words(self) -> str:
        verdict = self.verdict()
        return verdict[1] if verdict else ""
