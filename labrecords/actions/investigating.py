"""Investigating a discrepancy: what was looked into and found, by signature of somebody who took no part."""

from __future__ import annotations

from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.domain.evidence.signatures import INVESTIGATED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.investigation import Investigation, may_be_investigated, name_of
from labrecords.domain.review.release import Blocker, investigation_blockers
from labrecords.domain.rules.findings import findings
from labrecords.models.batch_record import load_record

NOT_THERE = Blocker(
    "finding",
    "This finding is not there any more, or no investigation can clear it.",
    "Open the review again.",
)


@action("finding.investigated", needs=Permission.DECIDE_RELEASE)
def investigate(tx: Tx, *, batch: BatchRef, finding: str, reason: str, proof: Proof) -> str:
    """Sign what was looked into and found about a finding, so that it blocks no more. Returns the id.

    `finding` is its name (domain/review/investigation.py). Refused where it is not there any more, where its rule
    allows no investigation, and where who signs took part in the batch.
    """
    record = open_record(tx, batch.batch_id)
    reasons = investigation_blockers(record, tx.actor.person_id)
    if reasons:
        raise Refused(*reasons)
    about = next(
        (item for item in findings(record) if may_be_investigated(item) and name_of(item) == finding), None
    )
    if about is None:
        raise Refused(NOT_THERE)
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    signature = sign(tx, proof, record, about.step_key, INVESTIGATED)
    tx.reason = reason
    item = Investigation(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=about.step_key,
        rule=about.rule,
        sentence=about.sentence,
        reason=reason,
        person_id=tx.actor.person_id,
        signature_id=signature.id,
        recorded_at=tx.now,
    )
    tx.add(item)
    project(tx.session, load_record(tx.session, record.batch))
    return item.id
