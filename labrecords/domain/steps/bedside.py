"""The check at the bedside: this product for this patient, released and in date (domain B20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.custody.label_overs import unread_stops
from labrecords.domain.entries import Entry, Stop, in_rows
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.review.decisions import release_stop_of
from labrecords.domain.rules.site_match import site_stops, transitional_remarks
from labrecords.domain.steps.identity import (
    FIRST_HINT,
    METHODS,
    SECOND,
    SECOND_HINT,
    agreement,
    mismatch,
    second_stop,
    uncompared,
)
from labrecords.domain.values import codes
from labrecords.domain.values.spine import LEVELS, SIDES, STRUCTURES, name_problem, place_problems

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class CheckedSite:
    """What is to be injected where: said aloud and compared before the first needle."""

    structure: str = facts.choice("Structure", STRUCTURES)
    level: str = facts.choice("Level", LEVELS)
    side: str = facts.choice("Side", SIDES)
    named: str | None = facts.text("Which one", required=False, hint="Ligament, muscle or joint")
    container_code: str | None = facts.code(
        "Out of container", required=False, hint="Scan each syringe where the product is in several"
    )

    def words(self) -> str:
        name = f" ({self.named})" if self.named else ""
        return f"{self.structure}{name} {self.level}, {self.side}"

    def problems(self) -> dict[str, str]:
        """What cannot be of one place, as a sentence by the name of its fact."""
        return place_problems(self.structure, self.level, self.side) | name_problem(
            self.structure, self.named
        )


@dataclass(frozen=True, kw_only=True)
class BedsideCheck(Entry):
    kind: ClassVar[str] = "bedside_check"
    performer_label: ClassVar[str] = "Checked by"
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    patient_code: str = facts.code("Patient code", private=True, hint=FIRST_HINT)
    second_identifier: str | None = facts.text(SECOND, private=True, required=False, hint=SECOND_HINT)
    identity_code: str = facts.code(
        "Chain-of-identity code on the product", private=True, hint="Scan or type the label"
    )
    container_code: str = facts.code("Product container", hint="Scan or type the code on the syringe")
    method: str = facts.choice("How the patient was identified", METHODS)
    sites: tuple[CheckedSite, ...] = facts.rows("To be injected", CheckedSite)
    looks_normal: bool = facts.yesno("Product looks as it should")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        return in_rows("sites", (site.problems() for site in values.get("sites") or ()))

    def containers(self) -> tuple[str, ...]:
        """Codes of the syringes that were checked, each once."""
        return codes.each_once([self.container_code, *(site.container_code for site in self.sites)])

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return (*transitional_remarks(self.sites), *uncompared(record, self.second_identifier))

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = (
            *self.found_wrong(record),
            release_stop_of(record, self, self.performed_at),
            *unread_stops(record, self.performed_at, self.containers()),
            *(expiry_stop(record, self.performed_at, code) for code in self.containers()),
        )
        return tuple(stop for stop in found if stop)

    def found_wrong(self, record: BatchRecord) -> tuple[Stop, ...]:
        """What the check found of patient, product and sites, whenever it was made: no needle follows it.

        Release and expiry are asked anew at the injection, for its own time.
        """
        found = (
            mismatch("patient", record.batch.patient_code, self.patient_code),
            mismatch("chain of identity", record.batch.identity_code, self.identity_code),
            second_stop(record, self.second_identifier),
            *(container_stop(record, self.step_key, code) for code in self.containers()),
            *site_stops(record, self.sites),
            self._appearance_stop(),
        )
        return tuple(stop for stop in found if stop)

    def _appearance_stop(self) -> Stop | None:
        if self.looks_normal:
            return None
        return Stop(
            rule="appearance",
            sentence="The product does not look as it should.",
            way_out="Do not inject it. Set it aside and call QA.",
            critical=True,
        )

    def summary(self, record: BatchRecord) -> str:
        places = "; ".join(site.words() for site in self.sites)
        looks = "product as it should look" if self.looks_normal else "product does not look as it should"
        wrong = self._wrong_code(record)
        said = "identifiers do not match" if wrong else agreement(record, self, self.second_identifier)
        return f"{places}: {said}, {self.method}, {looks}"

    def _wrong_code(self, record: BatchRecord) -> bool:
        return any(stop.rule == "identity" for stop in self.found_wrong(record))
