"""The check at the bedside: this product for this patient, released and in date (domain B20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.review.decisions import release_stop
from labrecords.domain.steps.identity import METHODS, mismatch

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class BedsideCheck(Entry):
    kind: ClassVar[str] = "bedside_check"
    performer_label: ClassVar[str] = "Checked by"
    performer_role: ClassVar[str] = Role.PHYSICIAN.value
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    patient_code: str = facts.code("Patient code", hint="Scan the wristband or type the code")
    identity_code: str = facts.code("Chain-of-identity code on the product", hint="Scan or type the label")
    container_code: str = facts.code("Product container", hint="Scan or type the code on the syringe")
    method: str = facts.choice("How the patient was identified", METHODS)
    looks_normal: bool = facts.yesno("Product looks as it should")

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = (
            mismatch("patient", record.batch.patient_code, self.patient_code),
            mismatch("chain of identity", record.batch.identity_code, self.identity_code),
            container_stop(record, self.step_key, self.container_code),
            release_stop(record, self.performed_at) or release_stop(record, record.first_recorded_at(self)),
            expiry_stop(record, self.performed_at),
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
        looks = "product as it should look" if self.looks_normal else "product does not look as it should"
        agrees = "codes do not match" if self._wrong_code(record) else "patient and product codes match"
        return f"{agrees}, {self.method}, {looks}"

    def _wrong_code(self, record: BatchRecord) -> bool:
        return any(stop.rule == "identity" for stop in self.stops(record))
