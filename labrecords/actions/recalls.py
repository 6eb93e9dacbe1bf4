"""Recalling: the line of the register by signature, then the word of it in the trail of every batch it takes in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from labrecords.actions.door import (
    MATERIALS,
    RECALLS,
    Acting,
    BatchRef,
    Invalid,
    Refused,
    Tx,
    action,
)
from labrecords.actions.projections import project, project_recent
from labrecords.actions.signing import Proof, sign_over
from labrecords.actions.steps import open_record
from labrecords.domain.custody.recalls import (
    RECALL_ENDED,
    RECALLED,
    Recall,
    RecallEnd,
    RecallMark,
    words_of,
)
from labrecords.domain.custody.traces import DAY, LOT, PERSON, SUBJECTS, is_day
from labrecords.domain.evidence.signatures import RECALL_WAS_ENDED, WAS_RECALLED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import Signature
from labrecords.domain.registers.lots import (
    LOT_RECALLED,
    LOT_REJECTED,
    QUARANTINE,
    Lot,
    told_apart,
    which,
    words_of_lot,
)
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import head_of, laboratory, load_record, people, record_of
from labrecords.models.lots import deliveries_of, delivery_versions, versions_of_number
from labrecords.models.recalls import (
    all_naming,
    marked_batches,
    recall_by_id,
    recalls_of_lot,
    standing_recalls,
)

NO_RECALL = Blocker("recall", "There is no such recall.", "Open the register of recalls.")


@dataclass(frozen=True)
class RecallFacts:
    """What is recalled: a subject and key of the trace, as typed for people, and the days it is about.

    The key of one of several lots with a number is as domain.registers.lots.which writes it.
    """

    subject: str
    key: str
    typed: str
    since: date | None
    until: date | None
    reason: str


@action("recall.signed", needs=Permission.RECALL, chains=(RECALLS, MATERIALS))
def recall(tx: Tx, *, facts: RecallFacts, proof: Proof) -> str:
    """Recall by signature, with the reason. It holds from this commit on for every batch that falls under it, now or
    later. Every delivery of a recalled lot is recalled in the register of lots. Returns the id of the recall.

    Refused where the same recall stands already.
    """
    wrong = _problems(tx, facts)
    if wrong:
        raise Invalid(wrong)
    days = (facts.since, facts.until)
    number = facts.key.partition("\n")[0]
    for known in standing_recalls(tx.session, facts.subject, number):
        covered = facts.subject != LOT or known.recall.key in (facts.key, number)
        if covered and (known.recall.since, known.recall.until) == days:
            raise Refused(
                Blocker(RECALLED, f"{known.recall.words} is recalled already.", "Open that recall.")
            )
    new_id = tx.new_id()
    signature = _signature(tx, proof, new_id, WAS_RECALLED)
    line = Recall(
        id=new_id,
        subject=facts.subject,
        key=facts.key,
        words=words_of(facts.subject, _name(tx, facts)),
        since=facts.since,
        until=facts.until,
        reason=facts.reason,
        person_id=tx.actor.person_id,
        by_name=tx.actor.name,
        signature_id=signature.id,
        recalled_at=tx.now,
    )
    tx.subject, tx.reason, tx.detail = new_id, facts.reason, {"recalled": line.words}
    tx.add(line)
    if facts.subject == LOT:
        _set_lots(tx, line, LOT_RECALLED, signature)
    return new_id


@action("recall.ended", needs=Permission.RECALL, chains=(RECALLS, MATERIALS))
def end_recall(tx: Tx, *, recall_id: str, reason: str, proof: Proof) -> str:
    """End a recall by signature, with the reason. Returns the id of the end.

    A lot goes back into quarantine: whether it may be used is checked anew. Refused where it was ended already.
    """
    known = recall_by_id(tx.session, recall_id)
    if known is None:
        raise Refused(NO_RECALL)
    if known.end is not None:
        raise Refused(Blocker(RECALL_ENDED, f"{known.end.by_name} ended this recall.", "Read the reason."))
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    signature = _signature(tx, proof, recall_id, RECALL_WAS_ENDED)
    end = RecallEnd(
        id=tx.new_id(),
        recall_id=recall_id,
        reason=reason,
        person_id=tx.actor.person_id,
        by_name=tx.actor.name,
        signature_id=signature.id,
        ended_at=tx.now,
    )
    tx.subject, tx.reason, tx.detail = recall_id, reason, {"recalled": known.recall.words}
    tx.add(end)
    about = known.recall
    if about.subject == LOT:
        _set_lots(tx, about, QUARANTINE, signature, reason)
    return end.id


@action("batch.recalled", needs=Permission.RECALL)
def mark_batch(tx: Tx, *, batch: BatchRef, recall_id: str, act: str) -> str:
    """Write into a batch's own trail that it fell under a recall, or that this recall was ended. Returns the id.

    Refused where it stands there already, and where the batch does not fall under it.
    """
    record = open_record(tx, batch.batch_id)
    known = next((one for one in record.recalls if one.recall.id == recall_id), None)
    if known is None or (act == RECALL_ENDED and known.end is None):
        raise Refused(Blocker("recall", "This batch does not fall under that recall.", "Open the recall."))
    if any((mark.recall_id, mark.act) == (recall_id, act) for mark in record.recall_marks):
        raise Refused(Blocker("recall", "This stands in the trail of the batch already.", ""))
    reason = known.end.reason if act == RECALL_ENDED and known.end else known.recall.reason
    tx.act, tx.reason = f"batch.{act.replace(' ', '_')}", reason
    mark = RecallMark(
        id=tx.new_id(),
        batch_id=record.batch.id,
        recall_id=recall_id,
        act=act,
        words=known.recall.words,
        reason=reason,
        person_id=tx.actor.person_id,
        marked_at=tx.now,
    )
    tx.add(mark)
    project(tx.session, load_record(tx.session, record.batch))
    return mark.id


def mark_batches(by: Acting, recall_id: str) -> int:
    """Write a recall, or its end, into the trail of every batch that falls under it and lacks it. Returns how many.

    Each batch is an act of its own: others go on recording meanwhile, and what a crash leaves out is made up for when
    this is asked again. What must not be done with the product does not wait for it.
    """
    with by.store.read() as session:
        known = recall_by_id(session, recall_id)
        if known is None:
            raise Refused(NO_RECALL)
        batches = list(all_naming(session, known))
        marked = {act: marked_batches(session, recall_id, act) for act in (RECALLED, RECALL_ENDED)}
    acts = (RECALLED,) if known.end is None else (RECALLED, RECALL_ENDED)
    return sum(
        _mark(by, batch_id, recall_id, act)
        for batch_id in batches
        for act in acts
        if batch_id not in marked[act]
    )


def _mark(by: Acting, batch_id: str, recall_id: str, act: str) -> int:
    with by.store.read() as session:
        if all(one.recall.id != recall_id for one in record_of(session, batch_id).recalls):
            return 0
    try:
        # The key of the form stays with the recall: this is an act of its own.
        mark_batch(
            Acting(by.store, by.actor, source=by.source),
            batch=BatchRef(batch_id),
            recall_id=recall_id,
            act=act,
        )
    except Refused:
        with by.store.read() as session:
            if batch_id in marked_batches(session, recall_id, act):
                return 0  # Somebody else has written it at the same moment.
        raise
    return 1


def _problems(tx: Tx, facts: RecallFacts) -> dict[str, str]:
    found = {}
    if facts.subject not in SUBJECTS:
        found["subject"] = "Choose what is recalled."
    if not facts.key or (facts.subject == PERSON and not people(tx.session, {facts.key})):
        found["key"] = "Enter its code, number or name as the trace finds it."
    if facts.key and facts.subject == DAY and not is_day(facts.key):
        found["key"] = "Enter the day as year, month and day: 2026-11-23."
    elif facts.subject == DAY and facts.key > _today(tx):
        found["key"] = "That day has not come yet."
    if facts.subject == LOT and "\n" in facts.key and _one_lot(tx, facts) is None:
        found["which"] = "The register knows no such lot any more. Choose again."
    if facts.since and facts.until and facts.since > facts.until:
        found["until"] = "The last day comes before the first."
    if wrong := reason_problem(facts.reason):
        found["reason"] = wrong
    return found


def _today(tx: Tx) -> str:
    return times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date().isoformat()


def _name(tx: Tx, facts: RecallFacts) -> str:
    """What is recalled, as people read it: a person's name, one of several lots with its maker, else as typed."""
    if facts.subject == PERSON:
        return str(people(tx.session, {facts.key})[0].name)
    lot = _one_lot(tx, facts)
    return words_of_lot(lot) if lot else facts.typed


