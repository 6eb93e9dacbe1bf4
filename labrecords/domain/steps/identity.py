"""The identity check: codes stated or scanned, compared with the batch by the system, never ticked (domain B2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

METHODS = ("wristband scanned", "patient asked openly", "label scanned")


def mismatch(what: str, expected: str, found: str) -> Stop | None:
    """A critical stop when a code is not the expected one; None when they agree (spaces, hyphens and case aside)."""
    if codes.normalise(expected) == codes.normalise(found):
        return None
    return Stop(
        rule="identity",
        sentence=f"Wrong {what}: this batch belongs to {expected}, and {found} was given.",
        way_out="Stop. Put nothing together. Check the patient, the container and the batch again, then tell QA.",
        critical=True,
        expected=expected,
        found=found,
    )


@dataclass(frozen=True, kw_only=True)
class IdentityCheck(Entry):
    kind: ClassVar[str] = "identity_check"
    performer_label: ClassVar[str] = "Checked by"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    patient_code: str = facts.code("Patient code", hint="Scan the wristband or type the code")
    identity_code: str = facts.code("Chain-of-identity code", hint="Scan or type the code on the label")
    method: str = facts.choice("How", METHODS)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = (
            mismatch("patient", record.batch.patient_code, self.patient_code),
            mismatch("chain of identity", record.batch.identity_code, self.identity_code),
        )
        return tuple(stop for stop in found if stop)

    def summary(self, record: BatchRecord) -> str:
        agrees = "codes do not match" if self.stops(record) else "both codes match"
        return f"{agrees}, {self.method}"


def unconfirmed_identity(record: BatchRecord, harvest: Entry) -> Stop | None:
    """A stop where the identity check before a harvest was recorded, and not confirmed when the harvest was."""
    before = [step for step in record.process.steps if step.kind == IdentityCheck.kind]
    by = record.first_recorded_at(harvest)
    if all(not record.current(step.key) or record.was_confirmed(step.key, by) for step in before):
        return None
    return Stop(
        rule="identity check",
        sentence="The identity check is not confirmed by a second person.",
        way_out="Have the second person sign the identity check first.",
    )
