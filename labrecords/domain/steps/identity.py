"""The identity check: what was stated or scanned, compared with the batch by the system, never ticked (domain B2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.registers import stated
from labrecords.domain.results.remark import Remark
from labrecords.domain.rules.relied_on import found_wrong
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

METHODS = ("wristband scanned", "patient asked openly", "label scanned")
FIRST_HINT = "Scan the wristband, or type the record number or the patient code"
SECOND, SECOND_HINT = "Second identifier", "Date of birth or full name, as the patient states it"
WRONG_WAY_OUT = (
    "Stop. Put nothing together. Check the patient, the container and the batch again, then tell QA."
)

_CHECK_AGAIN = (
    "Take nothing. Check the patient again; then correct the check, and have a second person confirm it."
)


def mismatch(what: str, expected: str, found: str) -> Stop | None:
    """A critical stop when a code is not the expected one; None when they agree (spaces, hyphens and case aside)."""
    if codes.normalise(expected) == codes.normalise(found):
        return None
    known = found != stated.UNKNOWN
    given = found if known else "what was given is known to nobody here"
    return Stop(
        rule="identity",
        sentence=f"Wrong {what}: this batch belongs to {expected}, and {given}{' was given' if known else ''}.",
        way_out=WRONG_WAY_OUT,
        critical=True,
        expected=expected,
        found=found if known else "",
    )


def second_stop(record: BatchRecord, given: str | None) -> Stop | None:
    """Why the second identifier of a patient stops the act: it was not asked for, or it is somebody else's.

    Two identifiers are asked of a patient who is registered here. Of others a hospital keeps who they are, and sends
    codes only.
    """
    if given is None:
        return _not_asked() if record.orders else None
    if not stated.is_other(given):
        return None
    what = stated.kind_of(given)
    return Stop(
        rule="identity",
        sentence=f"Wrong patient: the {what} that was stated is not that of {record.batch.patient_code}.",
        way_out=WRONG_WAY_OUT,
        critical=True,
        found=given,
    )


def _not_asked() -> Stop:
    return Stop(
        rule="second identifier",
        sentence="Only one identifier of the patient is given.",
        way_out="Ask openly for the date of birth or the full name, and enter what the patient states.",
    )


def uncompared(record: BatchRecord, given: str | None) -> tuple[Remark, ...]:
    """That a patient who was registered could not be compared with who they are, and that codes alone agree."""
    if not record.orders or given is None or stated.was_compared(given):
        return ()
    return (
        Remark(
            "identity not compared",
            f"The {stated.kind_of(given)} could not be compared: the identity of {record.batch.patient_code} was "
            "erased or cannot be opened. Only codes were compared.",
            "Find out by other means who the patient is, and note how.",
        ),
    )


def agreement(record: BatchRecord, entry: Entry, given: str | None) -> str:
    """What an identity check that stops nothing has compared, in words."""
    if given is None or not stated.was_compared(given):
        return "codes match, identity not compared"
    if entry.as_entered.get("patient_code") == stated.RECORD_NUMBER:
        return f"{stated.RECORD_NUMBER} and {stated.kind_of(given)} agree"
    return f"codes match and {given}"


@dataclass(frozen=True, kw_only=True)
class IdentityCheck(Entry):
    kind: ClassVar[str] = "identity_check"
    performer_label: ClassVar[str] = "Checked by"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    patient_code: str = facts.code("Patient code", private=True, hint=FIRST_HINT)
    second_identifier: str | None = facts.text(SECOND, private=True, required=False, hint=SECOND_HINT)
    identity_code: str = facts.code(
        "Chain-of-identity code", private=True, hint="Scan or type the code on the label"
    )
    method: str = facts.choice("How", METHODS)

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = (
            mismatch("patient", record.batch.patient_code, self.patient_code),
            mismatch("chain of identity", record.batch.identity_code, self.identity_code),
            second_stop(record, self.second_identifier),
        )
        return tuple(stop for stop in found if stop)

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        return uncompared(record, self.second_identifier)

    def summary(self, record: BatchRecord) -> str:
        wrong = any(stop.critical for stop in self.stops(record))
        said = "identifiers do not match" if wrong else agreement(record, self, self.second_identifier)
        return f"{said}, {self.method}"


def unconfirmed_identity(record: BatchRecord, harvest: Entry) -> Stop | None:
    """A stop where the identity check before a harvest found somebody else, or was not confirmed by then."""
    before = [step for step in record.process.steps if step.kind == IdentityCheck.kind]
    by = record.first_recorded_at(harvest)
    for step in before:
        for stop in found_wrong(record, record.history(step.key), by, lambda check: check.stops(record)):
            return Stop(
                rule="identity check",
                sentence=f"The identity check found: {stop.sentence}",
                way_out=_CHECK_AGAIN,
                critical=True,
            )
    if all(not record.current(step.key) or record.was_confirmed(step.key, by) for step in before):
        return None
    return Stop(
        rule="identity check",
        sentence="The identity check is not confirmed by a second person.",
        way_out="Have the second person sign the identity check first.",
    )
