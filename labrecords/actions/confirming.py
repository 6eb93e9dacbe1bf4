"""Confirming what another person recorded: by signature, on one version of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.actions.door import Invalid, Refused, StepRef, Tx, action
from labrecords.actions.identifying import compared_again
from labrecords.actions.mixups import locks_reentered
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import writable
from labrecords.actions.telling import numbers_in, told_in
from labrecords.domain.entries import ATTESTED, GIVEN, RECEIVED, VERIFIED, Entry, Wanted
from labrecords.domain.facts import FactType
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord, Confirmation
from labrecords.domain.review.reentry import Reentry, asked_again, differences
from labrecords.domain.review.release import Blocker
from labrecords.domain.values.typography import mid_sentence
from labrecords.models.batch_record import load_record


def _confirm_permission(given: Mapping[str, Any]) -> Permission:
    return Permission.VERIFY if given["act"] == VERIFIED else Permission.ATTEST


@action("step.confirmed", needs=_confirm_permission)
def confirm_step(tx: Tx, *, step: StepRef, entry_id: str, act: str, proof: Proof) -> str:
    """Confirm one version of an entry, by signature: verified, attested, given or received. Returns its id."""
    record = writable(tx, step)
    entry = record.current(step.step_key)
    if entry is None or entry.id != entry_id:
        raise Refused(
            Blocker("corrected", "This entry was corrected in the meantime.", "Read it again, then sign.")
        )
    reasons = confirmation_blockers(record, entry, act, tx.actor.person_id)
    if reasons:
        raise Refused(*reasons)
    asked = record.process.step(step.step_key)
    if act == VERIFIED and asked.blind and asked_again(entry, asked):
        raise Refused(
            Blocker(
                "blind",
                "The values of this step are entered again, unseen.",
                "Open “Enter it again” on its page.",
            )
        )
    item = _add_confirmation(tx, record, entry, act, proof)
    project(tx.session, load_record(tx.session, record.batch))
    return item.id


def _add_confirmation(tx: Tx, record: BatchRecord, entry: Entry, act: str, proof: Proof) -> Confirmation:
    signature = sign(tx, proof, record, entry.step_key, act)
    item = Confirmation(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=entry.step_key,
        entry_id=entry.id,
        act=act,
        person_id=tx.actor.person_id,
        signature_id=signature.id,
        recorded_at=tx.now,
    )
    tx.act = f"step.{act}"
    tx.add(item)
    return item


@locks_reentered
@action("step.reentered", needs=Permission.VERIFY)
def reenter_step(
    tx: Tx,
    *,
    step: StepRef,
    entry_id: str,
    values: Mapping[str, Any],
    typed: Mapping[str, str],
    reason: str,
    proof: Proof,
) -> bool:
    """Enter the values of a step again, unseen. Returns whether both agree; then the step is verified by signature.

    `values` are the parsed facts of reentry.asked_again, `typed` their texts. A difference is recorded and nothing is
    signed: either the entry is corrected, or it is entered once more with the reason. Raises Invalid for a blank.
    """
    record = writable(tx, step)
    entry = record.current(step.step_key)
    if entry is None or entry.id != entry_id:
        raise Refused(Blocker("corrected", "This entry was corrected in the meantime.", "Enter it again."))
    reasons = confirmation_blockers(record, entry, VERIFIED, tx.actor.person_id)
    if reasons:
        raise Refused(*reasons)
    asked = asked_again(entry, record.process.step(step.step_key))
    values, typed = compared_again(tx, record, type(entry), values, typed)
    found = {
        item.name: f"Fill in: {mid_sentence(item.fact.label)}."
        for item in asked
        if values.get(item.name) is None
    }
    if any(item.differs for item in record.reentries_of(entry)) and (wrong := reason_problem(reason)):
        found["reason"] = wrong
    found |= told_in(tx, record, {"reason": reason})
    codes = [item for item in asked if item.fact.type is FactType.CODE and not item.fact.private]
    others = {item.name: str(values[item.name]) for item in codes if values.get(item.name) != item.first}
    found |= numbers_in(tx, others)
    if found:
        raise Invalid(found)
    again = Reentry(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step.step_key,
        entry_id=entry.id,
        person_id=tx.actor.person_id,
        typed={item.name: typed.get(item.name, "") for item in asked},
        differs=differences(entry, record.process.step(step.step_key), values),
        reason=reason or None,
        recorded_at=tx.now,
    )
    tx.add(again)
    if not again.differs:
        _add_confirmation(tx, record, entry, VERIFIED, proof)
    project(tx.session, load_record(tx.session, record.batch))
    return not again.differs


def confirmation_blockers(record: BatchRecord, entry: Entry, act: str, person_id: str) -> tuple[Blocker, ...]:
    """Why this person cannot confirm this entry with this meaning (domain 9, finding 12: never the same person)."""
    open_for = [wanted for wanted in record.outstanding(entry) if wanted.act == act]
    if not open_for:
        return (Blocker("confirmed", f"Nobody needs to have this {act} now.", "Nothing needs to be done."),)
    if act == VERIFIED and any(record.same_human(known, person_id) for known in entry.hands()):
        return (
            Blocker(
                "same person",
                "Who performed or recorded a step cannot verify it, with no account they have.",
                "Another person who may verify signs.",
            ),
        )
    if act in (ATTESTED, GIVEN, RECEIVED) and Wanted(act, person_id) not in open_for:
        names = ", ".join(record.name(wanted.person_id) for wanted in open_for if wanted.person_id)
        return (Blocker("another person", f"{names} must sign this.", f"Ask {names} to sign on this page."),)
    return ()
