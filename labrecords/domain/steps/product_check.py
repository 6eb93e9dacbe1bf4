"""The identity check of the product, where no patient is there to be asked: its label against its batch (domain 5.7).

Two identifiers of the label and the code of the container are read and compared by the system. Two people do it, the
second without seeing what the first one read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import CHECKS
from labrecords.domain.steps.identity import mismatch

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

_OFF_THE_LABEL = "Scan or type the code on the label of the container"


@dataclass(frozen=True, kw_only=True)
class ProductCheck(Entry):
    kind: ClassVar[str] = "product_check"
    performer_label: ClassVar[str] = "Checked by"
    ended_label: ClassVar[str] = "Checked at"
    needs: ClassVar[Permission] = Permission.RECORD_CUSTODY

    container_code: str = facts.code("Container", hint=_OFF_THE_LABEL)
    patient_code: str = facts.code("Patient code on the label", private=True, hint=_OFF_THE_LABEL)
    identity_code: str = facts.code("Chain-of-identity code on the label", private=True, hint=_OFF_THE_LABEL)
    occasion: str = facts.choice("When", tuple(CHECKS.values()))

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = (
            container_stop(record, self.step_key, self.container_code),
            mismatch("patient", record.batch.patient_code, self.patient_code),
            mismatch("chain of identity", record.batch.identity_code, self.identity_code),
        )
        return tuple(stop for stop in found if stop)

    def summary(self, record: BatchRecord) -> str:
        said = (
            "identifiers do not match"
            if self.stops(record)
            else "container, patient and chain of identity agree"
        )
        return f"{self.container_code}, {self.occasion}: {said}"