def _one_lot(tx: Tx, facts: RecallFacts) -> Lot | None:
    """The registered lot that the key means; None where it means a number."""
    lots = (
        told_apart(versions_of_number(tx.session, facts.key.partition("\n")[0]))
        if facts.subject == LOT
        else {}
    )
    return lots.get(facts.key)


def _signature(tx: Tx, proof: Proof, subject: str, meaning: str) -> Signature:
    head, zone = head_of(tx.session, RECALLS), laboratory(tx.session).zone
    return sign_over(tx, proof, head, zone, subject, meaning)


def _set_lots(tx: Tx, about: Recall, status: str, signature: Signature, reason: str = "") -> None:
    """A new version of every delivery of the lot. What was rejected stays rejected, and what another recall is about
    stays recalled."""
    changed: Any = {
        "status": status,
        "reason": reason or about.reason,
        "person_id": tx.actor.person_id,
        "by_name": tx.actor.name,
        "signature_id": signature.id,
        "registered_at": tx.now,
    }
    for lot in deliveries_of(tx.session, about.traced_key):
        versions = delivery_versions(tx.session, lot.delivery_id)
        if about.of_one_lot and about.key not in map(which, versions):
            continue
        free = lot.status == LOT_RECALLED and not recalls_of_lot(tx.session, versions)
        wanted = free if status == QUARANTINE else lot.status != LOT_REJECTED
        if wanted and lot.status != status:
            tx.add(replace(lot, id=tx.new_id(), **changed))
    project_recent(tx.session, tx.now)
