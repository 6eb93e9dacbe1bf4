"""The order for one therapy: what is to be injected where, for what, with which consent (domain B1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry, in_rows
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.rules.exclusions import (
    ANSWERS,
    MARKER_RESULTS,
    exclusion_problems,
    exclusion_remarks,
    needless,
)
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.spine import LEVELS, SIDES, STRUCTURES, name_problem, place_problems

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.results.remark import Remark

INDICATIONS = (
    "degenerative disc disease",
    "herniated disc",
    "facet joint syndrome",
    "spinal stenosis",
    "spinal osteoarthritis",
    "other",
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """One place that is to be injected."""

    structure: str = facts.choice("Structure", STRUCTURES)
    level: str = facts.choice("Level", LEVELS)
    side: str = facts.choice("Side", SIDES)
    named: str | None = facts.text("Which one", required=False, hint="Ligament, muscle or joint")
    volume_ml: Decimal | None = facts.number("Planned volume", "mL", required=False)
    dose_cells: Decimal | None = facts.number("Planned dose", "viable cells", required=False)

    def words(self) -> str:
        name = f" ({self.named})" if self.named else ""
        return f"{self.structure}{name} {self.level}, {self.side}"

    def problems(self) -> dict[str, str]:
        """What cannot be of one target, as a sentence by the name of its fact."""
        return place_problems(self.structure, self.level, self.side) | name_problem(
            self.structure, self.named
        )

    def in_full(self) -> str:
        """The place with planned volume and dose."""
        words = [self.words()]
        if self.volume_ml is not None:
            words.append(f"{plain(self.volume_ml)} mL")
        if self.dose_cells is not None:
            words.append(f"{plain(self.dose_cells)} viable cells")
        return ", ".join(words)


def target_problems(targets: Iterable[Target]) -> dict[str, str]:
    """What cannot be a place on a body: a sentence by the cell of the form."""
    return in_rows("targets", (target.problems() for target in targets))


def weight_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What cannot be of the patient's weight: it is more than nothing, and stated with the day (domain 3.8)."""
    found = {}
    if values.get("weight_kg") is not None and values.get("weighed_on") is None:
        found["weighed_on"] = "A weight is stated with the day on which it was measured."
    if values.get("weight_kg") == 0:
        found["weight_kg"] = "The patient's weight is more than 0 kg."
    return found


@dataclass(frozen=True, kw_only=True)
class Order(Entry):
    kind: ClassVar[str] = "order"
    performer_label: ClassVar[str] = "Ordered by"
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    order_code: str = facts.code("Order")
    indication: str = facts.choice("Indication", INDICATIONS)
    indication_note: str | None = facts.text("Indication in words", required=False)
    consent_version: str = facts.text("Consent form and version")
    consent_date: date = facts.day("Consent given on", past=True)
    weight_kg: Decimal | None = facts.number(
        "Patient's weight", "kg", required=False, hint="With the day on which it was measured, below"
    )
    weighed_on: date | None = facts.day("Weighed on", required=False, past=True)
    prescriber: str | None = facts.text(
        "Prescribed by", required=False, hint="Where it is somebody else than who orders"
    )
    infection: str | None = facts.choice("Active infection", ANSWERS, required=False)
    malignancy: str | None = facts.choice("Malignancy", ANSWERS, required=False)
    anticoagulant_drugs: str | None = facts.choice("Anticoagulant drugs", ANSWERS, required=False)
    allergy: str | None = facts.choice(
        "Allergy", ANSWERS, required=False, hint="To heparin, citrate or contrast medium"
    )
    exclusion_words: str | None = facts.note("What is known of it", required=False, hint="Where one is a yes")
    hiv: str | None = facts.choice("HIV", MARKER_RESULTS, required=False)
    hbv: str | None = facts.choice("HBV", MARKER_RESULTS, required=False)
    hcv: str | None = facts.choice("HCV", MARKER_RESULTS, required=False)
    syphilis: str | None = facts.choice("Syphilis", MARKER_RESULTS, required=False)
    markers_tested_on: date | None = facts.day(
        "Markers tested on", required=False, past=True, hint="The day of the blood sample"
    )
    targets: tuple[Target, ...] = facts.rows("Targets", Target)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        return (
            weight_problems(values)
            | exclusion_problems(values)
            | target_problems(values.get("targets") or ())
        )

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        return needless(values)

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return exclusion_remarks(vars(self))

    def summary(self, record: BatchRecord) -> str:
        places = "; ".join(target.words() for target in self.targets)
        return f"{self.order_code}, {self.indication}; {places}"
