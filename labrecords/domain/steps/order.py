"""The order for one therapy: what is to be injected where, for what, with which consent (domain B1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.spine import LEVELS, SIDES, STRUCTURES

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

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
    volume_ml: Decimal | None = facts.number("Planned volume", "mL", required=False)
    dose_cells: Decimal | None = facts.number("Planned dose", "viable cells", required=False)

    def words(self) -> str:
        return f"{self.structure} {self.level}, {self.side}"


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
    weight_kg: Decimal | None = facts.number("Patient's weight", "kg", required=False)
    weighed_on: date | None = facts.day("Weighed on", required=False, past=True)
    targets: tuple[Target, ...] = facts.rows("Targets", Target)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        return weight_problems(values)

    def summary(self, record: BatchRecord) -> str:
        places = "; ".join(target.words() for target in self.targets)
        return f"{self.order_code}, {self.indication}; {places}"
