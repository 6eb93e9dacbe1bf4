"""QA's decision, and the physician's closing of the administration: signed, and each the cause of a new document."""

from __future__ import annotations

from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord, Closure, Decision
from labrecords.domain.review.decisions import ON_HOLD, REJECTED, RELEASED
from labrecords.domain.review.issues import Issue
from labrecords.domain.review.release import closing, closure_blockers, deciding, decision_blockers
from labrecords.models.batch_record import load_record


@action("batch.decided", needs=Permission.DECIDE_RELEASE)
def decide(tx: Tx, *, batch: BatchRef, decision: str, reason: str, proof: Proof) -> str:
    """Sign released, rejected or on hold, and ask for the document of it. Returns the id of the issue to seal.

    Refused with every reason that stands in the way (domain/review/release.py). The record is frozen from
    here until the document is sealed.
    """
    if decision not in (RELEASED, REJECTED, ON_HOLD):
        raise Invalid({"decision": "Choose released, rejected or on hold."})
    wrong = reason_problem(reason) if decision != RELEASED else None
    if wrong:
        raise Invalid({"reason": wrong})
    record = open_record(tx, batch.batch_id)
    reasons = decision_blockers(record, decision, tx.actor.person_id, tx.now)
    if reasons:
        raise Refused(*reasons)
    signature = sign(tx, proof, record, "", deciding(record, decision))
    made = Decision(
        id=tx.new_id(),
        batch_id=record.batch.id,
        decision=decision,
        reason=reason,
        signature_id=signature.id,
        person_id=tx.actor.person_id,
        reviewed_seq=record.head.seq,
        decided_at=tx.now,
    )
    tx.add(made)
    tx.act, tx.reason = f"batch.{decision.replace(' ', '_')}", reason or None
    return ask_for_document(tx, record, "decision", made.id)


@action("administration.closed", needs=Permission.CLOSE_ADMINISTRATION)
def close_administration(tx: Tx, *, batch: BatchRef, proof: Proof) -> str:
    """Sign that the injection, or that there was none, is recorded completely, and ask for the final document.

    Returns the issue's id.
    """
    record = open_record(tx, batch.batch_id)
    reasons = closure_blockers(record, tx.actor.person_id)
    if reasons:
        raise Refused(*reasons)
    signature = sign(tx, proof, record, "", closing(record))
    closure = Closure(
        tx.new_id(), record.batch.id, signature.id, tx.actor.person_id, tx.now, reviewed_seq=record.head.seq
    )
    tx.add(closure)
    return ask_for_document(tx, record, "closure", closure.id)


def ask_for_document(tx: Tx, record: BatchRecord, cause: str, cause_id: str) -> str:
    """Ask for the next version of the document, frozen at the event that this transaction adds. Returns its id."""
    issue = Issue(
        id=tx.new_id(),
        batch_id=record.batch.id,
        version=len(record.issues) + 1,
        cause=cause,
        cause_id=cause_id,
        # The event that this transaction is about to add is the last one the document shows.
        frozen_seq=record.head.seq + 1,
        requested_by=tx.actor.person_id,
        requested_at=tx.now,
    )
    tx.add(issue)
    project(tx.session, load_record(tx.session, record.batch))
    return issue.id
