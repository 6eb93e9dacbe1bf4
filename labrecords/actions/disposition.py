"""The word of quality assurance on late results or an expired product: signed, and the cause of a new document."""

from __future__ import annotations

from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.release import ask_for_document
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import Decision
from labrecords.domain.review.decisions import DISPOSITIONS, NOT_CONFORM, OF_EXPIRED
from labrecords.domain.review.disposition import word_blockers


@action("batch.disposed", needs=Permission.JUDGE_TESTS)
def dispose(tx: Tx, *, batch: BatchRef, disposition: str, reason: str, proof: Proof) -> str:
    """Sign that the product conforms or not, that late results were added, or what becomes of an expired product.

    The decision on the product stays what it was. Asks for the document of it, and returns the id of the issue to seal.
    """
    if disposition not in DISPOSITIONS:
        raise Invalid({"disposition": f"Choose one of: {'; '.join(DISPOSITIONS)}."})
    wrong = reason_problem(reason) if disposition in (NOT_CONFORM, *OF_EXPIRED) else None
    if wrong:
        raise Invalid({"reason": wrong})
    record = open_record(tx, batch.batch_id)
    reasons = word_blockers(record, disposition, tx.actor.person_id, tx.now)
    if reasons:
        raise Refused(*reasons)
    signature = sign(tx, proof, record, "", disposition)
    made = Decision(
        id=tx.new_id(),
        batch_id=record.batch.id,
        decision=disposition,
        reason=reason,
        signature_id=signature.id,
        person_id=tx.actor.person_id,
        reviewed_seq=record.head.seq,
        decided_at=tx.now,
    )
    tx.add(made)
    tx.reason = reason or None
    return ask_for_document(tx, record, "decision", made.id)
