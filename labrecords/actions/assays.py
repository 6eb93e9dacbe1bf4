"""Reports of quality-control tests: the next one of a running test, and setting a result aside by signature."""

from __future__ import annotations

from dataclasses import replace

from labrecords.actions.door import Invalid, Refused, StepRef, Tx, action
from labrecords.actions.mixups import locks_mixed_up
from labrecords.actions.projections import project
from labrecords.actions.readings import Reading, entry_of
from labrecords.actions.signing import Proof, sign
from labrecords.actions.step_drafts import end_draft
from labrecords.actions.steps import definition_of, refuse_stops, writable
from labrecords.domain.entries import INVALIDATED, REPEATED, REPORTED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord, Confirmation
from labrecords.domain.results.assays import FINAL, Assay, report_problems
from labrecords.domain.review.disposition import invalidation_blockers
from labrecords.domain.review.release import Blocker
from labrecords.models.batch_record import load_record


@locks_mixed_up
@action("test.reported", needs=Permission.RECORD_PROCESSING)
def report_test(tx: Tx, *, step: StepRef, replaces: str, reading: Reading) -> str:
    """Record the next report of a test: running, preliminary or final. The earlier reports stay. Returns its id.

    A final result changes by correction only. After an invalidated one the test begins anew.
    """
    record = writable(tx, step)
    definition = definition_of(record, step, reading.kind)
    old = _current(record, step, replaces)
    if old.state == FINAL:
        raise Refused(
            Blocker(
                "final", "This result is final.", "Correct it, with the reason, where it was entered wrongly."
            )
        )
    again = old.state == INVALIDATED
    entry, record = entry_of(
        tx,
        record,
        definition,
        reading,
        replaces=old,
        reason=old.reason if again else None,
        follows_as=REPEATED if again else REPORTED,
    )
    assert isinstance(entry, Assay)
    wrong = {} if again else report_problems(old, entry)
    if wrong:
        raise Invalid(wrong)
    refuse_stops(record, entry)
    tx.act = f"{reading.kind.kind}.{entry.follows_as}"
    tx.add(entry)
    end_draft(tx, step, REPORTED)
    project(tx.session, record)
    return entry.id


@action("test.invalidated", needs=Permission.JUDGE_TESTS)
def invalidate_test(tx: Tx, *, step: StepRef, entry_id: str, reason: str, proof: Proof) -> str:
    """Set the result of a test aside, by signature and with the reason. It stays in the record. Returns the new id."""
    record = writable(tx, step)
    old = _current(record, step, entry_id)
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    reasons = invalidation_blockers(record, old, tx.actor.person_id)
    if reasons:
        raise Refused(*reasons)
    signature = sign(tx, proof, record, step.step_key, INVALIDATED)
    entry = replace(
        old,
        id=tx.new_id(),
        state=INVALIDATED,
        performed_by=tx.actor.person_id,
        recorded_by=tx.actor.person_id,
        performed_at=tx.now,
        recorded_at=tx.now,
        replaces_id=old.id,
        follows_as=REPORTED,
        reason=reason,
        late_reason=None,
        happened_reason=None,
        note=None,
        confirmed={},
        authors={},
    )
    tx.add(entry)
    tx.add(
        Confirmation(
            id=tx.new_id(),
            batch_id=record.batch.id,
            step_key=step.step_key,
            entry_id=entry.id,
            act=INVALIDATED,
            person_id=tx.actor.person_id,
            signature_id=signature.id,
            recorded_at=tx.now,
        )
    )
    tx.reason = reason
    project(tx.session, load_record(tx.session, record.batch))
    return entry.id


def _current(record: BatchRecord, step: StepRef, entry_id: str) -> Assay:
    """The version that counts of a test, where it is the one that the form showed."""
    old = record.current(step.step_key)
    if not isinstance(old, Assay) or old.id != entry_id:
        raise Refused(
            Blocker("corrected", "This test was reported anew in the meantime.", "Open the step again.")
        )
    return old
