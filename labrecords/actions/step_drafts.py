"""What a person is typing in the form of a step, kept on the server until it is recorded.

It is no record: nobody has stated it yet. So no event is added, it is overwritten and deleted, and no rule reads it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from labrecords.actions.door import Acting, StepRef, Tx, transaction
from labrecords.actions.identity_keys import IdentityKeys
from labrecords.actions.identity_vault import record_numbers
from labrecords.domain.entries import CORRECTED, REPEATED, REPORTED, Entry
from labrecords.domain.facts import FactType, fact_at, facts_of
from labrecords.models.session import WriteSession
from labrecords.models.step_drafts import KEPT_FOR, StepDraft
from labrecords.models.trail import TrailEvent, TrailHead

RECORDED = "recorded"
"""The form with which a step is recorded first; the others go on from a recorded version."""
ENDED_BY = {
    RECORDED: (RECORDED, "paused", CORRECTED),
    CORRECTED: (CORRECTED,),
    REPEATED: (REPEATED,),
    REPORTED: (REPORTED, REPEATED),
}
"""For each form the last words of the acts with which what was typed in it is a record. What met a version of somebody
else becomes a correction of that one; an invalidated test begins anew, and its next report is a repeat."""
MOST_KEPT = 200_000
"""Characters of JSON; a form with 100 rows has about 20 000."""


def keep_draft(
    by: Acting, *, step: StepRef, kind: type[Entry], form: str, replaces: str, typed: Mapping[str, str]
) -> bool:
    """Keep what stands in one form of a step, in place of what the same person had typed in it before.

    `step.seen` is the version that the form was rendered with. Returns whether it was kept: not where it is too long,
    and not where the same person has recorded or paused the step since, as this may be what they had just sent.
    Nothing is kept of the entries that ask who the patient is, nor of a wristband that stands in the entry of a code.
    """
    private = {fact.name for fact in facts_of(kind) if fact.private}
    kept = {name: said for name, said in typed.items() if name not in private}
    if len(json.dumps(kept)) > MOST_KEPT:
        return False
    with transaction(by.store) as session:
        wristbands = _wristbands(session, by.keys, kind, kept)
        # Under the lock of the batch: an act that records this form comes wholly before, or wholly after.
        head = TrailHead.__table__
        session.execute(select(head.c.seq).where(head.c.chain == step.chain).with_for_update()).all()
        if _ended(session, by.actor.person_id, step, form):
            return False
        table, now = StepDraft.__table__, by.store.clock()
        mine = _mine(step, by.actor.person_id, form)
        session.execute(delete(table).where(or_(mine, table.c.kept_at <= now - KEPT_FOR)))
        values = {
            "batch_id": step.batch_id,
            "step_key": step.step_key,
            "person_id": by.actor.person_id,
            "form": form,
            "seen": step.seen,
            "replaces": replaces,
            "typed": json.dumps({name: said for name, said in kept.items() if name not in wristbands}),
            "kept_at": now,
        }
        session.execute(insert(table).values(values))
    return True


def discard_draft(by: Acting, *, step: StepRef, form: str) -> None:
    """Forget what a person had typed in a form of a step, as they wish."""
    with transaction(by.store) as session:
        session.execute(delete(StepDraft.__table__).where(_mine(step, by.actor.person_id, form)))


def forget_drafts(tx: Tx, batch_ids: Collection[str]) -> None:
    """Forget what anybody had typed in the forms of these batches: notes may tell who the patient is."""
    table = StepDraft.__table__
    tx.session.execute(delete(table).where(table.c.batch_id.in_(sorted(batch_ids))))


def end_draft(tx: Tx, step: StepRef, *forms: str) -> None:
    """In the act that records what was typed in these forms: it is no draft any longer."""
    tx.session.execute(delete(StepDraft.__table__).where(_mine(step, tx.actor.person_id, *forms)))


def _wristbands(
    session: Session, keys: IdentityKeys | None, kind: type[Entry], typed: Mapping[str, str]
) -> set[str]:
    """Names of the entries for a code in which the record number of a patient who is registered here stands."""
    entries = {name: fact_at(kind, name) for name, said in typed.items() if said}
    codes = {name: typed[name] for name, fact in entries.items() if fact and fact.type is FactType.CODE}
    if keys is None:
        return set()
    found = record_numbers(session, keys, set(codes.values()))
    return {name for name, said in codes.items() if said in found}


def _mine(step: StepRef, person_id: str, *forms: str) -> ColumnElement[bool]:
    table = StepDraft.__table__
    return and_(
        table.c.batch_id == step.batch_id,
        table.c.step_key == step.step_key,
        table.c.person_id == person_id,
        table.c.form.in_(forms),
    )


def _ended(session: WriteSession, person_id: str, step: StepRef, form: str) -> bool:
    """Whether this person has recorded such a form of the step since the version that the form has seen."""
    table = TrailEvent.__table__
    later = select(table.c.payload).where(
        table.c.chain == step.chain, table.c.subject == step.step_key, table.c.seq > (step.seen or 0)
    )
    events = [json.loads(bytes(payload)) for payload in session.execute(later).scalars()]
    return any(
        event["actor"]["id"] == person_id and event["act"].rpartition(".")[2] in ENDED_BY[form]
        for event in events
    )
