"""Authorising an act in spite of a stop of the registers, by signature of a second person."""

from __future__ import annotations

from labrecords.actions.door import BatchRef, Invalid, Refused, StepRef, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import known_step, writable
from labrecords.actions.telling import told_in
from labrecords.domain.entries import Stop
from labrecords.domain.evidence.signatures import BYPASSED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.bypass import Bypass, BypassedStop, may_be_bypassed
from labrecords.domain.review.release import Blocker
from labrecords.models.batch_record import load_record
from labrecords.models.people import accounts_of

NOT_ALLOWED = Blocker(
    "no bypass",
    "The process does not allow to bypass this stop.",
    "Follow the way out that it names.",
)


@action("step.bypassed", needs=Permission.VERIFY)
def bypass_stops(
    tx: Tx,
    *,
    batch: BatchRef,
    step_key: str,
    stops: tuple[Stop, ...],
    reason: str,
    requested_by: str,
    performed_by: str,
    proof: Proof,
) -> str:
    """Authorise that a step is recorded in spite of these stops, within the hour or by the timer of its run, by who
    asked. Returns the id.

    Refused where the master does not allow it for the step, where a stop is none of the registers' rules, and where who
    signs is who performed or records the act, with whichever account. The event has no subject, so that the form of
    the step stays as it is.
    """
    record = writable(tx, StepRef(batch.batch_id, step_key))
    if not stops or not may_be_bypassed(known_step(record, step_key), stops):
        raise Refused(NOT_ALLOWED)
    if {requested_by, performed_by} & accounts_of(tx.session, tx.actor.person_id):
        raise Refused(
            Blocker(
                "same person",
                "Who performs or records a step cannot authorise the bypass of its stop.",
                "Another person who may verify signs.",
            )
        )
    if wrong := reason_problem(reason) or told_in(tx, record, {"": reason}).get(""):
        raise Invalid({"bypass_reason": wrong})
    signature = sign(tx, proof, record, step_key, BYPASSED)
    tx.reason = reason
    item = Bypass(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step_key,
        stops=tuple(BypassedStop(stop.rule, stop.sentence) for stop in stops),
        reason=reason,
        requested_by=requested_by,
        person_id=tx.actor.person_id,
        signature_id=signature.id,
        granted_at=tx.now,
    )
    tx.add(item)
    project(tx.session, load_record(tx.session, record.batch))
    return item.id
